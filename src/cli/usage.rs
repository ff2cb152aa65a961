//! What to say beside clap's own words where a flag is taken for another.

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// What people look for under a name that no flag has.
const MEANT: [(&str, &str); 11] = [
    ("--merge", "identities.csv, which ecrm identity same A B writes, says whose ids are one person's"),
    ("--merge-by", "--identity phone joins customer ids that name the same phone, email and both are others"),
    ("--days", "--window N keeps the last N days"),
    ("--since", "--window N keeps the last N days"),
    ("--date", "--as-of DAY is the last day that counts"),
    ("--until", "--as-of DAY is the last day that counts"),
    ("--input", "files are named without a flag"),
    ("--file", "files are named without a flag"),
    ("--csv", "--format csv, or a file that ends in .csv with -o"),
    ("--json", "--format json, or a file that ends in .json with -o"),
    ("--top", "--limit N shows the first N rows"),
];

/// The same error with a tip on what may have been meant.
pub fn explained(mut error: clap::Error) -> clap::Error {
    if let Some(tip) = tip(&error) {
        error.remove(ContextKind::SuggestedArg);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

fn tip(error: &clap::Error) -> Option<&'static str> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let flag = text(ContextKind::InvalidArg);
    let flag = flag.split([' ', '=']).next().unwrap_or(flag);
    match error.kind() {
        ErrorKind::InvalidValue if flag == "--customers" && text(ContextKind::InvalidValue).is_empty() => {
            Some("--list lists the customers; --customers FILE names a customer export")
        }
        ErrorKind::UnknownArgument => MEANT.iter().find(|(name, _)| *name == flag).map(|(_, meant)| *meant),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::explained;
    use crate::cli::Cli;

    fn said(args: &[&str]) -> String {
        let error = Cli::try_parse_from([&["ecrm"], args].concat()).expect_err("wrong usage");
        explained(error).to_string()
    }

    #[test]
    fn a_list_asked_for_by_the_name_of_an_input_is_pointed_at() {
        for args in [&["segment", "orders.csv", "--customers"][..], &["value", "--customers", "-o", "a.csv"]]
        {
            let text = said(args);
            assert!(text.contains("tip: --list lists the customers"), "{text}");
        }
    }

    #[test]
    fn common_names_of_other_programs_are_explained() {
        for (name, tip) in super::MEANT {
            let text = said(&["rfm", "orders.csv", name, "7"]);
            assert!(text.contains(name) && text.contains(tip), "{text}");
        }
        // What is only misspelt is clap's.
        let text = said(&["rfm", "orders.csv", "--widow", "7"]);
        assert!(text.contains("--window"), "{text}");
    }
}
