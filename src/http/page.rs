//! Paging: `page` with `limit`, and `skip` (or `offset`) with `limit`.
//!
//! A limit above the cap means the cap; zero, a negative or no number is the caller's mistake, not a default.

use super::body::FieldError;
use super::query::Query;

/// The most entries of a page, unless a family says otherwise.
pub const MAX_LIMIT: usize = 100;

/// A page by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbered {
    /// Its number, from 1.
    pub page: usize,
    /// Entries on a page.
    pub limit: usize,
}

/// A page by what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skipping {
    /// Entries before it.
    pub skip: usize,
    /// Entries on it.
    pub limit: usize,
}

impl Numbered {
    /// Reads `page` (1 without) and `limit` (`default` without).
    ///
    /// # Errors
    /// The field that is no such number.
    pub fn of(query: &Query, default: usize) -> Result<Self, FieldError> {
        Ok(Self {
            page: query.number("page", 1)?.map_or(1, saturate),
            limit: limit(query, default, MAX_LIMIT)?,
        })
    }

    /// Entries before this page.
    pub const fn skip(self) -> usize {
        self.page.saturating_sub(1).saturating_mul(self.limit)
    }

    /// How many pages so many entries make.
    pub fn pages(self, total: u64) -> u64 {
        total.div_ceil(u64::try_from(self.limit).unwrap_or(u64::MAX).max(1))
    }

    /// The entries of this page.
    pub fn cut<T>(self, all: Vec<T>) -> Vec<T> {
        all.into_iter().skip(self.skip()).take(self.limit).collect()
    }
}

impl Skipping {
    /// Reads `skip` (0 without) and `limit` (`default` without), at most `cap`.
    ///
    /// # Errors
    /// The field that is no such number.
    pub fn of(query: &Query, default: usize, cap: usize) -> Result<Self, FieldError> {
        Self::named("skip", query, default, cap)
    }

    /// The same for callers who say `offset`.
    ///
    /// # Errors
    /// The field that is no such number.
    pub fn by_offset(query: &Query, default: usize, cap: usize) -> Result<Self, FieldError> {
        Self::named("offset", query, default, cap)
    }

    fn named(skip: &str, query: &Query, default: usize, cap: usize) -> Result<Self, FieldError> {
        Ok(Self {
            skip: query.number(skip, 0)?.map_or(0, saturate),
            limit: limit(query, default, cap)?,
        })
    }
}

/// Reads `limit`: `default` without, at most `cap`.
///
/// # Errors
/// The field, when it is no whole number from 1.
pub fn limit(query: &Query, default: usize, cap: usize) -> Result<usize, FieldError> {
    Ok(query.number("limit", 1)?.map_or(default, saturate).min(cap))
}

fn saturate(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_above_the_cap_means_the_cap() {
        let page = Numbered::of(&Query::parse("page=3&limit=1000"), 20).unwrap();
        assert_eq!((page.page, page.limit, page.skip()), (3, 100, 200));
        assert_eq!((page.pages(0), page.pages(100), page.pages(101)), (0, 1, 2));
        let first = Numbered::of(&Query::default(), 20).unwrap();
        assert_eq!((first.page, first.limit, first.skip()), (1, 20, 0));
    }

    #[test]
    fn a_page_beyond_all_numbers_is_empty_and_no_error() {
        let far = Numbered::of(&Query::parse("page=99999999999999999999&limit=2"), 20).unwrap();
        assert!(far.cut(vec![1, 2, 3]).is_empty());
    }

    #[test]
    fn zero_and_negative_numbers_are_mistakes_except_a_skip_of_zero() {
        for wrong in ["page=0", "page=-1", "limit=0", "limit=x"] {
            assert!(Numbered::of(&Query::parse(wrong), 20).is_err(), "{wrong}");
        }
        assert_eq!(Skipping::of(&Query::parse("skip=0"), 50, 100).unwrap().skip, 0);
        assert!(Skipping::of(&Query::parse("skip=-1"), 50, 100).is_err());
    }
}
