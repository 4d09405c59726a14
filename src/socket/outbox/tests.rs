//! The outbox on a real pair of sockets.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::*;
use crate::socket::frame::text_frame;

/// A client that can be told to read, and the outbox that writes to it.
async fn pair(limit: usize) -> (TcpStream, Outbox, Arc<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let served = Arc::new(listener.accept().await.unwrap().0);
    served.writable().await.unwrap();
    (client, Outbox::new(Arc::clone(&served), limit), served)
}

/// Reads exactly these bytes from the client's side.
async fn read(client: &mut TcpStream, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    client.read_exact(&mut bytes).await.unwrap();
    bytes
}

/// Sends until the socket takes no more; how many frames were sent.
fn fill(outbox: &Outbox, frame: &Bytes) -> usize {
    let mut sent = 0;
    while outbox.waiting_bytes() == 0 {
        outbox.send(std::slice::from_ref(frame)).unwrap();
        sent += 1;
    }
    sent
}

#[tokio::test]
async fn frames_go_straight_into_an_empty_socket() {
    let (mut client, outbox, _served) = pair(1024).await;
    outbox.send(&[text_frame(b"one"), text_frame(b"two")]).unwrap();
    assert_eq!(outbox.waiting_bytes(), 0);
    assert_eq!(read(&mut client, 10).await, b"\x81\x03one\x81\x03two");
}

#[tokio::test]
async fn what_a_full_socket_does_not_take_comes_later_whole_and_in_order() {
    let (mut client, outbox, served) = pair(64 << 20).await;
    let frames: Vec<Bytes> = (0..=255_u8).map(|n| text_frame(&vec![n; 60_000])).collect();
    outbox.send(&frames).unwrap();
    assert!(
        outbox.waiting_bytes() > 0,
        "the kernel took it all: the test shows nothing"
    );
    assert_eq!(outbox.send_droppable(&text_frame(b"typing")), Ok(false));
    outbox.close(CloseCode::Restart);
    let writing = tokio::spawn(async move {
        while !outbox.flush() {
            served.writable().await.unwrap();
        }
    });
    let mut expected = frames.concat();
    expected.extend_from_slice(&close_frame(CloseCode::Restart));
    assert!(read(&mut client, expected.len()).await == expected);
    writing.await.unwrap();
}

#[tokio::test]
async fn many_senders_never_cut_into_each_others_frames() {
    let (mut client, outbox, served) = pair(64 << 20).await;
    let senders: Vec<_> = (0..8_u8)
        .map(|who| {
            let outbox = outbox.clone();
            std::thread::spawn(move || {
                let frames = [text_frame(&[who; 300]), text_frame(&[who; 200])];
                (0..2_000).for_each(|_| outbox.send(&frames).unwrap());
            })
        })
        .collect();
    let writing = tokio::spawn(async move {
        loop {
            outbox.changed().await;
            while !outbox.flush() {
                served.writable().await.unwrap();
            }
        }
    });
    for _ in 0..16_000 {
        let both = read(&mut client, 304 + 204).await;
        let who = both[4];
        assert!(both[..4] == *b"\x81\x7e\x01\x2c" && both[4..304].iter().all(|byte| *byte == who));
        assert!(both[304..308] == *b"\x81\x7e\x00\xc8" && both[308..].iter().all(|byte| *byte == who));
    }
    writing.abort();
    for sender in senders {
        sender.join().unwrap();
    }
}

#[tokio::test]
async fn above_the_limit_only_the_begun_frame_and_the_close_frame_are_left() {
    let (mut client, outbox, served) = pair(200_000).await;
    let frame = text_frame(&vec![b'x'; 70_000]);
    let mut taken = fill(&outbox, &frame) * frame.len() - outbox.waiting_bytes();
    while outbox.send(std::slice::from_ref(&frame)).is_ok() {}
    assert_eq!(outbox.closing(), Some(CloseCode::TooSlow));
    assert_eq!(outbox.send(std::slice::from_ref(&frame)), Err(SendError::Closed));
    taken += outbox.waiting_bytes() - close_frame(CloseCode::TooSlow).len();
    assert_eq!(taken % frame.len(), 0, "the last frame is not whole");
    let writing = tokio::spawn(async move {
        while !outbox.flush() {
            served.writable().await.unwrap();
        }
    });
    assert!(
        read(&mut client, taken)
            .await
            .chunks(frame.len())
            .all(|read| read == frame)
    );
    assert_eq!(read(&mut client, 4).await, [0x88, 32, 0x0f, 0xa8]);
    writing.await.unwrap();
}

#[tokio::test]
async fn a_client_that_is_gone_ends_the_outbox() {
    let (client, outbox, _served) = pair(1 << 20).await;
    drop(client);
    let frame = [text_frame(b"anybody there?")];
    while outbox.send(&frame).is_ok() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(outbox.is_closed() && outbox.waiting_bytes() == 0);
}
