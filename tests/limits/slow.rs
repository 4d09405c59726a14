//! Connections that never read, in a conversation where much is said.

use tokio::net::TcpSocket;
use tokio::task::JoinHandle;

use super::{CROWD, Pair, is_unharmed};
use crate::process::Folder;
use crate::process::people::{Guest, Person};
use crate::process::socket::{Heard, Socket};

/// Long messages, 5.5 MB in all: more than the system keeps for a loopback connection that is not read (up to 4 MB,
/// since its segments are 64 KB; that memory is also why the crowd is not larger).
const SAID: u64 = 700;
const SLOW: usize = CROWD / 5;
/// How many of the slow ones come back and read all.
const RETURNING: usize = 10;

/// A device of the guest that opens a connection, and reads nothing.
async fn stuck(at: std::net::SocketAddr, guest: &Guest) -> Socket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    Socket::over(socket, at, &format!("{}&lastSequence=0", guest.query()))
        .await
        .unwrap()
}

/// Says long things until it has said enough.
fn talk(mut socket: Socket) -> JoinHandle<Socket> {
    tokio::spawn(async move {
        for n in 0..SAID {
            socket
                .say(&format!("{n} {}", "x".repeat(7_900)), &format!("m-{n}"))
                .await;
        }
        socket
    })
}

/// Reads to the end; the last sequence and how it was closed.
async fn wake(socket: &mut Socket) -> (u64, Heard) {
    let mut last = 0;
    loop {
        match socket.next().await {
            Heard::Frame(frame) if frame["type"] == "message" => {
                assert_eq!(frame["sequence"], last + 1, "an exact prefix");
                last += 1;
                if last == SAID {
                    return (last, Heard::Gone);
                }
            }
            Heard::Frame(_) => {}
            end => return (last, end),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_readers_are_closed_with_4008_resume_whole_and_delay_nobody() {
    let folder = Folder::new("sled")
        .with("limits.enabled", &false)
        .with("socket.outbox_bytes", &32_768)
        .with("socket.close_seconds", &300);
    let hub = folder.start().await;
    let at = hub.address;
    let agent = Person::agent(at, "jane").await;
    let mut pair = Pair::open(at, &agent).await;
    let guest = Guest::open(at).await;
    let desk = agent.join(at, &guest.session).await;
    let mut crowd = Vec::new();
    for _ in 0..SLOW {
        crowd.push(stuck(at, &guest).await);
    }
    let before = pair.round_trip().await;
    let talking = talk(desk);
    let during = pair.round_trip().await;
    talking.await.unwrap();
    assert!(is_unharmed(before, during), "{before:?} became {during:?}");
    for (n, mut socket) in crowd.into_iter().enumerate() {
        let (last, end) = wake(&mut socket).await;
        assert_eq!(end, Heard::Closed(4008), "after {last} messages");
        if n < RETURNING {
            come_back(at, &guest, last).await;
        }
    }
}

/// Reads what it has missed.
async fn come_back(at: std::net::SocketAddr, guest: &Guest, last: u64) {
    let query = format!("{}&lastSequence={last}", guest.query());
    let mut socket = Socket::open(at, &query).await.unwrap();
    for sequence in last + 1..=SAID {
        assert_eq!(socket.hear("message").await["sequence"], sequence);
    }
}
