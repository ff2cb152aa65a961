//! The parts of the page around the sections: head, title, contents and foot.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Body, Page, Section, parts, says};
use crate::answer::{Input, Report};
use crate::error::Result;
use crate::locale::{Locale, grouped, harmless};
use crate::present::{Style, words};

/// The only style sheet. The page's content security policy allows it by its digest and forbids every other style.
const STYLE: &str = include_str!("style.css");

pub(super) fn html(page: &Page<'_>, style: &Style) -> Result<Markup> {
    let locale = style.locale;
    let title = page.title.unwrap_or_else(|| locale.get("page", "title"));
    let title = harmless(title);
    let mut sections = Vec::with_capacity(page.sections.len());
    for section in &page.sections {
        sections.push(whole(section, page.whole, style)?);
    }
    Ok(html! {
        (DOCTYPE)
        html lang=(language(locale)) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "ecrm " (env!("CARGO_PKG_VERSION")) };
                // Without an icon the browser would ask the server for one.
                link rel="icon" href="data:,";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { (locale.get("page", "skip")) }
                header {
                    @if let Some(logo) = page.logo { img.logo src=(logo.url()) alt="" height="48"; }
                    div {
                        h1 { (title) }
                        p.scope { (scope(page, style)) }
                    }
                }
                (contents(page, locale))
                main id="main" tabindex="-1" {
                    @for section in &sections { (section) }
                }
                footer {
                    p { (foot(page, locale)) }
                }
            }
        }
    })
}

/// A section with its heading. If the question cannot be answered, the section says what is needed.
fn whole(section: &Section, page: &Report, style: &Style) -> Result<Markup> {
    let locale = style.locale;
    let (name, title) = (section.name, locale.get("section", section.name));
    let heading = format!("{name}-title");
    let body = match &section.body {
        Body::Answered(reports, notes) => {
            let said = says::of(name, reports, style)?;
            let parts = parts::of(name, reports, style)?;
            // A single chart that is not wide stands beside the sentences if there is room.
            let is_pair = matches!(parts.charts.as_slice(), [chart] if !chart.is_wide);
            html! {
                div class=(if is_pair { "body pair" } else { "body" }) {
                    div.text {
                        @for sentence in &said.says { p.says { (sentence) } }
                        @for sentence in &said.todo {
                            p.todo { strong { (locale.get("page", "todo")) } (sentence) }
                        }
                        (parts.beside)
                    }
                    @if !parts.charts.is_empty() {
                        div.charts { @for chart in &parts.charts { (chart.markup) } }
                    }
                }
                (parts.tables)
                @let own = words::own_scope(reports, page, locale);
                @if !notes.is_empty() || own.is_some() {
                    ul.notes { @for note in own.iter().chain(notes) { li { (note) } } }
                }
            }
        }
        Body::Missing(sentences) => html! {
            div.missing { @for sentence in sentences { p { (sentence) } } }
        },
    };
    Ok(html! {
        section id=(name) aria-labelledby=(heading) {
            h2 id=(heading) { (title) }
            (body)
        }
    })
}

/// The table of contents.
fn contents(page: &Page<'_>, locale: &Locale) -> Markup {
    html! {
        nav aria-label=(locale.get("page", "contents")) {
            ul {
                @for section in &page.sections {
                    li { a href={ "#" (section.name) } { (locale.get("section", section.name)) } }
                }
            }
        }
    }
}

/// The line with the day, the number of customers and orders, and the currency of the page.
fn scope(page: &Page<'_>, style: &Style) -> String {
    let locale = style.locale;
    let mut line = words::scope_line(page.whole, locale);
    // The page may be passed on to people who do not know the command, so it shows the conditions. These may name
    // somebody's phone number, which is masked.
    for key in ["where", "orders_where"] {
        if let Some(condition) = page.whole.parameters.get(key).and_then(Value::as_str) {
            let condition = style.masks.text(condition);
            let said = locale.get("page", key).replace("{condition}", &harmless(&condition));
            line.push_str(&format!(" · {said}"));
        }
    }
    if let Some(currency) = page.whole.parameters.get("currency").and_then(Value::as_str) {
        line.push_str(" · ");
        line.push_str(&locale.get("page", "currency").replace("{currency}", &harmless(currency)));
    }
    line
}

/// The line with the inputs that were read, and the program that read them.
fn foot(page: &Page<'_>, locale: &Locale) -> String {
    /// The most inputs that are named. A folder of daily exports has more.
    const MAX_NAMED: usize = 12;
    let inputs = &page.whole.inputs;
    let named = inputs.iter().take(MAX_NAMED).map(|Input { name, table, row_count }| {
        let values = [("file", harmless(name).into_owned()), ("canonical", (*table).to_owned())];
        let values = [&values[..], &[("rows", row_count.to_string())]].concat();
        locale.sentence("page", &crate::locale::sentence("input", &values)).into_owned()
    });
    let mut named: Vec<String> = named.collect();
    if inputs.len() > MAX_NAMED {
        let others = grouped(&(inputs.len() - MAX_NAMED).to_string());
        named.push(locale.get("page", "more_inputs").replace("{count}", &others));
    }
    let named = named.join(locale.get("text", "listed"));
    let made = locale.get("page", "made").replace("{version}", env!("CARGO_PKG_VERSION"));
    format!("{made} {named}")
}

/// The page loads nothing and runs no script. Its images are part of the page itself.
fn policy() -> String {
    let digest = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
}

fn language(locale: &Locale) -> &'static str {
    match locale.lang {
        crate::locale::Lang::En => "en",
        crate::locale::Lang::Zh => "zh-Hans",
    }
}
