//! The shop's logo, which is embedded in the page.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::error::{Error, Result};

/// The largest size of a logo in bytes. The page holds it once and should stay below 1.5 MB.
const MAX_BYTES: usize = 256 << 10;

/// An image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    media_type: &'static str,
    bytes: Vec<u8>,
}

impl Logo {
    /// Reads a PNG, JPEG or SVG file.
    ///
    /// # Errors
    /// When it cannot be read, is no such image or is larger than 256 KiB.
    pub fn read(path: &Path) -> Result<Self> {
        let refused = |key: &str| Error::input_of(path.display().to_string(), key, &[]);
        let length = std::fs::metadata(path).map_err(|error| Error::io("read", path, error))?.len();
        if length > MAX_BYTES as u64 {
            return Err(refused("logo_large"));
        }
        let bytes = std::fs::read(path).map_err(|error| Error::io("read", path, error))?;
        let media_type = media_type(&bytes).ok_or_else(|| refused("logo_kind"))?;
        Ok(Self { media_type, bytes })
    }

    /// The image as a `data:` URL. An SVG in an `img` element runs no script and loads nothing.
    pub(super) fn url(&self) -> String {
        format!("data:{};base64,{}", self.media_type, STANDARD.encode(&self.bytes))
    }
}

/// The media type of an image, from its first bytes.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        _ => is_svg(bytes).then_some("image/svg+xml"),
    }
}

/// Whether the bytes are XML whose first element is `svg`.
fn is_svg(bytes: &[u8]) -> bool {
    let mut reader = Reader::from_reader(bytes);
    let mut buffer = Vec::new();
    let mut depth = 0_u32;
    let mut is_first = true;
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) => {
                if is_first && element.local_name().as_ref() != "svg" {
                    return false;
                }
                (is_first, depth) = (false, depth + 1);
            }
            Ok(Event::Empty(element)) if is_first => return element.local_name().as_ref() == "svg",
            Ok(Event::End(_)) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return true;
                }
            }
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_known_by_what_it_begins_with() {
        for (bytes, expected) in [
            (&b"\x89PNG\r\n\x1a\nrest"[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (
                b"<?xml version='1.0'?><!-- ours --><svg xmlns='http://www.w3.org/2000/svg'/>",
                Some("image/svg+xml"),
            ),
            (b"<svg xmlns='http://www.w3.org/2000/svg'><g></g></svg>", Some("image/svg+xml")),
            (b"<html><svg></svg></html>", None),
            (b"<svg><g></svg>", None),
            (b"<svg>", None),
            (b"GIF89a", None),
            (b"an svg", None),
            (b"", None),
        ] {
            assert_eq!(media_type(bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn what_is_no_image_or_too_large_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("logo.png");
        std::fs::write(&path, "no image").expect("written");
        let error = Logo::read(&path).expect_err("no image").to_string();
        assert!(error.contains("logo.png") && error.contains("PNG"), "{error}");
        std::fs::write(&path, vec![0; MAX_BYTES + 1]).expect("written");
        let error = Logo::read(&path).expect_err("too large").to_string();
        assert!(error.contains("256"), "{error}");
    }
}
