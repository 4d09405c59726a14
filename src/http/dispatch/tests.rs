//! The table's choices, and what it adds to every answer.

use http_body_util::BodyExt;
use switchboard_domain::ports::clock::{Clock, Random};
use switchboard_domain::time::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use warp::Filter;

use super::*;

#[derive(Debug)]
struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_000)
    }
}

impl Random for Fixed {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

fn says(text: &'static str) -> Arc<dyn Handler> {
    Arc::new(move |_: Request| std::future::ready(Response::new(full(text))).boxed())
}

fn ids() -> RequestIds {
    RequestIds::new(Arc::new(Fixed), Arc::new(Fixed))
}

fn table() -> Dispatch {
    let origins = OriginPolicy::new(&["https://shop.example".to_owned()]);
    let panics: Arc<dyn Handler> = Arc::new(|_: Request| async { panic!("a handler's mistake") }.boxed());
    let warp = warp_family(warp::path!("warp" / String).map(|name: String| name).boxed());
    Dispatch::new(ids(), origins, says("nobody"))
        .mount("rooms", &["/api/auth", "/api/chat"], &says("rooms"))
        .mount("care", &["/health", "/api"], &says("care"))
        .mount("broken", &["/broken"], &panics)
        .mount("warp", &["/warp"], &warp)
}

/// Asks over a real connection, since only hyper makes an `Incoming` body.
async fn ask(dispatch: Dispatch, head: &str) -> String {
    let (mut client, server) = tokio::io::duplex(4096);
    let service = hyper::service::service_fn(move |request: Request| {
        dispatch.call(request).map(Ok::<_, std::convert::Infallible>)
    });
    let answering = hyper::server::conn::http1::Builder::new()
        .serve_connection(hyper_util::rt::TokioIo::new(server), service);
    let asking = async move {
        client
            .write_all(format!("{head}\r\nconnection: close\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let (_, answer) = tokio::join!(answering, asking);
    answer
}

#[test]
fn the_longest_prefix_wins_and_ends_at_a_slash() {
    let table = table();
    for (path, family) in [
        ("/api/auth", "/api/auth"),
        ("/api/auth/login", "/api/auth"),
        ("/api/authors", "/api"),
        ("/api", "/api"),
        ("/apis", ""),
        ("/", ""),
    ] {
        assert_eq!(table.find(path).prefix, family, "{path}");
    }
}

#[tokio::test]
async fn every_answer_carries_its_request_id_even_one_of_a_handler_that_panics() {
    let answer = ask(table(), "GET /broken HTTP/1.1\r\nhost: x\r\nx-request-id: mine").await;
    assert!(
        answer.starts_with("HTTP/1.1 500") && answer.contains("x-request-id: req_0000000003e87"),
        "{answer}"
    );
    assert!(answer.contains("\"requestId\":\"req_"), "{answer}");
}

#[tokio::test]
async fn a_warp_filter_is_a_family() {
    let answer = ask(table(), "GET /warp/hello?token=secret HTTP/1.1\r\nhost: x").await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello"),
        "{answer}"
    );
    assert!(
        ask(table(), "GET /nowhere HTTP/1.1\r\nhost: x")
            .await
            .ends_with("nobody")
    );
}

#[tokio::test]
async fn an_allowed_page_gets_its_preflight_and_a_stranger_does_not() {
    let head = "OPTIONS /api/auth HTTP/1.1\r\nhost: x\r\naccess-control-request-method: POST\r\norigin: ";
    let allowed = ask(table(), &format!("{head}https://shop.example")).await;
    assert!(allowed.starts_with("HTTP/1.1 204"), "{allowed}");
    assert!(
        allowed.contains("access-control-allow-origin: https://shop.example"),
        "{allowed}"
    );
    let refused = ask(table(), &format!("{head}https://evil.example")).await;
    assert!(!refused.contains("access-control-allow"), "{refused}");
}

#[tokio::test]
async fn a_body_is_wrapped_unchanged() {
    let body = wrap(full("abc")).collect().await.unwrap().to_bytes();
    assert_eq!(body.as_ref(), b"abc");
}
