//! What the user should know of how the inputs were read, for people's formats and standard error to put into words.

/// A remark: a key of the translations' `finding` section, and what its sentence says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The key.
    pub code: &'static str,
    /// Values by the names of the places in the sentence.
    pub values: Vec<(&'static str, String)>,
}

impl Remark {
    /// A remark without values.
    pub fn new(code: &'static str) -> Self {
        Self { code, values: Vec::new() }
    }

    /// The same with a value.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    /// The value of this name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(of, _)| *of == name).map(|(_, value)| value.as_str())
    }
}
