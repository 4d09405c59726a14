//! HTML to plain text and plain text to HTML, in one pass each.
//!
//! Called for mails that come without text, and for what goes out. Invariant: linear in the input, and the HTML made here
//! has nothing in it that the text could have put there.

use mail_parser::decoders::html::add_html_token;

/// Deepest quotation that is marked; deeper ones look like this one.
const QUOTES: usize = 5;
/// Longest name of an element or entity that is looked at, in bytes.
const LONGEST_NAME: usize = 12;

/// The words of HTML: blocks on lines of their own, quotations behind `>`, no scripts, styles or images.
pub fn to_text(html: &str) -> String {
    let mut page = Page::default();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (words, markup) = rest.split_at(start);
        page.words(words);
        rest = page.markup(markup);
    }
    page.words(rest);
    page.finish()
}

/// What has been read so far.
#[derive(Debug, Default)]
struct Page {
    text: String,
    quotes: usize,
    /// A space is due before the next word.
    is_apart: bool,
    /// Line ends due before the next word.
    breaks: usize,
    is_verbatim: bool,
}

impl Page {
    /// Reads from a `<` on; returns what is left behind it.
    fn markup<'h>(&mut self, markup: &'h str) -> &'h str {
        if let Some(comment) = markup.strip_prefix("<!--") {
            return comment.split_once("-->").map_or("", |(_, rest)| rest);
        }
        let begun = markup.get(1..).unwrap_or_default();
        if !begun.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            self.words("<");
            return begun;
        }
        let Some((tag, rest)) = begun.split_once('>') else {
            return "";
        };
        let is_end = tag.starts_with('/');
        let name = element(tag.trim_start_matches('/'));
        if !is_end && matches!(name.as_str(), "script" | "style" | "head" | "title" | "template") {
            return after(rest, &name);
        }
        self.element(&name, is_end);
        rest
    }

    fn element(&mut self, name: &str, is_end: bool) {
        match name {
            "br" => self.breaks = (self.breaks + 1).min(2),
            "blockquote" => {
                self.breaks = self.breaks.max(1);
                self.quotes = if is_end {
                    self.quotes.saturating_sub(1)
                } else {
                    self.quotes + 1
                };
            }
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "table" => self.breaks = 2,
            "pre" => {
                self.is_verbatim = !is_end;
                self.breaks = 2;
            }
            "li" if !is_end => {
                self.breaks = self.breaks.max(1);
                self.push("- ");
            }
            "div" | "tr" | "hr" | "li" | "section" | "article" | "header" | "footer" => {
                self.breaks = self.breaks.max(1);
            }
            "td" | "th" => self.is_apart = true,
            _ => {}
        }
    }

    fn words(&mut self, words: &str) {
        if self.is_verbatim {
            for (number, line) in words.split('\n').enumerate() {
                self.breaks = self.breaks.max(usize::from(number > 0));
                self.push(&unescape(line));
            }
            return;
        }
        self.is_apart |= words.starts_with(char::is_whitespace);
        for word in words.split_ascii_whitespace() {
            self.push(&unescape(word));
            self.is_apart = true;
        }
        self.is_apart &= words.is_empty() || words.ends_with(char::is_whitespace);
    }

    /// Puts words down, behind the line ends or the space that are due.
    fn push(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        let is_first = self.text.is_empty();
        if self.breaks > 0 || is_first {
            for _ in 0..(if is_first { 0 } else { self.breaks }) {
                self.text.push('\n');
            }
            self.text.push_str(
                "> > > > > "
                    .get(..2 * self.quotes.min(QUOTES))
                    .unwrap_or_default(),
            );
        } else if self.is_apart && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
        (self.breaks, self.is_apart) = (0, false);
        self.text.push_str(words);
    }

    fn finish(self) -> String {
        self.text.trim().to_owned()
    }
}

/// An element's name, in lower case.
fn element(tag: &str) -> String {
    let end = tag
        .bytes()
        .take(LONGEST_NAME)
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    tag.get(..end).unwrap_or_default().to_ascii_lowercase()
}

/// What follows the end of an element whose content is not text.
fn after<'h>(html: &'h str, name: &str) -> &'h str {
    let mut rest = html;
    while let Some((_, begun)) = rest.split_once("</") {
        if element(begun) == name {
            return begun.split_once('>').map_or("", |(_, rest)| rest);
        }
        rest = begun;
    }
    ""
}

/// Entities become what they stand for; what is none stays.
fn unescape(words: &str) -> String {
    let mut pieces = words.split('&');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.bytes().take(LONGEST_NAME).position(|byte| byte == b';');
        let entity = end.and_then(|end| piece.split_at_checked(end + 1));
        let (entity, rest) = entity.unwrap_or(("", piece));
        add_html_token(&mut text, format!("&{entity}").as_bytes(), false);
        text.push_str(rest);
    }
    text.replace('\u{a0}', " ")
        .replace(['\u{200b}', '\u{200c}', '\u{ad}', '\u{feff}', '\0'], "")
}

/// Text as simple HTML: paragraphs and line ends, everything escaped.
pub fn from_text(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    let text = text.replace("\r\n", "\n");
    for paragraph in text.split("\n\n").map(|paragraph| paragraph.trim_matches('\n')) {
        if paragraph.trim().is_empty() {
            continue;
        }
        html.push_str("<p>");
        html.push_str(&escape(paragraph).replace('\n', "<br>\n"));
        html.push_str("</p>");
    }
    html
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_reads_as_its_reader_sees_it() {
        let cases = [
            ("<p>Hello <b>World</b>!</p><p>Again</p>", "Hello World!\n\nAgain"),
            ("a<br>b<br/>c", "a\nb\nc"),
            ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
            ("<style>p{}</style><script>if (a < b) x()</script>words", "words"),
            ("<head><title>t</title></head><body>words</body>", "words"),
            (
                "caf&eacute; &amp; t&#233;a &#x1F600;&nbsp;x &unknown; & y",
                "caf\u{e9} & t\u{e9}a \u{1F600} x &unknown; & y",
            ),
            ("<ul><li>one<li>two</ul>", "- one\n- two"),
            (
                "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
                "a b\nc",
            ),
            (
                "mine<blockquote>yours<blockquote>theirs</blockquote></blockquote>end",
                "mine\n> yours\n> > theirs\nend",
            ),
            ("a <!-- b > c --> d", "a d"),
            ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
            ("<pre>a  b\n  c</pre>", "a  b\n  c"),
            ("cut <a href=\"x", "cut"),
        ];
        for (html, want) in cases {
            assert_eq!(to_text(html), want, "{html}");
        }
    }

    #[test]
    fn text_cannot_bring_markup_of_its_own() {
        let html = from_text("Hi <script>\"'&\nsecond\r\n\r\nnext\n\n\n\n");
        assert_eq!(
            html,
            "<p>Hi &lt;script&gt;&quot;&#39;&amp;<br>\nsecond</p><p>next</p>"
        );
        assert_eq!(to_text(&html), "Hi <script>\"'&\nsecond\n\nnext");
    }
}
