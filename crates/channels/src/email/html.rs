//! HTML of mails: made safe for the console, turned into text, and made from text.
//!
//! [`sanitize`] is called before anybody sees a mail's HTML, [`to_text`] for mails without a text of their own, and
//! [`from_text`] for what goes out. Invariant: what [`sanitize`] returns has no script, loads nothing from afar, and
//! stays within its frame.

mod inline;
mod text;

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

pub use self::inline::with_images;
pub use self::text::{from_text, to_text};

/// Longest HTML that is shown, in bytes, and the deepest: the parser's work on unclosed elements grows faster than
/// their number.
const LONGEST: usize = 1 << 20;
const TAGS: usize = 10_000;

/// Properties of style that can neither load anything nor leave their place.
const STYLES: [&str; 28] = [
    "background-color",
    "border",
    "border-bottom",
    "border-collapse",
    "border-color",
    "border-left",
    "border-right",
    "border-spacing",
    "border-style",
    "border-top",
    "border-width",
    "color",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "height",
    "line-height",
    "list-style-type",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "text-align",
    "text-decoration",
    "vertical-align",
    "width",
];

/// Marks, between the filter and the result, a source that is to become data.
const REMOTE: &str = "switchboard-remote:";

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(cleaner);

fn cleaner() -> Builder<'static> {
    let mut builder = Builder::default();
    builder
        .add_tags(["font"])
        // A document's title is nothing its reader has seen.
        .add_clean_content_tags(["title"])
        .add_tag_attributes("a", ["target"])
        .add_tag_attributes("font", ["color", "size", "face"])
        .add_tag_attributes(
            "table",
            ["width", "border", "cellpadding", "cellspacing", "bgcolor"],
        )
        .add_tag_attributes("td", ["width", "valign", "bgcolor"])
        .add_tag_attributes("tr", ["valign", "bgcolor"])
        // By which a quotation is told from what is only moved in.
        .add_tag_attribute_values("blockquote", "type", ["cite"])
        .add_generic_attributes(["style", "dir"])
        .filter_style_properties(STYLES.into_iter().collect())
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "cid"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .set_tag_attribute_value("a", "target", "_blank")
        .strip_comments(true)
        .attribute_filter(attribute);
    builder
}

/// Only images that came with the mail keep their source, and nothing but a link has an address at all.
fn attribute<'a>(element: &str, name: &str, value: &'a str) -> Option<Cow<'a, str>> {
    match (element, name) {
        ("img", "src") if starts_with(value, "cid:") => Some(value.into()),
        ("img", "src") => is_remote(value).then(|| format!("{REMOTE}{value}").into()),
        ("a", "href") => (!starts_with(value, "cid:")).then_some(value.into()),
        (_, "cite") => None,
        // The property's name was checked; no value of it may load anything.
        (_, "style") => is_harmless(value).then_some(value.into()),
        _ => Some(value.into()),
    }
}

/// Backslashes are how CSS spells a word that is looked for in another way.
fn is_harmless(style: &str) -> bool {
    !style.contains('\\') && !style.to_ascii_lowercase().contains("url(")
}

fn is_remote(value: &str) -> bool {
    starts_with(value, "http://") || starts_with(value, "https://")
}

