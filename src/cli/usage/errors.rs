//! Messages about a wrong command line in Chinese. The English ones are clap's own.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::help::error_text;
use super::refused::Refused;
use crate::locale::Lang;

/// The message, hints, the usage, and where to find help; `None` for errors that only the system describes.
pub fn in_chinese(error: &clap::Error) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("、"),
        Some(ContextValue::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let (argument, value) = (text(ContextKind::InvalidArg), text(ContextKind::InvalidValue));
    let command = text(ContextKind::InvalidSubcommand);
    let key = match error.kind() {
        ErrorKind::ArgumentConflict if text(ContextKind::PriorArg) == argument => "repeated",
        ErrorKind::ArgumentConflict => "conflict",
        ErrorKind::NoEquals => "no_equals",
        ErrorKind::InvalidValue if value.is_empty() => "no_value",
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => "value",
        ErrorKind::InvalidSubcommand => "command",
        ErrorKind::MissingRequiredArgument => "required",
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "no_command",
        ErrorKind::InvalidUtf8 => "not_utf8",
        ErrorKind::TooManyValues => "too_many",
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => "count",
        ErrorKind::UnknownArgument => "argument",
        _ => return None,
    };
    let places = [
        ("argument", argument.as_str()),
        ("value", value.as_str()),
        ("command", command.as_str()),
        ("other", &text(ContextKind::PriorArg)),
        ("why", &why(error)),
        ("given", &text(ContextKind::ActualNumValues)),
        ("wanted", &format!("{}{}", text(ContextKind::MinValues), text(ContextKind::ExpectedNumValues))),
    ];
    let locale = Lang::Zh.locale();
    let mut said = locale.marked("error", &error_text(key, &places));
    for (kind, key) in [(ContextKind::ValidValue, "values"), (ContextKind::ValidSubcommand, "commands")] {
        if let Some(ContextValue::Strings(valid)) = error.get(kind).filter(|_| !text(kind).is_empty()) {
            said += &format!("\n  {}", error_text(key, &[("all", &valid.join("、"))]));
        }
    }
    hints(error).iter().for_each(|hint| said += &format!("\n{}", locale.marked("hint", hint)));
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        said += &format!("\n\n{}", usage.to_string().replacen("Usage: ", "用法：", 1));
    }
    Some(format!("{said}\n\n{}\n", error_text("more", &[])))
}

/// Hints at what the user may have meant.
fn hints(error: &clap::Error) -> Vec<String> {
    let mut hints = Vec::new();
    for kind in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue] {
        let near = match error.get(kind) {
            Some(ContextValue::String(near)) => near.clone(),
            Some(ContextValue::Strings(near)) => near.join("、"),
            _ => continue,
        };
        hints.push(error_text("near", &[("near", &near)]));
    }
    if let Some(ContextValue::StyledStrs(tips)) = error.get(ContextKind::Suggested) {
        hints.extend(tips.iter().map(|tip| translated(&tip.to_string())));
    }
    hints
}

/// A tip in Chinese. clap itself has two tips, which are in English; all others are from this program and already in
/// Chinese.
fn translated(tip: &str) -> String {
    let as_value = tip.strip_prefix("to pass '").and_then(|rest| rest.split_once("' as a value, use '"));
    let elsewhere = tip.strip_prefix('\'').and_then(|rest| rest.strip_suffix("' exists"));
    match (as_value, elsewhere) {
        (Some((value, rest)), _) => {
            error_text("as_value", &[("value", value), ("written", rest.trim_end_matches('\''))])
        }
        (None, Some(written)) => error_text("elsewhere", &[("written", written)]),
        (None, None) => tip.to_owned(),
    }
}

/// Why a value is refused: by one of our own rules, or because it lies outside a range of whole numbers.
fn why(error: &clap::Error) -> String {
    let Some(source) = std::error::Error::source(error) else { return String::new() };
    if let Some(refused) = source.downcast_ref::<Refused>() {
        return format!("：{}", refused.0.zh);
    }
    let source = source.to_string();
    let range = source.split_once(" is not in ").map(|(_, range)| range);
    match range.and_then(|range| range.split_once("..=").or_else(|| range.split_once(".."))) {
        Some((least, most)) if !most.is_empty() => {
            format!("：{}", error_text("range", &[("least", least), ("most", most)]))
        }
        _ => format!("：{}", error_text("number", &[])),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    fn said(args: &[&str]) -> String {
        let error = Cli::try_parse_from([&["ecrm"], args].concat()).expect_err("wrong usage");
        in_chinese(&super::super::explained(error, Lang::Zh)).expect("said in Chinese")
    }

    #[test]
    fn what_is_wrong_with_a_command_line_is_said_in_chinese() {
        for (args, wanted) in [
            (&["rfm", "--window", "0"][..], "--window <N> 的值 0 无效：应在 1 到 100000 之间"),
            (&["rfm", "--window", "ten"], "--window <N> 的值 ten 无效：应为整数"),
            (&["rfm", "--widow", "7"], "没有参数 --widow"),
            (&["rfm", "--window"], "--window <N> 缺少值"),
            (&["rfm", "--method", "best"], "可选值：quantile、ntile、fixed"),
            (&["rfm", "-q", "-v"], "不能与"),
            (&["store", "whoo"], "没有命令 whoo"),
            (&["tag", "add"], "缺少必需的参数"),
            (&["rfm", "--map", "x"], "--map"),
            (&["import", "a.csv", "--wait", "soon"], "soon"),
            (&["--window", "7", "rfm", "a.csv"], "可以这样写：rfm --window"),
            (&["rfm", "--sections", "overview"], "--sections 是 report 的参数"),
        ] {
            let text = said(args);
            assert!(text.contains(wanted), "{args:?}: {text}");
            for english in [
                "Usage",
                "tip:",
                "For more",
                "invalid",
                "unexpected",
                "required",
                "is not",
                "exists",
                "similar",
            ] {
                assert!(!text.contains(english), "{args:?}: {english}: {text}");
            }
        }
    }
}
