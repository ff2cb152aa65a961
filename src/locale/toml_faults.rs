//! What the readers of TOML say of a file, in Chinese too. serde and toml say it in English alone.

use super::{LANGUAGES, Lang, Words, sentence};

/// The section of the translations: sentences of which the English ones are serde's and toml's own.
const FAULTS: &str = "toml";
/// The section of what values are, in the words of serde and toml.
const KINDS: &str = "toml_kind";

/// What `message`, of an error of serde or toml, says in each language; English is as it was. A message that is ours
/// holds both languages already ([`Words`] as they are displayed).
pub fn toml_fault(message: &str) -> Words {
    if let Some((en, zh)) = message.split_once(LANGUAGES) {
        return Words { en: en.to_owned(), zh: zh.to_owned() };
    }
    let zh = in_chinese(message).unwrap_or_else(|| said("other", &[("message", message.to_owned())]));
    Words { en: message.to_owned(), zh }
}

fn said(key: &str, values: &[(&str, String)]) -> String {
    Lang::Zh.locale().sentence(FAULTS, &sentence(key, values)).into_owned()
}

/// The message in Chinese, where it is of a form that is known.
fn in_chinese(message: &str) -> Option<String> {
    let of = |start: &str| message.strip_prefix(start);
    if let Some(rest) = of("unknown field `") {
        return choice("unknown_field", rest);
    }
    if let Some(rest) = of("unknown variant `") {
        return choice("unknown_variant", rest);
    }
    if let Some(rest) = of("missing field `") {
        return Some(said("missing_field", &[("seen", rest.trim_end_matches('`').to_owned())]));
    }
    if message == "duplicate key" || message.starts_with("duplicate field `") {
        return Some(said("duplicate", &[]));
    }
    let (seen, wanted) = of("invalid type: ").or_else(|| of("invalid value: "))?.split_once(", expected ")?;
    Some(said("wrong_kind", &[("seen", kind(seen)), ("expected", kind(wanted))]))
}

/// A name that is none of those known: `x`, expected one of `a`, `b`.
fn choice(key: &str, rest: &str) -> Option<String> {
    let (seen, known) = rest.split_once("`, expected ")?;
    let known = known.trim_start_matches("one of ").split(", ").flat_map(|name| name.split(" or "));
    let known = Words::names(known.map(|name| name.trim_matches('`')));
    Some(said(key, &[("seen", seen.to_owned()), ("known", known.zh)]))
}

/// What a value is, with the value (integer 5), or is to be (a string). Words that are not known are quoted.
fn kind(english: &str) -> String {
    let kinds = Lang::En.locale().sections.get(KINDS).into_iter().flatten();
    let rest_of = |kind: &str| {
        let rest = english.strip_prefix(kind)?;
        (rest.is_empty() || rest.starts_with(' ')).then(|| rest.trim_start().to_owned())
    };
    let found = kinds.filter_map(|(key, kind)| Some((key, kind.len(), rest_of(kind)?)));
    match found.max_by_key(|(_, len, _)| *len) {
        Some((key, _, rest)) => {
            let chinese = Lang::Zh.locale().get(KINDS, key);
            // The names of our own types say nothing to whoever writes the file.
            if rest.is_empty() || key == "table" { chinese.to_owned() } else { format!("{chinese} {rest}") }
        }
        None => format!("“{english}”"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "snake_case")]
    #[expect(dead_code, reason = "only what cannot be read is looked at")]
    struct File {
        name: Option<String>,
        days: Option<u8>,
        flag: Option<bool>,
        list: Option<Vec<String>>,
        part: Option<BTreeMap<String, String>>,
        lang: Option<Lang>,
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only what cannot be read is looked at")]
    struct Inner {
        needed: String,
    }

    #[test]
    fn what_serde_and_toml_say_is_said_in_chinese() {
        for (text, wanted) in [
            ("nam = 1", "没有 nam 这个键；可用的有 name、days、flag、list、part、lang、inner"),
            ("lang = \"fr\"", "没有 fr 这个取值；可用的有 en、zh"),
            ("[inner]", "缺少 needed"),
            ("name = 1\nname = 2", "同一个键写了两次"),
            ("name = 5", "写的是整数 `5`，应为：文本"),
            ("days = 300", "写的是整数 `300`，应为：0 到 255 的整数"),
            ("days = \"x\"", "写的是文本 \"x\"，应为：0 到 255 的整数"),
            ("flag = 1.5", "写的是小数 `1.5`，应为：true 或 false"),
            ("list = true", "写的是真假值 `true`，应为：列表"),
            ("name = []", "写的是列表，应为：文本"),
            ("part = 3", "写的是整数 `3`，应为：表"),
            ("inner = 3", "写的是整数 `3`，应为：表"),
        ] {
            let error = toml::from_str::<File>(text).expect_err(text);
            let words = toml_fault(error.message());
            assert_eq!((words.en.as_str(), words.zh.as_str()), (error.message(), wanted), "{text}");
        }
        // What toml says of the form of a file is quoted.
        let error = toml::from_str::<File>("name = \"x").expect_err("no end");
        assert_eq!(toml_fault(error.message()).zh, format!("写法有误（“{}”）", error.message()));
        let own = Words { en: "a".to_owned(), zh: "甲".to_owned() };
        assert_eq!(toml_fault(&own.to_string()), own);
    }
}
