//! The texts that stand in a header: one line each, ids without room for anything else.
//!
//! Called while a mail is composed. Invariant: what passes has neither line ends nor other control characters.

use sha2::{Digest, Sha256};

use super::Flaw;
use crate::hex;

/// Longest local part of a `Message-ID` that is taken from a reference as it is, in bytes.
const LONGEST_NAME: usize = 200;
/// Longest id, in bytes: a line of a header has at most 998 (RFC 5322, section 2.1.1).
const LONGEST_ID: usize = 900;

/// The `Message-ID` of a message, without angle brackets: its reference where that may stand there, else its hash.
pub fn message_id(reference: &str, domain: &str) -> String {
    if is_dot_atom(reference) {
        return format!("{reference}@{domain}");
    }
    let digest = Sha256::digest(reference);
    let name = hex::encode(digest.get(..20).unwrap_or_default());
    format!("{name}@{domain}")
}

/// Letters, digits and what else a name may have without quoting (RFC 5322, section 3.2.3).
fn is_dot_atom(name: &str) -> bool {
    let is_atom = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    name.len() <= LONGEST_NAME && name.split('.').all(is_atom)
}

/// A text of one line.
pub(super) fn plain(field: &'static str, text: &str) -> Result<String, Flaw> {
    // U+2028 and U+2029 are line ends to some readers of what becomes of them.
    let is_unfit = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if text.contains(is_unfit) {
        return Err(Flaw::ControlCharacters(field));
    }
    Ok(text.to_owned())
}

/// With one space between any two words: more of them get lost between encoded words (RFC 2047, section 6.2).
pub(super) fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An id of another mail, with or without its brackets, as it may stand in a header.
pub(super) fn bare_id(field: &'static str, id: &str) -> Result<String, Flaw> {
    let bare = id.trim().trim_start_matches('<').trim_end_matches('>');
    let is_fit = |byte: u8| byte.is_ascii_graphic() && !b"<>".contains(&byte);
    if plain(field, id)?.is_empty() || bare.is_empty() || bare.len() > LONGEST_ID || !bare.bytes().all(is_fit)
    {
        return Err(Flaw::MessageId(field));
    }
    Ok(bare.to_owned())
}

/// Ids in their brackets, one a line.
pub(super) fn folded(ids: &[String]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| format!("<{id}>")).collect();
    ids.join("\r\n ")
}
