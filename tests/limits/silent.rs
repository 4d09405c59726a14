//! Connections that ask for nothing, or take for ever to ask.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::{CROWD, Pair, is_unharmed};
use crate::process::people::Person;
use crate::process::{Folder, PATIENCE};

/// The configured time for a request's head.
const HEAD: Duration = Duration::from_secs(2);

/// Sends nothing until it is closed; how long that took.
async fn silent(at: SocketAddr) -> Duration {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let begun = Instant::now();
    to_the_end(&mut stream).await;
    begun.elapsed()
}

/// Sends a head byte by byte until it is closed; how long that took.
async fn drop_by_drop(at: SocketAddr) -> Duration {
    let stream = TcpStream::connect(at).await.unwrap();
    let (mut answer, mut request) = stream.into_split();
    let begun = Instant::now();
    let drops = async {
        let head = "GET /health HTTP/1.1\r\nX-Slow: "
            .bytes()
            .chain(std::iter::repeat(b'a'));
        for byte in head {
            if request.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! { () = drops => {}, () = to_the_end(&mut answer) => {} }
    begun.elapsed()
}

async fn to_the_end(stream: &mut (impl AsyncReadExt + Unpin)) {
    let mut rest = Vec::new();
    // An end and a reset are alike here.
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest))
        .await
        .expect("it is closed")
        .ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_no_request_is_closed_in_time_and_delays_nobody() {
    let folder = Folder::new("sled")
        .with("limits.enabled", &false)
        .with("server.header_timeout_seconds", &HEAD.as_secs());
    let hub = folder.start().await;
    let agent = Person::agent(hub.address, "jane").await;
    let mut pair = Pair::open(hub.address, &agent).await;
    let before = pair.round_trip().await;
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        crowd.spawn(silent(hub.address));
        crowd.spawn(drop_by_drop(hub.address));
    }
    let during = pair.round_trip().await;
    assert!(is_unharmed(before, during), "{before:?} became {during:?}");
    while let Some(took) = crowd.join_next().await {
        let took = took.unwrap();
        assert!(
            took < HEAD + Duration::from_secs(20),
            "closed only after {took:?}"
        );
    }
}
