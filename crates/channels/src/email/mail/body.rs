//! The tree of a mail's parts: what of it is text, what is HTML, and what is a file (RFC 2046).
//!
//! Called once a mail. Invariant: depth, parts and files are counted before they are followed, so the work is at most
//! the mail's size times the depth allowed.

use super::entity::{Entity, cut, parts};
use super::{Attachment, Limits, Unreadable, decode, flowed};
use crate::email::html;

/// What a part says in words.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) text: String,
    pub(super) html: Option<String>,
    /// The text was written as text and not made from HTML.
    has_plain: bool,
}

/// One walk through a mail.
#[derive(Debug)]
pub(super) struct Walk<'l> {
    limits: &'l Limits,
    parts: usize,
    pub(super) attachments: Vec<Attachment>,
}

impl<'l> Walk<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            parts: 0,
            attachments: Vec::new(),
        }
    }

    /// The words of the whole mail; its files are in [`Walk::attachments`] afterwards.
    pub(super) fn root(&mut self, entity: &Entity<'_>) -> Result<Body, Unreadable> {
        let mut body = self.visit(entity, 0, "text/plain")?;
        body.text = cut(&body.text, self.limits.text);
        body.text.truncate(body.text.trim_end().len());
        body.html = body.html.map(|html| cut(&html, self.limits.text));
        Ok(body)
    }

    fn visit(&mut self, entity: &Entity<'_>, depth: usize, otherwise: &str) -> Result<Body, Unreadable> {
        self.parts += 1;
        if self.parts > self.limits.parts {
            return Err(Unreadable::TooManyParts(self.limits.parts));
        }
        let media_type = media_type(entity, otherwise);
        let Some(kind) = media_type.strip_prefix("multipart/") else {
            return self.leaf(entity, &media_type, depth);
        };
        let boundary = entity
            .content_type()
            .and_then(|field| field.attribute("boundary"));
        match boundary.and_then(|boundary| parts(entity.body, boundary)) {
            Some(parts) => self.several(&parts, kind, depth),
            // No boundary, or none of its lines: what is there is shown as it is.
            None => self.leaf(entity, "text/plain", depth),
        }
    }

    fn several(&mut self, parts: &[&[u8]], kind: &str, depth: usize) -> Result<Body, Unreadable> {
        if depth >= self.limits.depth {
            return Err(Unreadable::TooDeep(self.limits.depth));
        }
        let otherwise = if kind == "digest" {
            "message/rfc822"
        } else {
            "text/plain"
        };
        let mut bodies = Vec::new();
        for part in parts {
            bodies.push(self.visit(&Entity::of(part), depth + 1, otherwise)?);
        }
        Ok(if kind == "alternative" {
            best(bodies)
        } else {
            all(bodies)
        })
    }

    fn leaf(&mut self, entity: &Entity<'_>, media_type: &str, depth: usize) -> Result<Body, Unreadable> {
        let bytes = decode::transfer(entity.transfer_encoding(), entity.body);
        let is_file = entity
            .disposition()
            .is_some_and(|field| field.ctype().eq_ignore_ascii_case("attachment"))
            || (depth > 0 && entity.file_name().is_some());
        match media_type {
            "text/plain" if !is_file => Ok(plain(entity, &bytes)),
            "text/html" if !is_file => Ok(formatted(entity, &bytes)),
            // A mail's second HTML, for one reader alone.
            "text/x-amp-html" => Ok(Body::default()),
            _ => self.attach(entity, media_type, bytes),
        }
    }

    fn attach(
        &mut self,
        entity: &Entity<'_>,
        media_type: &str,
        content: Vec<u8>,
    ) -> Result<Body, Unreadable> {
        if self.attachments.len() >= self.limits.attachments {
            return Err(Unreadable::TooManyAttachments(self.limits.attachments));
        }
        let content_id = entity.content_id();
        let is_declared = entity
            .disposition()
            .is_some_and(|field| field.ctype().eq_ignore_ascii_case("attachment"));
        self.attachments.push(Attachment {
            name: entity.file_name().unwrap_or_default(),
            media_type: media_type.to_owned(),
            is_inline: content_id.is_some() && !is_declared && media_type.starts_with("image/"),
            content_id,
            content,
        });
        Ok(Body::default())
    }
}

/// `type/subtype` in lower case; what is no media type at all is an unknown file.
fn media_type(entity: &Entity<'_>, otherwise: &str) -> String {
    let Some(field) = entity.content_type() else {
        return otherwise.to_owned();
    };
    let is_token = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && b != b'/');
    match (field.ctype(), field.subtype()) {
        (kind, Some(subtype)) if is_token(kind) && is_token(subtype) => {
            cut(&format!("{kind}/{subtype}").to_ascii_lowercase(), 127)
        }
        // RFC 2045, section 5.2: a field that cannot be read counts as missing.
        ("text", _) => "text/plain".to_owned(),
        _ => "application/octet-stream".to_owned(),
    }
}

fn plain(entity: &Entity<'_>, bytes: &[u8]) -> Body {
    let says = |name: &str, value: &str| {
        let attribute = entity.content_type().and_then(|field| field.attribute(name));
        attribute.is_some_and(|text| text.eq_ignore_ascii_case(value))
    };
    let text = decode::text(bytes, charset(entity));
    let text = if says("format", "flowed") {
        flowed::unflow(&text, says("delsp", "yes"))
    } else {
        text
    };
    Body {
        has_plain: !text.trim().is_empty(),
        text,
        html: None,
    }
}

fn formatted(entity: &Entity<'_>, bytes: &[u8]) -> Body {
    let source = decode::text(bytes, charset(entity));
    Body {
        text: html::to_text(&source),
        html: Some(source),
        has_plain: false,
    }
}

fn charset<'a>(entity: &'a Entity<'_>) -> Option<&'a str> {
    entity.content_type().and_then(|field| field.attribute("charset"))
}

/// Of alternatives the last text and the last HTML (the last is the richest one, RFC 2046, section 5.1.4).
fn best(bodies: Vec<Body>) -> Body {
    let mut best = Body::default();
    for body in bodies {
        if body.has_plain || (!best.has_plain && !body.text.trim().is_empty()) {
            best.text = body.text;
            best.has_plain = body.has_plain;
        }
        best.html = body.html.or(best.html);
    }
    best
}

/// All words, one after the other; where one part has HTML, the others are put into it too.
fn all(bodies: Vec<Body>) -> Body {
    let spoken: Vec<_> = bodies
        .into_iter()
        .filter(|body| !body.text.trim().is_empty() || body.html.is_some())
        .collect();
    let has_html = spoken.iter().any(|body| body.html.is_some());
    let mut whole = Body::default();
    let mut markup = String::new();
    for body in spoken {
        if !whole.text.is_empty() && !body.text.is_empty() {
            whole.text.push('\n');
        }
        if has_html {
            markup.push_str(&body.html.unwrap_or_else(|| html::from_text(&body.text)));
        }
        whole.text.push_str(&body.text);
        whole.has_plain |= body.has_plain;
    }
    whole.html = has_html.then_some(markup);
    whole
}
