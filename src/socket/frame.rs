//! Complete WebSocket frames as bytes (RFC 6455 § 5.2), made once and shared by all who read them.
//!
//! Frames of a server are not masked and never split.

use bytes::Bytes;
use serde::Serialize;

use super::close::CloseCode;

const FINAL: u8 = 0x80;
const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
/// The longest header: two bytes and a 64-bit length.
const LONGEST_HEADER: usize = 10;

/// A ping without payload.
pub const PING: Bytes = Bytes::from_static(&[FINAL | 0x9, 0]);

/// A text frame of these bytes, which have to be UTF-8.
pub fn text_frame(payload: &[u8]) -> Bytes {
    frame(TEXT, payload)
}

/// A text frame of the value as JSON, serialized in place.
pub fn json_frame<T: Serialize + ?Sized>(value: &T) -> Result<Bytes, serde_json::Error> {
    let mut bytes = Vec::with_capacity(512);
    bytes.resize(LONGEST_HEADER, 0);
    serde_json::to_writer(&mut bytes, value)?;
    let (header, length) = header(TEXT, bytes.len() - LONGEST_HEADER);
    let start = LONGEST_HEADER - length;
    for (place, byte) in bytes.iter_mut().skip(start).zip(header).take(length) {
        *place = byte;
    }
    Ok(Bytes::from(bytes).slice(start..))
}

/// The close frame for a code, with its reason.
pub fn close_frame(code: CloseCode) -> Bytes {
    let mut payload = code.number().to_be_bytes().to_vec();
    payload.extend_from_slice(code.reason().as_bytes());
    frame(CLOSE, &payload)
}

fn frame(opcode: u8, payload: &[u8]) -> Bytes {
    let (header, length) = header(opcode, payload.len());
    let mut bytes = Vec::with_capacity(length + payload.len());
    bytes.extend(header.into_iter().take(length));
    bytes.extend_from_slice(payload);
    Bytes::from(bytes)
}

/// The header for a payload of `length` bytes, and how many of its bytes count.
fn header(opcode: u8, length: usize) -> ([u8; LONGEST_HEADER], usize) {
    let first = FINAL | opcode;
    if let Ok(short) = u8::try_from(length)
        && short <= 125
    {
        return ([first, short, 0, 0, 0, 0, 0, 0, 0, 0], 2);
    }
    if let Ok(middle) = u16::try_from(length) {
        let [high, low] = middle.to_be_bytes();
        return ([first, 126, high, low, 0, 0, 0, 0, 0, 0], 4);
    }
    let mut header = [first, 127, 0, 0, 0, 0, 0, 0, 0, 0];
    header
        .iter_mut()
        .skip(2)
        .zip((length as u64).to_be_bytes())
        .for_each(|(place, byte)| *place = byte);
    (header, LONGEST_HEADER)
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket};

    use super::*;

    fn read(frame: &[u8]) -> Message {
        let stream = std::io::Cursor::new(frame.to_vec());
        WebSocket::from_raw_socket(stream, Role::Client, None)
            .read()
            .unwrap()
    }

    #[test]
    fn frames_of_every_length_are_read_by_a_client() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 100_000] {
            let text = "x".repeat(length);
            assert_eq!(read(&text_frame(text.as_bytes())), Message::text(text.clone()));
            let json = json_frame(&text).unwrap();
            assert_eq!(read(&json), Message::text(format!("\"{text}\"")));
        }
    }

    #[test]
    fn a_close_frame_carries_code_and_reason() {
        let Message::Close(Some(close)) = read(&close_frame(CloseCode::TooSlow)) else {
            panic!("no close frame")
        };
        assert_eq!(
            (u16::from(close.code), close.reason.as_str()),
            (4008, "too slow, reconnect and resume")
        );
        assert_eq!(read(&PING), Message::Ping(Bytes::new()));
    }
}
