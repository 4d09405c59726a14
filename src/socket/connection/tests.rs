//! A real server and real clients: what closes a connection, and what does not disturb the others.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{FutureExt, SinkExt};
use parking_lot::Mutex;
use tokio_tungstenite::tungstenite::Bytes;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::*;
use crate::http::peer::TrustedProxies;
use crate::http::serve::{ServeSettings, bind, serve};
use crate::http::{Handler, Request};
use crate::shutdown::{self, Trigger};
use crate::socket::frame::text_frame;
use crate::socket::upgrade;

type Client = WebSocketStream<TcpStream>;
type Outboxes = Arc<Mutex<Vec<Outbox>>>;
type Ends = Arc<Mutex<Vec<Ended>>>;

/// Echoes text; "stop" closes, "bad" and binary are broken.
struct Echo {
    outbox: Outbox,
    ends: Ends,
}

impl SocketHandler for Echo {
    async fn on_text(&mut self, text: &str) -> Flow {
        match text {
            "stop" => Flow::Close(CloseCode::ConversationGone),
            "bad" => Flow::Broken,
            _ => self
                .outbox
                .send(&[text_frame(text.as_bytes())])
                .map_or(Flow::Continue, |()| Flow::Continue),
        }
    }

    async fn on_binary(&mut self) -> Flow {
        Flow::Broken
    }

    async fn on_close(&mut self, ended: Ended) {
        self.ends.lock().push(ended);
    }
}

/// A running server: where it is, who is connected, how connections ended.
struct Hub {
    address: SocketAddr,
    outboxes: Outboxes,
    ends: Ends,
    trigger: Trigger,
    running: tokio::task::JoinHandle<usize>,
}

fn socket_settings() -> SocketSettings {
    SocketSettings {
        max_message_bytes: 1000,
        outbox_bytes: 200_000,
        ping: Duration::from_secs(30),
        missed_pings: 2,
        close_wait: Duration::from_millis(300),
    }
}

impl Hub {
    fn start(settings: SocketSettings) -> Self {
        let listeners = bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
        let address = listeners[0].local_addr().unwrap();
        let (trigger, signal) = shutdown::channel();
        let (outboxes, ends) = (Outboxes::default(), Ends::default());
        let handler = handler(settings, signal.clone(), Arc::clone(&outboxes), Arc::clone(&ends));
        let serving = ServeSettings {
            max_connections: 100,
            max_connections_per_address: 100,
            trusted_proxies: TrustedProxies::default(),
            header_timeout: Duration::from_secs(5),
            max_header_bytes: 8192,
            drain: Duration::from_secs(5),
        };
        let running = tokio::spawn(async move { serve(listeners, handler, &serving, signal).await });
        Self {
            address,
            outboxes,
            ends,
            trigger,
            running,
        }
    }

