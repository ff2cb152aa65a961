//! Files with the name of an export but another format: shop systems name a web page `report.xls`, so that a
//! spreadsheet program opens it.

use crate::text;

/// The key of the sentence that names the format of a file that is not delimited text, by its first bytes.
pub(super) fn other_format(head: &[u8]) -> Option<&'static str> {
    const LOOKED_AT: usize = 1 << 10;
    const PAGE: [&str; 12] = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<meta",
        "<title",
        "<style",
        "<script",
        "<table",
        "<div",
        "<center",
        // A web page with its pictures in one file (MHTML).
        "mime-version:",
    ];
    const IMAGES: [&[u8]; 4] = [b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a"];
    if IMAGES.iter().any(|mark| head.starts_with(mark)) {
        return Some("image_file");
    }
    let text = text::trim(head);
    let start = String::from_utf8_lossy(&text[..text.len().min(LOOKED_AT)]).to_lowercase();
    // A page may begin with comments.
    let mut start = start.trim_start_matches('\u{feff}').trim_start();
    while let Some((_, rest)) = start.strip_prefix("<!--").and_then(|rest| rest.split_once("-->")) {
        start = rest.trim_start();
    }
    let is_page = |text: &str| PAGE.iter().any(|mark| text.starts_with(mark));
    if is_page(start) {
        return Some("web_page");
    }
    if let Some(rest) = start.strip_prefix("<?xml") {
        let is_page = rest.contains("<html") || rest.contains("xhtml");
        return Some(if is_page { "web_page" } else { "xml_file" });
    }
    if start.starts_with("%pdf-") {
        return Some("pdf_file");
    }
    is_json(start).then_some("json_file")
}

/// Whether a text begins as a JSON array or object does; no header does.
fn is_json(start: &str) -> bool {
    let inner = start.strip_prefix('[').map_or(start, str::trim_start);
    let Some(inner) = inner.strip_prefix('{') else { return false };
    inner
        .trim_start()
        .strip_prefix('"')
        .and_then(|key| key.split_once('"'))
        .is_some_and(|(_, rest)| rest.trim_start().starts_with(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_data_of_other_kinds_are_told_by_how_they_begin() {
        for (head, kind) in [
            ("<html><body><table><tr><td>order_id</td>", "web_page"),
            ("\u{feff}\r\n <!DOCTYPE HTML PUBLIC \"-//W3C\">", "web_page"),
            ("<!-- made by a shop -->\n<TABLE border=1>", "web_page"),
            ("<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\">", "web_page"),
            ("MIME-Version: 1.0\nContent-Type: multipart/related", "web_page"),
            (
                "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">",
                "xml_file",
            ),
            ("[{\"order_id\": 1}]", "json_file"),
            ("{ \"orders\" : []}", "json_file"),
            ("%PDF-1.7", "pdf_file"),
        ] {
            assert_eq!(other_format(head.as_bytes()), Some(kind), "{head}");
        }
        assert_eq!(other_format(b"\x89PNG\r\n\x1a\n\0\0"), Some("image_file"));
        assert_eq!(other_format(b"\xff\xd8\xff\xe0\0\x10JFIF"), Some("image_file"));
        for head in ["order_id,amount\n1,2", "<id>,amount", "[id],[amount]", "{id};{amount}", "\"a\",\"b\""] {
            assert_eq!(other_format(head.as_bytes()), None, "{head}");
        }
    }
}
