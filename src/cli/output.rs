//! From flags, configuration and the environment to a format, a style and the places results go.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::shared::OutputArgs;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::locale::{Lang, harmless};
use crate::masks::Masks;
use crate::present::sink::Sink;
use crate::present::{CutTexts, Format, Style};

/// The format: from the flag, the file's ending, the configuration, or the kind of standard output.
pub fn format(args: &OutputArgs, config: &Config) -> Result<Format> {
    let of_file = args.output.as_deref().and_then(Format::of_extension);
    if let (None, None, Some(ending)) =
        (args.format, of_file, args.output.as_deref().and_then(Path::extension))
    {
        let ending = harmless(&ending.to_string_lossy()).into_owned();
        return Err(Error::usage_of("no_format", &[("ending", ending)]));
    }
    let is_terminal = std::io::stdout().is_terminal();
    let format = match (args.format, &args.output) {
        (Some(format), _) => format,
        (None, Some(_)) if of_file.is_some() => of_file.unwrap_or(Format::Csv),
        (None, _) => match config.output.format {
            Some(format) => format,
            None if is_terminal && args.output.is_none() => Format::Table,
            None => Format::Csv,
        },
    };
    if format.is_binary() && is_terminal && args.output.is_none() {
        return Err(Error::usage_of("binary_format", &[]));
    }
    if args.keys && matches!(format, Format::Table | Format::Markdown) {
        return Err(Error::usage_of("keys_for_people", &[]));
    }
    if args.bom && !matches!(format, Format::Csv | Format::Tsv) {
        return Err(Error::usage_of("bom_elsewhere", &[]));
    }
    Ok(format)
}

/// Opens the result's destination, before any work is done.
pub fn sink(args: &OutputArgs) -> Result<Sink> {
    match args.output.as_deref() {
        None => Ok(Sink::Stdout),
        Some(path) if path.as_os_str() == "-" => Ok(Sink::Stdout),
        Some(path) => Sink::file(path),
    }
}

/// How tables are formatted on this terminal.
pub fn style(args: &OutputArgs, format: Format, config: &Config) -> Style {
    let lang = written_lang(args.lang, format, config);
    let is_terminal = args.output.is_none() && std::io::stdout().is_terminal();
    Style {
        locale: lang.locale(),
        width: width(is_terminal),
        has_color: args.output.is_none() && has_color(),
        is_ascii: lang == Lang::En && args.output.is_none() && !speaks_utf8(),
        limit: match args.limit {
            Some(0) => Some(usize::MAX),
            limit => limit,
        },
        shows_pii: args.show_pii || config.output.show_pii.unwrap_or(false),
        masks: Masks::default(),
        table: args.table.clone(),
        has_keys: args.keys,
        cut: CutTexts::default(),
        has_bom: args.bom,
    }
}

/// The language of texts in the result. In formats for machines it is English unless a flag says otherwise, so that
/// they do not depend on the user's system.
fn written_lang(asked: Option<Lang>, format: Format, config: &Config) -> Lang {
    if format.is_for_machines() { asked.unwrap_or(Lang::En) } else { lang(asked, config) }
}

/// The language for people: from the flag, the configuration, or the system. Errors are printed in it from here on.
pub fn lang(asked: Option<Lang>, config: &Config) -> Lang {
    let lang = asked.or(config.output.lang).unwrap_or_else(system_lang);
    speak(lang);
    lang
}

/// Sets the language in which errors are printed from here on.
pub fn speak(lang: Lang) {
    IS_CHINESE.store(lang == Lang::Zh, Ordering::Relaxed);
    IS_SETTLED.store(true, Ordering::Relaxed);
}

/// The language in which errors are printed so far.
pub fn spoken() -> Lang {
    match (IS_SETTLED.load(Ordering::Relaxed), IS_CHINESE.load(Ordering::Relaxed)) {
        (false, _) => system_lang(),
        (true, true) => Lang::Zh,
        (true, false) => Lang::En,
    }
}

/// Whether the language of the run is settled; the code that reports a failure has no access to the configuration.
static IS_SETTLED: AtomicBool = AtomicBool::new(false);
static IS_CHINESE: AtomicBool = AtomicBool::new(false);

fn system_lang() -> Lang {
    sys_locale::get_locale().map_or(Lang::En, |name| Lang::of_locale(&name))
}

/// Sets colours: always, never, or as the environment (`NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR`, `TERM`) and the
/// terminal decide.
pub fn paint(asked: Option<clap::ColorChoice>) {
    let choice = match asked {
        Some(clap::ColorChoice::Always) => anstream::ColorChoice::Always,
        Some(clap::ColorChoice::Never) => anstream::ColorChoice::Never,
        Some(clap::ColorChoice::Auto) | None => {
            let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
            match forced_by_zero(variable, std::io::stdout().is_terminal()) {
                true => anstream::ColorChoice::Never,
                false => anstream::ColorChoice::Auto,
            }
        }
    };
    choice.write_global();
}

/// Whether only `CLICOLOR_FORCE=0` would turn colours on: 0 must not force them, but anstream treats it like any other
/// value.
fn forced_by_zero(variable: impl Fn(&str) -> Option<OsString>, is_terminal: bool) -> bool {
    let is_wanted = variable("CLICOLOR").map(|value| value != "0");
    let has_colors = match variable("TERM") {
        Some(term) => term != "dumb",
        None => !cfg!(unix),
    };
    variable("CLICOLOR_FORCE").is_some_and(|value| value == "0")
        && !(is_terminal && is_wanted.unwrap_or(has_colors))
}

/// Whether standard output is coloured.
fn has_color() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

/// The width of the terminal on standard output, or `COLUMNS` if it is no terminal.
pub fn columns() -> Option<u16> {
    width(std::io::stdout().is_terminal())
}

fn width(is_terminal: bool) -> Option<u16> {
    let columns =
        std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).filter(|columns| *columns > 0);
    if !is_terminal {
        return columns;
    }
    terminal_size::terminal_size().map(|(width, _)| width.0).or(columns).or(Some(80))
}

/// Whether the system's locale uses UTF-8; always true on other systems than Unix.
fn speaks_utf8() -> bool {
    if !cfg!(unix) {
        return true;
    }
    let value = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    value.is_some_and(|value| value.to_ascii_lowercase().replace('-', "").contains("utf8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_zero_forces_no_colours() {
        let by_zero = |set: &[(&str, &str)], is_terminal| {
            let value =
                |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).into());
            forced_by_zero(value, is_terminal)
        };
        let (zero, xterm, dumb) = (("CLICOLOR_FORCE", "0"), ("TERM", "xterm"), ("TERM", "dumb"));
        assert!(by_zero(&[zero, xterm], false), "a pipe");
        assert!(by_zero(&[zero, dumb], true) && by_zero(&[zero], true), "a terminal without colours");
        assert!(by_zero(&[zero, xterm, ("CLICOLOR", "0")], true), "a terminal whose user wants none");
        assert!(!by_zero(&[zero, xterm], true) && !by_zero(&[zero, dumb, ("CLICOLOR", "1")], true));
        assert!(
            !by_zero(&[("CLICOLOR_FORCE", "1"), dumb], false) && !by_zero(&[dumb], true),
            "anstream knows"
        );
    }
}
