//! The tables of a section, collapsed below their charts, with every number that a chart shows.

use maud::{Markup, html};

use super::sheet::Sheet;

/// The most rows of a table on the page: as many as a week has hours. The command has the others.
const MAX_ROWS: usize = 7 * 24;

/// A table that opens when its title is clicked.
pub(super) fn folded(id: &str, sheet: &Sheet<'_>) -> Markup {
    let title = title(sheet);
    html! {
        details {
            summary { (sheet.style.locale.get("page", "table").replace("{title}", &title)) }
            (table(id, sheet, &title))
        }
    }
}

/// The title of a table.
pub(super) fn title(sheet: &Sheet<'_>) -> String {
    sheet.report.name_of(sheet.table, sheet.style.locale).to_owned()
}

/// The title of a table together with what is shown of it, unless the title already contains that.
pub(super) fn titled(sheet: &Sheet<'_>, what: &str) -> String {
    let title = title(sheet);
    match title.contains(what) {
        true => title,
        false => sheet.style.locale.get("page", "titled").replace("{title}", &title).replace("{what}", what),
    }
}

/// A table in a box that scrolls where the screen is narrow. The first column is the heading of its row.
fn table(id: &str, sheet: &Sheet<'_>, title: &str) -> Markup {
    let locale = sheet.style.locale;
    let columns: Vec<_> = sheet.columns().collect();
    let rows = sheet.height().min(MAX_ROWS);
    html! {
        div.scroll role="region" tabindex="0" aria-labelledby={ (id) "-caption" } {
            table id=(id) {
                caption id={ (id) "-caption" } { (title) }
                thead {
                    tr {
                        @for (spec, is_number) in &columns {
                            th scope="col" class=[is_number.then_some("number")] { (sheet.heading(spec.name)) }
                        }
                    }
                }
                tbody {
                    @for row in 0..rows {
                        tr {
                            @for (place, (spec, is_number)) in columns.iter().enumerate() {
                                @let text = sheet.shown(spec.name, row);
                                @if place == 0 {
                                    th scope="row" class=[is_number.then_some("number")] { (text) }
                                } @else {
                                    td class=[is_number.then_some("number")] { (text) }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if rows < sheet.height() {
            @let shown = rows.to_string();
            @let total = crate::locale::grouped(&sheet.height().to_string());
            p.more {
                (locale.get("page", "more_rows").replace("{shown}", &shown).replace("{total}", &total))
                " " code { "ecrm " (sheet.report.name) }
            }
        }
    }
}
