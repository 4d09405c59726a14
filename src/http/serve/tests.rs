//! Real sockets on port 0 against the accept loop.

use std::net::SocketAddr;

use bytes::Bytes;
use futures_util::FutureExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;
use crate::http::{Request, full};
use crate::shutdown::{self, Trigger};

fn settings() -> ServeSettings {
    ServeSettings {
        max_connections: 3,
        max_connections_per_address: 3,
        trusted_proxies: TrustedProxies::default(),
        header_timeout: Duration::from_secs(1),
        max_header_bytes: 8192,
        drain: Duration::from_secs(5),
    }
}

fn start(handler: Arc<dyn Handler>, settings: ServeSettings) -> (SocketAddr, Trigger, JoinHandle<usize>) {
    let listeners = bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
    let address = listeners[0].local_addr().unwrap();
    let (trigger, signal) = shutdown::channel();
    let running = tokio::spawn(async move { serve(listeners, handler, &settings, signal).await });
    (address, trigger, running)
}

fn hello() -> Arc<dyn Handler> {
    Arc::new(|request: Request| {
        let peer = request
            .extensions()
            .get::<Peer>()
            .unwrap()
            .address
            .ip()
            .to_string();
        async move { hyper::Response::new(full(Bytes::from(peer))) }.boxed()
    })
}

async fn ask(stream: &mut TcpStream, head: &str) -> String {
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_request_is_answered_and_knows_its_peer() {
    let (address, _trigger, _running) = start(hello(), settings());
    let mut stream = TcpStream::connect(address).await.unwrap();
    let answer = ask(
        &mut stream,
        "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    )
    .await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_client_that_sends_nothing_is_cut_off() {
    let (address, _trigger, _running) = start(hello(), settings());
    let mut silent = TcpStream::connect(address).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), ask(&mut silent, "")).await;
    assert!(ended.is_ok(), "the silent client is still connected");
}

#[tokio::test]
async fn a_kept_connection_that_falls_silent_is_cut_off() {
    let (address, _trigger, _running) = start(hello(), settings());
    let mut stream = TcpStream::connect(address).await.unwrap();
    let ended = tokio::time::timeout(
        Duration::from_secs(20),
        ask(&mut stream, "GET / HTTP/1.1\r\nhost: x\r\n\r\n"),
    );
    assert!(ended.await.unwrap().starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let (address, _trigger, _running) = start(hello(), settings());
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n",
        "a".repeat(9000)
    );
    assert!(ask(&mut stream, &head).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn one_connection_too_many_is_told_so_and_a_place_comes_free_again() {
    let long = ServeSettings {
        header_timeout: Duration::from_secs(9),
        ..settings()
    };
    let (address, _trigger, _running) = start(hello(), long);
    let mut places = Vec::new();
    for _ in 0..3 {
        places.push(TcpStream::connect(address).await.unwrap());
    }
    let mut refused = TcpStream::connect(address).await.unwrap();
    assert!(ask(&mut refused, "").await.starts_with("HTTP/1.1 503"));
    places.clear();
    let head = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let mut answer = String::new();
    while !answer.starts_with("HTTP/1.1 200") {
        let mut stream = TcpStream::connect(address).await.unwrap();
        answer = ask(&mut stream, head).await;
    }
}

#[tokio::test]
async fn a_request_begun_before_the_order_to_stop_is_answered() {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (at_work, may_finish) = (Arc::clone(&begun), Arc::clone(&go));
    let handler: Arc<dyn Handler> = Arc::new(move |_: Request| {
        let (at_work, may_finish) = (Arc::clone(&at_work), Arc::clone(&may_finish));
        async move {
            at_work.notify_one();
            may_finish.notified().await;
            hyper::Response::new(full("done"))
        }
        .boxed()
    });
    let (address, trigger, running) = start(handler, settings());
    let mut stream = TcpStream::connect(address).await.unwrap();
    let asking = tokio::spawn(async move { ask(&mut stream, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await });
    begun.notified().await;
    trigger.stop();
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!running.is_finished(), "it did not wait for the request");
    go.notify_one();
    assert!(asking.await.unwrap().ends_with("done"));
    assert_eq!(running.await.unwrap(), 0);
}

#[tokio::test]
async fn connections_that_never_asked_do_not_hold_up_the_end() {
    let long = ServeSettings {
        header_timeout: Duration::from_secs(60),
        ..settings()
    };
    let (address, trigger, running) = start(hello(), long);
    let _silent = TcpStream::connect(address).await.unwrap();
    trigger.stop();
    assert_eq!(
        tokio::time::timeout(Duration::from_secs(30), running)
            .await
            .unwrap()
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn a_request_that_never_ends_is_cut_off_after_the_drain_time() {
    let begun = Arc::new(Notify::new());
    let at_work = Arc::clone(&begun);
    let handler: Arc<dyn Handler> = Arc::new(move |_: Request| {
        at_work.notify_one();
        std::future::pending().boxed()
    });
    let brief = ServeSettings {
        drain: Duration::from_millis(50),
        ..settings()
    };
    let (address, trigger, running) = start(handler, brief);
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    begun.notified().await;
    trigger.stop();
    assert_eq!(running.await.unwrap(), 1);
}
