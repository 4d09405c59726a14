//! The document's prose: what stands above all, and above each family. Markdown, kept in files.

/// What stands above all.
pub(super) const OVERVIEW: &str = include_str!("texts/overview.md");
/// The tag of what belongs to no family.
pub(super) const HEALTH: &str = "health";

/// What stands above the operations of a tag.
pub(super) fn text(tag: &str) -> &'static str {
    match tag {
        "care" => include_str!("texts/care.md"),
        "platform" => include_str!("texts/platform.md"),
        "assistant" => include_str!("texts/assistant.md"),
        "rooms" => include_str!("texts/rooms.md"),
        "omnichannel" => include_str!("texts/omnichannel.md"),
        HEALTH => include_str!("texts/health.md"),
        _ => "",
    }
}
