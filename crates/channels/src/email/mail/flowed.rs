//! Paragraphs of `format=flowed` text (RFC 3676): lines that a client broke are joined again.
//!
//! Called for plain text that says it is flowed. Invariant: quote marks stay in front of each joined line.

/// Joins soft line breaks; `delete_space` as the field `DelSp` says.
pub(super) fn unflow(text: &str, delete_space: bool) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.split('\n') {
        let depth = line.len() - line.trim_start_matches('>').len();
        let (marks, rest) = line.split_at_checked(depth).unwrap_or((line, ""));
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        let is_signature = rest == "-- ";
        if open == Some(depth) && !is_signature {
            joined.push_str(rest);
        } else {
            begin(&mut joined, marks, rest);
        }
        open = (rest.ends_with(' ') && !is_signature).then_some(depth);
        if open.is_some() && delete_space {
            joined.pop();
        }
    }
    // Every line was put behind a line end, the first one too.
    joined.strip_prefix('\n').unwrap_or(&joined).to_owned()
}

fn begin(joined: &mut String, marks: &str, rest: &str) {
    joined.push('\n');
    joined.push_str(marks);
    if !marks.is_empty() {
        joined.push(' ');
    }
    joined.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_breaks_are_joined_and_hard_ones_kept() {
        let cases = [
            ("one \ntwo\nthree", "one two\nthree"),
            ("> a \n> b\nmine", "> a b\nmine"),
            ("> a \nmine", "> a \nmine"),
            ("text \n-- \nsignature", "text \n-- \nsignature"),
            (" >no quote", ">no quote"),
            ("", ""),
        ];
        for (flowed, want) in cases {
            assert_eq!(unflow(flowed, false), want, "{flowed:?}");
        }
        assert_eq!(unflow("\u{4f60} \n\u{597d}", true), "\u{4f60}\u{597d}");
    }
}
