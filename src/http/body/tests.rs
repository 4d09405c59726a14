//! Bodies that are too much, too slow, not JSON, or JSON of another shape.

use futures_util::stream;
use http_body_util::{BodyExt, Full};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde::Deserialize;

use super::*;

const LIMITS: BodyLimits = BodyLimits {
    max_bytes: 8,
    timeout: Duration::from_secs(5),
};

#[derive(Debug, Deserialize, PartialEq)]
struct Outer {
    items: Vec<Inner>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Inner {
    name: String,
    kind: Option<Kind>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Text,
    Audio,
}

fn field_error(json: &str) -> FieldError {
    match parse_json::<Outer>(json.as_bytes()) {
        Err(BodyError::Field(error)) => error,
        other => panic!("expected a field error, got {other:?}"),
    }
}

async fn read_pieces(headers: &HeaderMap, pieces: &[&'static str]) -> Result<Bytes, BodyError> {
    let pieces: Vec<Result<Bytes, ()>> = pieces
        .iter()
        .map(|piece| Ok(Bytes::from_static(piece.as_bytes())))
        .collect();
    read(headers, stream::iter(pieces), LIMITS).await
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit_and_no_byte_more() {
    let none = HeaderMap::new();
    assert_eq!(
        read_pieces(&none, &["1234", "5678"]).await.unwrap().as_ref(),
        b"12345678"
    );
    assert_eq!(
        read_pieces(&none, &["1234", "5678", "9"]).await,
        Err(BodyError::TooLarge { limit: 8 })
    );
    let mut announced = HeaderMap::new();
    announced.insert(CONTENT_LENGTH, "9".parse().unwrap());
    assert_eq!(read_pieces(&announced, &[]).await.unwrap_err().status(), 413);
}

#[tokio::test]
async fn a_compressed_body_is_refused() {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_ENCODING, "gzip".parse().unwrap());
    assert_eq!(read_pieces(&headers, &["x"]).await.unwrap_err().status(), 415);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_given_up() {
    let never = stream::pending::<Result<Bytes, ()>>();
    assert_eq!(
        read(&HeaderMap::new(), never, LIMITS).await,
        Err(BodyError::TooSlow)
    );
}

#[tokio::test]
async fn a_route_gets_the_body_or_the_reason() {
    let route = raw(LIMITS).map(|body: Result<RawBody, BodyError>| {
        match body.and_then(|body| body.json::<Vec<u8>>()) {
            Ok(numbers) => numbers.len().to_string(),
            Err(error) => error.status().as_u16().to_string(),
        }
    });
    let service = TowerToHyperService::new(warp::service(route));
    let ask = |kind: &'static str, body: &'static str| {
        let request = hyper::Request::post("/")
            .header("content-type", kind)
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        let answer = service.call(request);
        async move {
            String::from_utf8(
                answer
                    .await
                    .unwrap()
                    .into_body()
                    .collect()
                    .await
                    .unwrap()
                    .to_bytes()
                    .to_vec(),
            )
            .unwrap()
        }
    };
    assert_eq!(ask("application/json; charset=utf-8", "[1,2]").await, "2");
    assert_eq!(ask("text/plain", "[1,2]").await, "415");
    assert_eq!(ask("application/json", "[1,2").await, "400");
    assert_eq!(ask("application/json", "[1,2,3,4,5]").await, "413");
}

#[test]
fn an_error_names_the_field_and_what_was_expected() {
    let error = field_error(r#"{"items":[{"name":"a"},{"name":5}]}"#);
    assert_eq!(
        (error.field.as_str(), error.expected.as_str()),
        ("items[1].name", "a string")
    );
    let error = field_error(r#"{"items":[{"name":"a","kind":"film"}]}"#);
    assert_eq!(error.message, "items[0].kind: expected `text` or `audio`");
    assert_eq!(
        field_error(r#"{"items":[{}]}"#).message,
        "items[0].name: this field is required"
    );
    assert_eq!(field_error("{}").field, "items");
    assert_eq!(
        field_error(r#"{"items":[{"name":"a","nick":1}]}"#).field,
        "items[0].nick"
    );
    assert!(field_error("5").message.starts_with("the body: expected "));
}

#[test]
fn what_is_no_json_is_called_so() {
    for text in ["", "  ", "{", "{}{}", "nonsense", &"[".repeat(33)] {
        assert!(
            matches!(
                parse_json::<serde_json::Value>(text.as_bytes()),
                Err(BodyError::NotJson(_))
            ),
            "{text}"
        );
    }
    let brackets_in_a_string = format!("\"{}\\\"{}\"", "[".repeat(100), "{".repeat(100));
    assert!(parse_json::<String>(brackets_in_a_string.as_bytes()).is_ok());
    let deep_enough = format!("{}{}", "[".repeat(32), "]".repeat(32));
    assert!(parse_json::<serde_json::Value>(deep_enough.as_bytes()).is_ok());
}