    async fn connect(&self) -> Client {
        let before = self.outboxes.lock().len();
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (client, _) = tokio_tungstenite::client_async("ws://hub/ws", stream)
            .await
            .unwrap();
        while self.outboxes.lock().len() == before {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        client
    }

    fn outbox(&self, number: usize) -> Outbox {
        self.outboxes.lock()[number].clone()
    }

    async fn ended(&self) -> Ended {
        loop {
            if let Some(ended) = self.ends.lock().first() {
                return *ended;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

fn handler(settings: SocketSettings, stop: Signal, outboxes: Outboxes, ends: Ends) -> Arc<dyn Handler> {
    Arc::new(move |mut request: Request| {
        let (outboxes, ends) = (Arc::clone(&outboxes), Arc::clone(&ends));
        let make = move |outbox: Outbox| {
            outboxes.lock().push(outbox.clone());
            Echo { outbox, ends }
        };
        let answer = upgrade::start(&mut request, settings, stop.clone(), make);
        std::future::ready(answer.unwrap_or_else(upgrade::UpgradeError::answer)).boxed()
    })
}

async fn text(client: &mut Client) -> String {
    client
        .next()
        .await
        .unwrap()
        .unwrap()
        .into_text()
        .unwrap()
        .as_str()
        .to_owned()
}

/// Reads until the close frame; its code.
async fn close_code(client: &mut Client) -> u16 {
    loop {
        match client.next().await {
            Some(Ok(Message::Close(Some(CloseFrame { code, .. })))) => return code.into(),
            Some(Ok(_)) => {}
            other => panic!("no close frame but {other:?}"),
        }
    }
}

#[tokio::test]
async fn text_is_answered_and_pings_are_too() {
    let hub = Hub::start(socket_settings());
    let mut client = hub.connect().await;
    client
        .send(Message::Ping(Bytes::from_static(b"p")))
        .await
        .unwrap();
    client.send(Message::text("hello")).await.unwrap();
    assert_eq!(
        client.next().await.unwrap().unwrap(),
        Message::Pong(Bytes::from_static(b"p"))
    );
    assert_eq!(text(&mut client).await, "hello");
    client.close(None).await.unwrap();
    assert_eq!(close_code_or_normal(&mut client).await, 1000);
    assert_eq!(hub.ended().await, Ended::There);
    assert!(hub.outbox(0).is_closed());
}

async fn close_code_or_normal(client: &mut Client) -> u16 {
    while let Some(Ok(message)) = client.next().await {
        if let Message::Close(Some(close)) = message {
            return close.code.into();
        }
    }
    1000
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_closed_with_4008_and_delays_nobody() {
    let patient = SocketSettings {
        close_wait: Duration::from_secs(10),
        ..socket_settings()
    };
    let hub = Hub::start(patient);
    let (mut stuck, mut healthy) = (hub.connect().await, hub.connect().await);
    let (to_stuck, to_healthy) = (hub.outbox(0), hub.outbox(1));
    let frame = [text_frame(&[b'x'; 10_000])];
    let mut rounds = 0;
    while to_stuck.send(&frame).is_ok() {
        to_healthy.send(&frame).unwrap();
        let heard = tokio::time::timeout(Duration::from_secs(20), text(&mut healthy)).await;
        assert_eq!(heard.expect("the healthy client was delayed").len(), 10_000);
        rounds += 1;
    }
    assert!(rounds > 20);
    // It wakes up: what was begun comes whole, then the code that asks it to come back.
    assert_eq!(close_code(&mut stuck).await, 4008);
    assert_eq!(hub.ended().await, Ended::Here(CloseCode::TooSlow));
}

#[tokio::test]
async fn a_client_that_never_wakes_up_is_let_go() {
    let hub = Hub::start(socket_settings());
    let _stuck = hub.connect().await;
    let to_stuck = hub.outbox(0);
    while to_stuck.send(&[text_frame(&[b'x'; 10_000])]).is_ok() {}
    assert_eq!(hub.ended().await, Ended::Here(CloseCode::TooSlow));
    assert_eq!(to_stuck.waiting_bytes(), 0);
}

#[tokio::test]
async fn three_broken_frames_in_a_row_close_and_two_do_not() {
    let hub = Hub::start(socket_settings());
    let mut client = hub.connect().await;
    for message in ["bad", "bad", "good", "bad", "bad"] {
        client.send(Message::text(message)).await.unwrap();
    }
    assert_eq!(text(&mut client).await, "good");
    client.send(Message::binary(vec![1_u8])).await.unwrap();
    assert_eq!(close_code(&mut client).await, 1008);
}

#[tokio::test]
async fn a_message_that_is_too_large_closes_with_1009() {
    let hub = Hub::start(socket_settings());
    let mut client = hub.connect().await;
    client.send(Message::text("x".repeat(1001))).await.unwrap();
    assert_eq!(close_code(&mut client).await, 1009);
}

#[tokio::test]
async fn the_handler_and_the_holder_of_the_outbox_can_close() {
    let hub = Hub::start(socket_settings());
    let (mut first, mut second) = (hub.connect().await, hub.connect().await);
    first.send(Message::text("stop")).await.unwrap();
    assert_eq!(close_code(&mut first).await, 4409);
    hub.outbox(1).close(CloseCode::CredentialsEnded);
    assert_eq!(close_code(&mut second).await, 4401);
}

#[tokio::test]
async fn the_order_to_stop_closes_with_1012_and_is_waited_for() {
    let hub = Hub::start(socket_settings());
    let mut client = hub.connect().await;
    hub.trigger.stop();
    assert_eq!(close_code(&mut client).await, 1012);
    // The client's own close frame goes out with its next read.
    assert!(client.next().await.is_none());
    assert_eq!(hub.running.await.unwrap(), 0);
}

#[tokio::test]
async fn a_silent_client_is_pinged_and_given_up() {
    let often = SocketSettings {
        ping: Duration::from_millis(60),
        ..socket_settings()
    };
    let hub = Hub::start(often);
    let mut client = hub.connect().await;
    let answering = tokio::time::timeout(Duration::from_secs(10), client.next()).await;
    assert!(
        matches!(answering, Ok(Some(Ok(Message::Ping(_))))),
        "{answering:?}"
    );
    assert_eq!(hub.ended().await, Ended::Here(CloseCode::TooSlow));
}

#[tokio::test]
async fn a_client_that_answers_pings_stays() {
    let often = SocketSettings {
        ping: Duration::from_millis(40),
        ..socket_settings()
    };
    let hub = Hub::start(often);
    let mut client = hub.connect().await;
    for _ in 0..6 {
        assert!(matches!(client.next().await, Some(Ok(Message::Ping(_)))));
    }
    client.send(Message::text("still here")).await.unwrap();
    let mut heard = client.next().await.unwrap().unwrap();
    while heard.is_ping() {
        heard = client.next().await.unwrap().unwrap();
    }
    assert_eq!(heard, Message::text("still here"));
}

#[tokio::test]
async fn a_frame_sent_together_with_the_request_is_not_lost() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let hub = Hub::start(socket_settings());
    let mut stream = TcpStream::connect(hub.address).await.unwrap();
    let head = "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let mut bytes = head.as_bytes().to_vec();
    // "hi", masked with zeros.
    bytes.extend_from_slice(b"\x81\x82\0\0\0\0hi");
    stream.write_all(&bytes).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\x81\x02hi") {
        assert!(
            stream.read_buf(&mut answer).await.unwrap() > 0,
            "the connection ended"
        );
    }
}
