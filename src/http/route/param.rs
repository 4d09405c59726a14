//! The parameters of a query, as the API description tells them; endpoints read them with `http::query`.

use crate::http::wire::Word;

/// One parameter.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub says: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// Whether it has to be there.
    pub required: bool,
}

/// What the value of a parameter is.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Any text.
    Text,
    /// A whole number of at least so much.
    Number(u64),
    /// A word out of a closed list.
    Word(fn() -> Vec<&'static str>),
    /// `true` or `false`.
    Flag,
    /// A date, or a date with a time (RFC 3339).
    Time,
}

impl Param {
    /// A page's number.
    pub const PAGE: Self = Self::count("page", "The page's number, from 1");
    /// Entries on a page.
    pub const LIMIT: Self = Self::count(
        "limit",
        "The most entries of the answer; above the cap it means the cap",
    );
    /// Entries left out in front.
    pub const SKIP: Self = Self::number("skip", "Entries to leave out in front");
    /// Entries left out in front, by its other name.
    pub const OFFSET: Self = Self::number("offset", "Entries to leave out in front");

    /// Any text.
    pub const fn text(name: &'static str, says: &'static str) -> Self {
        Self::new(name, says, Kind::Text)
    }

    /// A whole number from 0.
    pub const fn number(name: &'static str, says: &'static str) -> Self {
        Self::new(name, says, Kind::Number(0))
    }

    /// A whole number from 1.
    pub const fn count(name: &'static str, says: &'static str) -> Self {
        Self::new(name, says, Kind::Number(1))
    }

    /// A word out of the list of `T`.
    pub const fn word<T: Word>(name: &'static str, says: &'static str) -> Self {
        Self::new(name, says, Kind::Word(T::words))
    }

    /// `true` or `false`.
    pub const fn flag(name: &'static str, says: &'static str) -> Self {
        Self::new(name, says, Kind::Flag)
    }

    /// A date, or a date with a time.
    pub const fn time(name: &'static str, says: &'static str) -> Self {
        Self::new(name, says, Kind::Time)
    }

    /// The same, but it has to be there.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn new(name: &'static str, says: &'static str, kind: Kind) -> Self {
        Self {
            name,
            says,
            kind,
            required: false,
        }
    }
}