fn starts_with(value: &str, prefix: &str) -> bool {
    let begun = value.trim_start().as_bytes().get(..prefix.len());
    begun.is_some_and(|begun| begun.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// The HTML as it may be shown, in a sandboxed frame all the same: no scripts, forms or frames, few styles, links that
/// open apart; remote images lose their `src` and keep it as `data-remote-src`, images of the mail keep `cid:` until [`with_images`].
///
/// What is too long or too tangled to be parsed in good time is shown as its text.
pub fn sanitize(html: &str) -> String {
    if html.len() > LONGEST || html.bytes().filter(|byte| *byte == b'<').count() > TAGS {
        return from_text(&to_text(html));
    }
    let clean = CLEANER.clean(html).to_string();
    // Within an attribute a quotation mark is always escaped, so only real attributes (and at worst a sentence that
    // looks like one) change here; either way nothing is loaded that would not be.
    clean.replace(&format!(" src=\"{REMOTE}"), " data-remote-src=\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_or_loads_is_left() {
        let cases = [
            ("<script>alert(1)</script>a", "a"),
            ("<head><title>News</title></head><p>a</p>", "<p>a</p>"),
            ("<p onclick=\"x()\">a</p>", "<p>a</p>"),
            ("<iframe src=\"https://x.example\"></iframe>a", "a"),
            ("<form action=\"https://x.example\"><input name=a>b</form>", "b"),
            ("<img src=\"cid:logo@x\">", "<img src=\"cid:logo@x\">"),
            ("<img src=\"data:image/png;base64,AA\">", "<img>"),
            ("<img src=\"javascript:alert(1)\">", "<img>"),
            ("<img src=\"/relative.png\">", "<img>"),
            ("<img src=\"//x.example/a.png\">", "<img>"),
            ("<img srcset=\"https://x.example/a.png 2x\">", "<img>"),
            (
                "<a href=\"javascript:alert(1)\">a</a>",
                "<a target=\"_blank\" rel=\"noopener noreferrer nofollow\">a</a>",
            ),
            (
                "<p style=\"position:fixed;color:red\">a</p>",
                "<p style=\"color:red\">a</p>",
            ),
            (
                "<p style=\"color:red;border:url(https://x.example)\">a</p>",
                "<p>a</p>",
            ),
            ("<p style=\"border:u\\72l(https://x.example)\">a</p>", "<p>a</p>"),
            ("<body background=\"https://x.example/a.png\">a</body>", "a"),
            (
                "<!-- a --><base href=\"https://x.example\"><meta http-equiv=refresh><link rel=stylesheet href=x>b",
                "b",
            ),
            (
                "<svg><style>*{background:url(https://x.example)}</style></svg>b",
                "b",
            ),
            (
                "<blockquote cite=\"https://x.example\">a</blockquote>",
                "<blockquote>a</blockquote>",
            ),
            (
                "<blockquote type=\"cite\" class=\"x\">a</blockquote>",
                "<blockquote type=\"cite\">a</blockquote>",
            ),
        ];
        for (html, want) in cases {
            assert_eq!(sanitize(html), want, "{html}");
        }
    }

    #[test]
    fn remote_images_lose_their_source_and_keep_it_as_data() {
        let html = "<img alt=\"a\" src=\"HTTPS://x.example/a.png?b=1&amp;c=2\">";
        let clean = sanitize(html);
        assert!(
            clean.contains("data-remote-src=\"HTTPS://x.example/a.png?b=1&amp;c=2\""),
            "{clean}"
        );
        assert!(!clean.contains(" src="), "{clean}");
    }

    #[test]
    fn links_open_apart_and_tell_nobody_where_they_were() {
        let clean = sanitize("<a href=\"https://x.example/\" target=\"_top\" rel=\"opener\">a</a>");
        for part in [
            "href=\"https://x.example/\"",
            "target=\"_blank\"",
            "rel=\"noopener noreferrer nofollow\"",
        ] {
            assert!(clean.contains(part), "{clean}");
        }
    }

    #[test]
    fn unclosed_html_within_the_limits_is_cleaned_in_good_time() {
        for piece in [
            "<b>",
            "<table>",
            "<b><p>",
            "<a href=x><div>",
            "<i><blockquote>",
            "</p>",
            "<li><font>",
        ] {
            let tags = piece.matches('<').count();
            let begun = std::time::Instant::now();
            std::hint::black_box(sanitize(&piece.repeat(TAGS / tags)));
            // Half a second where it is worst; without the limit a mail of 1 MiB takes minutes.
            assert!(
                begun.elapsed() < std::time::Duration::from_secs(10),
                "{piece}: {:?}",
                begun.elapsed()
            );
        }
    }

    #[test]
    fn tangled_html_is_shown_as_text() {
        let tangled = "<b>".repeat(TAGS + 1) + "word & more";
        assert_eq!(sanitize(&tangled), "<p>word &amp; more</p>");
    }
}
