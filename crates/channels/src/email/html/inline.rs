//! Images that came with a mail, put into its HTML where it names them (`cid:`, RFC 2392).
//!
//! Called for HTML that was made safe. Invariant: an image is shown for what its bytes are, of the kinds that can do
//! nothing, and the result grows by no more than [`MOST`] bytes of images, however often one is named.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use super::starts_with;
use crate::email::mail::Attachment;

/// Bytes of images that one mail is shown with, each time it names one.
const MOST: usize = 8 << 20;
/// What stands before a source in HTML that was made safe.
const SOURCE: &str = " src=\"";
const SCHEME: &str = "cid:";

/// The HTML with the images that it names as data; what it names and has not, or what is no image, stays a name.
pub fn with_images(clean: &str, files: &[Attachment]) -> String {
    let (mut shown, mut left) = (String::with_capacity(clean.len()), MOST);
    let mut rest = clean;
    while let Some((before, behind)) = rest.split_once(SOURCE) {
        shown.push_str(before);
        shown.push_str(SOURCE);
        let (source, after) = behind.split_at(behind.find('"').unwrap_or(behind.len()));
        match image(source, files).filter(|(_, content)| content.len() <= left) {
            Some((kind, content)) => {
                left -= content.len();
                shown.extend(["data:image/", kind, ";base64,"]);
                STANDARD.encode_string(content, &mut shown);
            }
            None => shown.push_str(source),
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// The image that a source names, and its kind.
fn image<'a>(source: &str, files: &'a [Attachment]) -> Option<(&'static str, &'a [u8])> {
    let named = starts_with(source, SCHEME).then(|| source.trim_start().get(SCHEME.len()..))??;
    let named = named.replace("&amp;", "&");
    let named: Cow<'_, str> = percent_decode_str(&named).decode_utf8().ok()?;
    let is_it = |file: &&Attachment| file.content_id.as_deref() == Some(named.as_ref());
    let content = files.iter().find(is_it)?.content.as_slice();
    Some((kind(content)?, content))
}

/// What an image's first bytes say that it is, whatever its sender does. Drawings (SVG) are documents of their own.
fn kind(content: &[u8]) -> Option<&'static str> {
    match content {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("png"),
        [0xff, 0xd8, 0xff, ..] => Some("jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(id: &str, content: &[u8]) -> Attachment {
        Attachment {
            name: String::new(),
            // What is said of it is not asked.
            media_type: "text/html".to_owned(),
            content_id: Some(id.to_owned()),
            is_inline: true,
            content: content.to_vec(),
        }
    }

    const GIF: &[u8] = b"GIF89a...";

    #[test]
    fn an_image_that_is_named_stands_in_its_place() {
        let files = [file("logo&1@x", GIF), file("script@x", b"<svg onload=alert(1)>")];
        let data = format!("data:image/gif;base64,{}", STANDARD.encode(GIF));
        for (html, want) in [
            ("<img src=\"cid:logo&amp;1@x\">", format!("<img src=\"{data}\">")),
            (
                "<b>a</b><img alt=\"\" src=\"CID:logo%261%40x\">b",
                format!("<b>a</b><img alt=\"\" src=\"{data}\">b"),
            ),
            (
                "<img src=\"cid:other@x\">",
                "<img src=\"cid:other@x\">".to_owned(),
            ),
            (
                "<img src=\"cid:script@x\">",
                "<img src=\"cid:script@x\">".to_owned(),
            ),
            (
                "<img data-remote-src=\"https://x\">",
                "<img data-remote-src=\"https://x\">".to_owned(),
            ),
            ("said src=\"cid:", "said src=\"cid:".to_owned()),
        ] {
            assert_eq!(with_images(html, &files), want, "{html}");
        }
    }

    #[test]
    fn naming_an_image_again_and_again_does_not_grow_without_end() {
        let mut large = GIF.to_vec();
        large.resize(MOST / 4, 0);
        let shown = with_images(&"<img src=\"cid:a\">".repeat(1_000), &[file("a", &large)]);
        assert_eq!(shown.matches("data:image/gif").count(), 4);
        assert_eq!(shown.matches("src=\"cid:a\"").count(), 996);
        assert!(shown.len() < 2 * MOST);
    }

    #[test]
    fn each_kind_is_known_by_its_bytes() {
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n..."), Some("png"));
        assert_eq!(kind(b"\xff\xd8\xff\xe0"), Some("jpeg"));
        assert_eq!(kind(b"RIFF\0\0\0\0WEBPVP8 "), Some("webp"));
        for other in [&b""[..], b"<svg/>", b"GIF", b"RIFF\0\0\0\0WAVE"] {
            assert_eq!(kind(other), None);
        }
    }
}
