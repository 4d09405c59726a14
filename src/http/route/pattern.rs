//! Path patterns such as `/api/faq/:id`, and what they take of a path.

use percent_encoding::percent_decode_str;

/// A pattern, cut at its slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    segments: Vec<Segment>,
}

/// Order: a literal goes before a capture, so that `/sessions/active` is never taken for a session's id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment {
    Literal(&'static str),
    Capture(&'static str),
}

impl Pattern {
    pub(super) fn new(pattern: &'static str) -> Self {
        let segments = pattern.trim_start_matches('/').split('/');
        let parse = |segment: &'static str| match segment.strip_prefix(':') {
            Some(name) => Segment::Capture(name),
            None => Segment::Literal(segment),
        };
        Self {
            segments: segments.map(parse).collect(),
        }
    }

    /// Of two patterns that take one path, the lower rank is the better one.
    pub(super) fn rank(&self) -> &[Segment] {
        &self.segments
    }

    /// Whether it takes one path alone.
    pub(super) fn is_plain(&self) -> bool {
        self.captures().next().is_none()
    }

    /// Segments of the paths it takes.
    pub(super) fn depth(&self) -> usize {
        self.segments.len()
    }

    /// The names of the captures, in order.
    pub(super) fn captures(&self) -> impl Iterator<Item = &'static str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Capture(name) => Some(*name),
            Segment::Literal(_) => None,
        })
    }

    /// The decoded captures, if this pattern takes the path; one slash at its end does not matter.
    pub(super) fn take(&self, path: &str) -> Option<Vec<String>> {
        let path = path.strip_prefix('/')?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut pieces = path.split('/');
        let mut captured = Vec::new();
        for segment in &self.segments {
            let piece = pieces.next()?;
            match segment {
                Segment::Literal(literal) if *literal == piece => {}
                Segment::Capture(_) if !piece.is_empty() => captured.push(decode(piece)?),
                Segment::Literal(_) | Segment::Capture(_) => return None,
            }
        }
        pieces.next().is_none().then_some(captured)
    }
}

/// Percent-decoded (RFC 3986, 2.1); what is not UTF-8 then names nothing.
fn decode(piece: &str) -> Option<String> {
    percent_decode_str(piece)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(pattern: &'static str, path: &str) -> Option<Vec<String>> {
        Pattern::new(pattern).take(path)
    }

    #[test]
    fn a_capture_takes_one_decoded_segment() {
        let pattern = "/api/core/sessions/:sessionId/context";
        assert_eq!(
            take(pattern, "/api/core/sessions/my%20id%2F7/context"),
            Some(vec!["my id/7".to_owned()])
        );
        assert_eq!(
            take("/api/faq/:id", "/api/faq/faq_1/"),
            Some(vec!["faq_1".to_owned()])
        );
        for other in [
            "/api/core/sessions//context",
            "/api/core/sessions/a/b/context",
            "/api/core/sessions/a",
            "/api/core/sessions/%FF/context",
            "/api/core/sessions/a/context/x",
        ] {
            assert_eq!(take(pattern, other), None, "{other}");
        }
    }

    #[test]
    fn a_literal_ranks_before_a_capture() {
        let (active, any) = (Pattern::new("/sessions/active"), Pattern::new("/sessions/:id"));
        assert!(active.rank() < any.rank());
        assert_eq!(any.captures().collect::<Vec<_>>(), ["id"]);
    }
}
