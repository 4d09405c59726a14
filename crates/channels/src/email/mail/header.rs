//! Header fields as plain text, and the message ids in them (RFC 5322, sections 2.2 and 3.6.4).
//!
//! Read by the mail itself and by what decides from header fields alone. Invariant: bounded in number and length.

/// How many fields are kept, and how long each may be, in bytes. A References field of a long thread fits.
const FIELDS: usize = 400;
const VALUE: usize = 32 * 1024;
/// How many message ids of one field are kept: the last ones, which are the newest of a thread.
const IDENTIFIERS: usize = 100;
/// RFC 5322 allows lines of 998 characters, so no id is longer.
const LONGEST_ID: usize = 998;

/// The header fields of a mail, in their order: names in lower case, values unfolded but not decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Reads the block of header fields; lines that are none are passed over.
    pub fn of(head: &[u8]) -> Self {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in head.split(|byte| *byte == b'\n') {
            let line = String::from_utf8_lossy(line);
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut() {
                    unfold(value, &line);
                }
            } else if let Some((name, value)) = line.split_once(':')
                && fields.len() < FIELDS
            {
                let mut field = (name.trim().to_ascii_lowercase(), String::new());
                unfold(&mut field.1, value);
                fields.push(field);
            }
        }
        Self(fields)
    }

    /// The first field of this name (lower case).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|field| field.0 == name)
            .map(|field| field.1.as_str())
    }

    /// Every field of this name (lower case), from above.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |field| field.0 == name)
            .map(|field| field.1.as_str())
    }

    /// Names and values, from above.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|field| (field.0.as_str(), field.1.as_str()))
    }
}

fn unfold(value: &mut String, line: &str) {
    let line = line.trim();
    if line.is_empty() || value.len() + line.len() >= VALUE {
        return;
    }
    if !value.is_empty() {
        value.push(' ');
    }
    value.push_str(line);
}

/// The message ids of a field, without their angle brackets; ids of clients that forget these count too.
pub(crate) fn identifiers(value: &str) -> Vec<String> {
    let bare = |text: &str| {
        text.trim_matches(|c: char| c.is_whitespace() || c == ',')
            .to_owned()
    };
    let found: Vec<String> = if value.contains('<') {
        value
            .split('<')
            .skip(1)
            .filter_map(|rest| rest.split_once('>'))
            .map(|(id, _)| bare(id))
            .collect()
    } else {
        value.split_whitespace().map(bare).collect()
    };
    let mut found: Vec<_> = found
        .into_iter()
        .filter(|id| !id.is_empty() && id.len() <= LONGEST_ID)
        .collect();
    let excess = found.len().saturating_sub(IDENTIFIERS);
    found.drain(..excess);
    found
}

/// The id in a `Message-ID` field.
pub(crate) fn message_id_of(value: &str) -> Option<String> {
    identifiers(value).into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_fields_are_one_line_and_names_have_no_case() {
        let headers = Headers::of(b"SUBJECT: one\r\n two\r\n\tthree\r\nX-Other :  4 \r\nno field\r\n");
        assert_eq!(headers.get("subject"), Some("one two three"));
        assert_eq!(headers.get("x-other"), Some("4"));
        assert_eq!(headers.iter().count(), 2);
    }

    #[test]
    fn ids_are_found_with_and_without_brackets() {
        assert_eq!(identifiers("<a@b> (note) <c@d>\t<e"), ["a@b", "c@d"]);
        assert_eq!(identifiers("a@b, c@d"), ["a@b", "c@d"]);
        assert!(identifiers("<> < >").is_empty());
    }

    #[test]
    fn of_many_ids_the_newest_are_kept() {
        let many = (0..150)
            .map(|number| format!("<{number}@x> "))
            .collect::<Vec<_>>()
            .concat();
        let kept = identifiers(&many);
        assert_eq!(
            (kept.len(), kept.last().map(String::as_str)),
            (IDENTIFIERS, Some("149@x"))
        );
    }
}
