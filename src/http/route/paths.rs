//! A family's paths, and which of them a request means.
//!
//! Asked by the [`router`](super::router) for every request. A path that stands in the tables as it is asked for is found
//! by itself; only the others are held against patterns, and only against those of their depth. Invariant: of two
//! patterns that take one path, the one that says more of it is taken.

use std::collections::HashMap;

use hyper::Method;
use hyper::header::HeaderValue;

use super::Route;
use super::pattern::Pattern;
use crate::http::failure::Failure;

/// The paths of a family.
pub(super) struct Paths {
    /// Those without captures, by themselves.
    plain: HashMap<&'static str, Path>,
    /// Those with captures, the better pattern first.
    patterns: Vec<Path>,
}

/// All routes of one pattern.
pub(super) struct Path {
    pub(super) pattern: Pattern,
    routes: Vec<&'static Route>,
    allow: HeaderValue,
}

impl Paths {
    pub(super) fn new(routes: impl IntoIterator<Item = &'static Route>) -> Self {
        let mut paths = Self {
            plain: HashMap::new(),
            patterns: Vec::new(),
        };
        for route in routes {
            paths.add(route);
        }
        paths
            .patterns
            .sort_by(|a, b| a.pattern.rank().cmp(b.pattern.rank()));
        paths
    }

    fn add(&mut self, route: &'static Route) {
        let pattern = Pattern::new(route.pattern);
        if pattern.is_plain() {
            let path = self.plain.entry(without_slash(route.pattern));
            path.or_insert_with(|| Path::new(pattern)).add(route);
            return;
        }
        if let Some(path) = self.patterns.iter_mut().find(|path| path.pattern == pattern) {
            path.add(route);
        } else {
            let mut path = Path::new(pattern);
            path.add(route);
            self.patterns.push(path);
        }
    }

    /// The best pattern for a path, with what its `:name` segments took; one slash at the path's end does not matter.
    pub(super) fn find(&self, path: &str) -> Option<(&Path, Vec<String>)> {
        let path = without_slash(path);
        // A literal goes before a capture at every segment, so a plain path is always the best one.
        if let Some(plain) = self.plain.get(path) {
            return Some((plain, Vec::new()));
        }
        let depth = depth(path);
        self.patterns
            .iter()
            .filter(|known| known.pattern.depth() == depth)
            .find_map(|known| Some((known, known.pattern.take(path)?)))
    }
}

fn without_slash(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

/// Segments of a path that begins with a slash.
fn depth(path: &str) -> usize {
    path.bytes().filter(|byte| *byte == b'/').count()
}

impl Path {
    fn new(pattern: Pattern) -> Self {
        Self {
            pattern,
            routes: Vec::new(),
            allow: HeaderValue::from_static(""),
        }
    }

    fn add(&mut self, route: &'static Route) {
        self.routes.push(route);
        let methods = self.routes.iter().map(|route| match route.method {
            Method::GET => "GET, HEAD",
            _ => route.method.as_str(),
        });
        let listed = methods.collect::<Vec<_>>().join(", ");
        // Names of methods are visible ASCII.
        self.allow = HeaderValue::try_from(listed).unwrap_or(HeaderValue::from_static("GET"));
    }

    /// The route for a method.
    ///
    /// # Errors
    /// [`Failure::NoSuchMethod`] with those there are.
    pub(super) fn route(&self, method: &Method) -> Result<&'static Route, Failure> {
        let found = self.routes.iter().find(|route| route.matches(method));
        found.copied().ok_or_else(|| Failure::NoSuchMethod {
            allow: self.allow.clone(),
        })
    }
}

#[cfg(test)]
mod tests;
