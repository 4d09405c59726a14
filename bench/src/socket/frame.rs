//! Frames of RFC 6455 as bytes: a client's are masked, a hub's are not and come whole.

use anyhow::{Result, bail, ensure};
use bytes::{Buf, Bytes, BytesMut};

const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;
const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;
/// Lengths above 125: the real one follows in two bytes, or in eight.
const IN_TWO_BYTES: u8 = 0x7E;
const IN_EIGHT_BYTES: u8 = 0x7F;

/// What has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    /// A text.
    Text(Bytes),
    /// A ping with its payload.
    Ping(Bytes),
    /// An answer to a ping.
    Pong,
    /// The end, with its code.
    Close(u16),
}

/// A client's text frame.
pub(super) fn text(text: &str) -> Vec<u8> {
    frame(TEXT, text.as_bytes())
}

/// A client's answer to a ping.
pub(super) fn pong(payload: &[u8]) -> Vec<u8> {
    frame(PONG, payload)
}

/// Masked with the key zero: the payload stays as it is.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload.len() + 14);
    bytes.push(FINAL | opcode);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(short), _) if short < IN_TWO_BYTES => bytes.push(MASKED | short),
        (_, Ok(middle)) => {
            bytes.push(MASKED | IN_TWO_BYTES);
            bytes.extend_from_slice(&middle.to_be_bytes());
        }
        _ => {
            bytes.push(MASKED | IN_EIGHT_BYTES);
            bytes.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(payload);
    bytes
}

/// Takes the first frame off the bytes, if it is there as a whole.
pub(super) fn take(bytes: &mut BytesMut) -> Result<Option<Incoming>> {
    let Some((header, length)) = measure(bytes)? else {
        return Ok(None);
    };
    if bytes.len() < header + length {
        return Ok(None);
    }
    let first = bytes.get_u8();
    bytes.advance(header - 1);
    let payload = bytes.split_to(length).freeze();
    ensure!(first & FINAL != 0, "a frame in pieces");
    Ok(Some(match first & 0x0F {
        TEXT => Incoming::Text(payload),
        PING => Incoming::Ping(payload),
        PONG => Incoming::Pong,
        CLOSE => Incoming::Close(code(&payload)),
        other => bail!("a frame of kind {other}"),
    }))
}

/// Bytes of the first frame's header, and of its payload, if they can be told yet.
fn measure(bytes: &[u8]) -> Result<Option<(usize, usize)>> {
    let Some(&second) = bytes.get(1) else {
        return Ok(None);
    };
    ensure!(second & MASKED == 0, "a masked frame from the hub");
    let rest = bytes.get(2..).unwrap_or_default();
    Ok(match second {
        IN_TWO_BYTES => rest
            .first_chunk()
            .map(|length| (4, usize::from(u16::from_be_bytes(*length)))),
        IN_EIGHT_BYTES => match rest.first_chunk() {
            Some(length) => Some((10, usize::try_from(u64::from_be_bytes(*length))?)),
            None => None,
        },
        short => Some((2, usize::from(short))),
    })
}

/// A close frame's code; 1005 where it carries none.
fn code(payload: &[u8]) -> u16 {
    payload
        .first_chunk()
        .map_or(1005, |code| u16::from_be_bytes(*code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_hub(first: u8, payload: &[u8]) -> Vec<u8> {
        let masked = frame(first & 0x0F, payload);
        let header = masked.len() - payload.len() - 4;
        let mut bytes = masked[..header].to_vec();
        (bytes[0], bytes[1]) = (first, bytes[1] & 0x7F);
        bytes.extend_from_slice(payload);
        bytes
    }

    #[test]
    fn a_hubs_frames_are_read_whatever_their_length_and_however_they_are_cut() {
        for length in [0, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; length];
            let whole = from_hub(FINAL | TEXT, &payload);
            let mut bytes = BytesMut::from(&whole[..whole.len() - 1]);
            assert_eq!(take(&mut bytes).unwrap(), None);
            bytes.extend_from_slice(&whole[whole.len() - 1..]);
            assert_eq!(take(&mut bytes).unwrap(), Some(Incoming::Text(payload.into())));
            assert!(bytes.is_empty());
        }
    }

    #[test]
    fn control_frames_are_told_apart_and_what_no_hub_sends_is_an_error() {
        let mut bytes = BytesMut::from(from_hub(FINAL | CLOSE, &[0x0F, 0xA8]).as_slice());
        assert_eq!(take(&mut bytes).unwrap(), Some(Incoming::Close(4008)));
        let mut bytes = BytesMut::from(from_hub(FINAL | PING, b"p").as_slice());
        assert_eq!(
            take(&mut bytes).unwrap(),
            Some(Incoming::Ping(Bytes::from_static(b"p")))
        );
        assert!(take(&mut BytesMut::from(text("masked").as_slice())).is_err());
        assert!(take(&mut BytesMut::from(from_hub(TEXT, b"piece").as_slice())).is_err());
    }
}
