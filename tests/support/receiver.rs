//! A receiver of notices: a small HTTP server on loopback, as a subscriber would run one.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use parking_lot::Mutex;
use serde_json::Value;
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Longest a test waits for a notice.
const PATIENCE: Duration = Duration::from_secs(60);

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) path: String,
    head: String,
    pub(crate) body: String,
    /// Whether it was answered that it was taken.
    pub(crate) is_taken: bool,
}

/// The receiver. What it answers stands in the path: `/200`, `/500`, `/garbage`, `/redirect`, …; while it is down it
/// answers something else, or hangs up.
pub(crate) struct Receiver {
    pub(crate) address: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    down: Arc<Mutex<Option<Down>>>,
}

/// How a receiver is down.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Down {
    /// A gateway answers 503 in its place.
    Unavailable,
    /// It hears a notice out and hangs up.
    HangsUp,
}

impl Heard {
    pub(crate) fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map_or("", |(_, value)| value)
    }

    pub(crate) fn event(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        assert!(body["timestamp"].as_str().unwrap().ends_with('Z') && body["data"].is_object());
        body["event"].as_str().unwrap().to_owned()
    }

    /// Whether both kinds of signature are by this secret.
    pub(crate) fn is_signed_by(&self, secret: &str) -> bool {
        let bytes = mac(secret.as_bytes(), &self.body);
        let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let hex: String = digits
            .filter_map(|digit| char::from_digit(u32::from(digit), 16))
            .collect();
        self.header("x-webhook-signature") == format!("sha256={hex}") && self.is_verified_with(secret)
    }

    /// Whether one of the Standard Webhooks signatures is by this secret.
    pub(crate) fn is_verified_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let (id, at) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let expected = STANDARD.encode(mac(&key, &format!("{id}.{at}.{}", self.body)));
        let mut signatures = self.header("webhook-signature").split(' ');
        signatures.any(|signature| signature == format!("v1,{expected}"))
    }
}

fn mac(key: &[u8], content: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(content.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (heard, down) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(None)));
        let receiver = Self {
            address,
            heard: Arc::clone(&heard),
            down: Arc::clone(&down),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&heard), Arc::clone(&down)));
            }
        });
        receiver
    }

    /// From now on it is down, or is not.
    pub(crate) fn is_down(&self, how: Option<Down>) {
        *self.down.lock() = how;
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn heard(&self, path: &str) -> Vec<Heard> {
        let heard = self.heard.lock();
        heard.iter().filter(|one| one.path == path).cloned().collect()
    }

    /// Waits until this path was called so often.
    pub(crate) async fn hears(&self, path: &str, times: usize) -> Vec<Heard> {
        let waiting = async {
            while self.heard(path).len() < times {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let came = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(came.is_ok(), "{path}: {:?}", self.heard(path));
        self.heard(path)
    }
}

async fn answer(
    mut stream: TcpStream,
    heard: Arc<Mutex<Vec<Heard>>>,
    down: Arc<Mutex<Option<Down>>>,
) -> Option<()> {
    let mut bytes = Vec::new();
    let split = loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
    };
    let opening = String::from_utf8(bytes[..split].to_vec()).ok()?;
    let path = opening.split(' ').nth(1)?.to_owned();
    let mut one = Heard {
        path: path.clone(),
        head: opening,
        body: String::new(),
        is_taken: false,
    };
    let length: usize = one.header("content-length").parse().ok()?;
    while bytes.len() < split + 4 + length {
        stream.read_buf(&mut bytes).await.ok()?;
    }
    one.body = String::from_utf8(bytes[split + 4..].to_vec()).ok()?;
    let down = *down.lock();
    let status = match down {
        None => path.trim_start_matches('/').split('/').next()?,
        Some(Down::Unavailable) => "503",
        Some(Down::HangsUp) => "",
    };
    one.is_taken = status.starts_with('2');
    heard.lock().push(one);
    if status.is_empty() {
        return None;
    }
    let line = match status {
        "garbage" => "SSH-2.0-nothing of the kind\r\n\r\n".to_owned(),
        "redirect" => {
            "HTTP/1.1 307 Elsewhere\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n".to_owned()
        }
        status => format!("HTTP/1.1 {status} So\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"),
    };
    stream.write_all(line.as_bytes()).await.ok()
}
