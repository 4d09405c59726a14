//! What somebody wrote anew in a mail: its text without what it quotes, and without the signature.
//!
//! Called by the core for each mail that is read; the full text is kept beside it. Invariant: linear (each line is looked
//! at a bounded number of times, and only its beginning and end), and a mail that is nothing but quotation stays whole.

mod phrases;

/// Lines that an attribution may be broken into, and its longest length in bytes.
const ATTRIBUTION_LINES: usize = 3;
const LONGEST_ATTRIBUTION: usize = 400;
/// How far below the sender's line of a copied header its other lines may stand.
const HEADER_LINES: usize = 8;

/// The reply alone.
pub fn strip(text: &str) -> String {
    let kept = without_quotes(&Lines::of(text));
    let kept = without_signature(&kept);
    let reply = join(kept);
    if reply.is_empty() {
        text.trim().to_owned()
    } else {
        reply
    }
}

/// A mail's lines, each with the header field that it may be a copy of.
struct Lines<'t> {
    text: Vec<&'t str>,
    fields: Vec<Option<phrases::Field>>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let text: Vec<&str> = text.lines().map(str::trim_end).collect();
        let fields = text.iter().map(|line| phrases::header_field(line)).collect();
        Self { text, fields }
    }

    fn get(&self, at: usize) -> Option<&'t str> {
        self.text.get(at).copied()
    }

    /// The next line from here on that is not empty; bounded, as a client leaves few lines free.
    fn below(&self, from: usize) -> Option<&'t str> {
        let next = self.text.get(from..)?.iter().take(HEADER_LINES);
        next.copied().find(|line| !line.trim().is_empty())
    }

    fn is_quoted_below(&self, from: usize) -> bool {
        self.below(from)
            .is_some_and(|line| line.trim_start().starts_with('>'))
    }
}

/// The lines that are the writer's own.
fn without_quotes<'t>(lines: &Lines<'t>) -> Vec<&'t str> {
    let mut own = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        match what_begins(lines, at) {
            Found::Own => own.push(line),
            Found::Quoted => {}
            Found::Attribution(length) => at += length - 1,
            Found::EverythingQuoted => break,
            Found::Forwarded => {
                own.extend(lines.text.get(at..).unwrap_or_default());
                break;
            }
        }
        at += 1;
    }
    own
}

/// What a line is.
enum Found {
    Own,
    Quoted,
    /// So many lines that say who wrote what is quoted below them.
    Attribution(usize),
    /// From here on the mail that is answered, without marks.
    EverythingQuoted,
    /// From here on a mail that is passed on: that is what its sender wants to say.
    Forwarded,
}

fn what_begins(lines: &Lines<'_>, at: usize) -> Found {
    let line = lines.get(at).unwrap_or_default();
    if line.trim_start().starts_with('>') {
        return Found::Quoted;
    }
    match phrases::separator(line) {
        Some(phrases::Separator::Original) => return Found::EverythingQuoted,
        Some(phrases::Separator::Forwarded) => return Found::Forwarded,
        None => {}
    }
    if begins_copied_header(lines, at) {
        return Found::EverythingQuoted;
    }
    let Some(length) = attribution(lines, at) else {
        return Found::Own;
    };
    if lines.is_quoted_below(at + length) {
        Found::Attribution(length)
    } else {
        Found::EverythingQuoted
    }
}

/// How many lines from here on are an attribution ("On … wrote:"), if they are one.
fn attribution(lines: &Lines<'_>, at: usize) -> Option<usize> {
    let first = lines.get(at)?.trim();
    let is_opened = phrases::opens_attribution(first);
    let mut joined = String::new();
    for length in 1..=ATTRIBUTION_LINES {
        let line = lines.get(at + length - 1)?.trim();
        if line.is_empty() || joined.len() + line.len() > LONGEST_ATTRIBUTION {
            return None;
        }
        joined.push_str(line);
        joined.push(' ');
        if line.ends_with([':', '\u{ff1a}']) && phrases::closes_attribution(&joined) {
            // Above a quotation without marks only an address or a time of day tells it from a sentence.
            let is_quoted = lines.is_quoted_below(at + length) && (is_opened || length == 1);
            let is_attribution = is_quoted || (is_opened && phrases::names_somebody(&joined));
            return is_attribution.then_some(length);
        }
        if !is_opened {
            return None;
        }
    }
    None
}

/// Whether a mail's header was copied here, as Outlook does above what is answered: a sender, and two more fields.
fn begins_copied_header(lines: &Lines<'_>, at: usize) -> bool {
    let fields = lines.fields.get(at..).unwrap_or_default();
    if fields.first() != Some(&Some(phrases::Field::From)) {
        return false;
    }
    let below = fields.iter().skip(1).take(HEADER_LINES).flatten();
    let mut seen: Vec<_> = below.filter(|field| **field != phrases::Field::From).collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len() >= 2
}

/// Up to the signature's mark ("-- "), and without what a telephone adds below.
fn without_signature<'s, 't>(own: &'s [&'t str]) -> &'s [&'t str] {
    let end = own.iter().position(|line| *line == "--").unwrap_or(own.len());
    let mut kept = own.get(..end).unwrap_or_default();
    while let Some((last, before)) = kept.split_last() {
        if !last.trim().is_empty() && !phrases::is_ornament(last) && !phrases::is_mobile_signature(last) {
            break;
        }
        kept = before;
    }
    kept
}

/// The lines, with no more than one empty line between any two.
fn join(lines: &[&str]) -> String {
    let mut text = String::new();
    let mut empty = 0;
    for line in lines {
        if line.trim().is_empty() {
            empty += 1;
            continue;
        }
        if !text.is_empty() {
            text.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        empty = 0;
        text.push_str(line);
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests;
