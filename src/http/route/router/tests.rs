//! The way through a table: path, method, role. What endpoints say is tested over the wire.

use super::super::{Access, Call};
use super::*;

fn nobody(_: &Call) -> Reply {
    crate::http::reply::no_content()
}

fn nothing(_: Call) -> BoxFuture<'static, Reply> {
    async { crate::http::reply::no_content() }.boxed()
}

const FAQ: &[Route] = &[
    Route::read("/api/faq", Access::Staff, nobody),
    Route::post("/api/faq", Access::Staff, nothing),
    Route::read("/api/faq/:id", Access::Staff, nobody),
    Route::delete("/api/faq/:id", Access::Admin, nothing),
    Route::read("/api/faq/popular", Access::Public, nobody),
];

fn paths() -> Vec<Path> {
    let mut paths: Vec<Path> = Vec::new();
    for route in FAQ {
        add_route(&mut paths, route);
    }
    paths.sort_by(|a, b| a.pattern.rank().cmp(b.pattern.rank()));
    paths
}

fn allowed(path: &str, method: &Method) -> Result<&'static str, String> {
    let paths = paths();
    let (found, _) = find(&paths, path).ok_or_else(|| "not found".to_owned())?;
    match found.route(method) {
        Ok(route) => Ok(route.pattern),
        Err(Failure::NoSuchMethod { allow }) => Err(allow.to_str().unwrap().to_owned()),
        Err(other) => Err(other.sentence()),
    }
}

#[test]
fn a_path_with_other_methods_names_them() {
    assert_eq!(allowed("/api/faq", &Method::GET), Ok("/api/faq"));
    assert_eq!(allowed("/api/faq", &Method::HEAD), Ok("/api/faq"));
    assert_eq!(
        allowed("/api/faq", &Method::DELETE),
        Err("GET, HEAD, POST".to_owned())
    );
    assert_eq!(
        allowed("/api/faq/faq_1", &Method::POST),
        Err("GET, HEAD, DELETE".to_owned())
    );
    assert_eq!(allowed("/api/faq/a/b", &Method::GET), Err("not found".to_owned()));
}

#[test]
fn a_literal_is_never_taken_for_an_id() {
    assert_eq!(allowed("/api/faq/popular", &Method::GET), Ok("/api/faq/popular"));
    assert_eq!(
        allowed("/api/faq/popular", &Method::DELETE),
        Err("GET, HEAD".to_owned())
    );
}
