//! The way through a table: path, method, role. What endpoints say is tested over the wire.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::super::{Access, Call, Reply};
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

fn allowed(path: &str, method: &Method) -> Result<&'static str, String> {
    let paths = Paths::new(FAQ);
    let (found, _) = paths.find(path).ok_or_else(|| "not found".to_owned())?;
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

#[test]
fn one_slash_at_the_end_does_not_matter() {
    assert_eq!(allowed("/api/faq/", &Method::GET), Ok("/api/faq"));
    assert_eq!(allowed("/api/faq/faq_1/", &Method::GET), Ok("/api/faq/:id"));
    assert_eq!(allowed("/api/faq//", &Method::GET), Err("not found".to_owned()));
    assert_eq!(allowed("api/faq", &Method::GET), Err("not found".to_owned()));
}
