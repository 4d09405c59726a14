//! The end of a connection: the close frame goes out after what waits, and the client's own is waited for.
//!
//! All within one time limit: a client that reads nothing any more is let go without goodbye.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::net::TcpStream;

use super::{Ended, Reader};
use crate::socket::close::CloseCode;
use crate::socket::outbox::Outbox;

/// Says goodbye as far as the other side lets us, then lets the socket go.
pub(super) async fn farewell(
    reader: &mut Reader,
    stream: &TcpStream,
    outbox: &Outbox,
    ended: Ended,
    wait: Duration,
) {
    let goodbye = async {
        match ended {
            Ended::Here(code) => {
                outbox.close(code);
                write_all(outbox, stream).await;
                read_to_end(reader, stream).await;
            }
            Ended::There => {
                outbox.close(CloseCode::Normal);
                write_all(outbox, stream).await;
            }
            Ended::Gone => {}
        }
    };
    if tokio::time::timeout(wait, goodbye).await.is_err() {
        tracing::debug!("the client did not answer the close frame in time");
    }
    outbox.end();
}

async fn write_all(outbox: &Outbox, stream: &TcpStream) {
    while !outbox.flush() {
        if stream.writable().await.is_err() {
            return;
        }
    }
}

/// Reads on until the client's close frame or the end: closing over unread bytes would reset the connection, and the
/// client might lose our close frame.
async fn read_to_end(reader: &mut Reader, stream: &TcpStream) {
    while let Some(Ok(message)) = reader.next().await {
        if message.is_close() {
            return;
        }
    }
    // After a frame it could not take the reader reads no more, the client may still be sending it.
    let mut unread = vec![0; 16 * 1024];
    while stream.readable().await.is_ok() {
        match stream.try_read(&mut unread) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
