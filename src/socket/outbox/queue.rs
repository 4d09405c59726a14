//! Frames that wait, in order, and how far the first of them has been written.
//!
//! It knows no socket: it is given a function that writes, so that tests can cut writes wherever they like.

use std::collections::VecDeque;
use std::io::{self, IoSlice};

use bytes::{Buf, Bytes};

/// Frames handed to the socket in one write.
const FRAMES_A_WRITE: usize = 32;
/// Places for frames that an empty queue keeps.
const KEPT_CAPACITY: usize = 8;

/// The waiting frames.
#[derive(Debug, Default)]
pub(super) struct Queue {
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// The first entry is the rest of a frame whose beginning has been written.
    begun: bool,
}

impl Queue {
    pub(super) fn push(&mut self, frame: Bytes) {
        self.bytes += frame.len();
        self.frames.push_back(frame);
    }

    pub(super) fn push_all(&mut self, frames: &[Bytes]) {
        for frame in frames {
            self.push(frame.clone());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Drops all that waits, but for the rest of a frame that the client has the beginning of.
    pub(super) fn keep_begun_frame(&mut self) {
        self.frames.truncate(usize::from(self.begun));
        self.bytes = self.frames.iter().map(Bytes::len).sum();
    }

    /// Writes until nothing waits or `write` would block; any other failure is returned.
    pub(super) fn write_to(
        &mut self,
        mut write: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>,
    ) -> io::Result<()> {
        while !self.frames.is_empty() {
            match self.write_once(&mut write) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => self.advance(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        // A burst must not keep its memory for as long as the connection is idle after it.
        if self.frames.capacity() > KEPT_CAPACITY {
            self.frames.shrink_to(0);
        }
        Ok(())
    }

    fn write_once(&self, write: &mut impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>) -> io::Result<usize> {
        if let (Some(frame), 1) = (self.frames.front(), self.frames.len()) {
            return write(&[IoSlice::new(frame)]);
        }
        let mut slices = [IoSlice::new(&[]); FRAMES_A_WRITE];
        let filled = slices
            .iter_mut()
            .zip(&self.frames)
            .map(|(slice, frame)| *slice = IoSlice::new(frame))
            .count();
        write(slices.get(..filled).unwrap_or(&slices))
    }

    fn advance(&mut self, mut written: usize) {
        self.bytes = self.bytes.saturating_sub(written);
        while let Some(frame) = self.frames.front_mut() {
            if written < frame.len() {
                self.begun |= written > 0;
                frame.advance(written);
                return;
            }
            written -= frame.len();
            self.begun = false;
            self.frames.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes at most so many bytes, then blocks.
    fn take(queue: &mut Queue, most: usize, taken: &mut Vec<u8>) {
        let mut left = most;
        queue
            .write_to(|slices| {
                if left == 0 {
                    return Err(io::ErrorKind::WouldBlock.into());
                }
                let bytes: Vec<u8> = slices
                    .iter()
                    .flat_map(|slice| slice.iter().copied())
                    .take(left)
                    .collect();
                left -= bytes.len();
                taken.extend_from_slice(&bytes);
                Ok(bytes.len())
            })
            .unwrap();
    }

    #[test]
    fn cut_anywhere_the_bytes_come_out_in_order() {
        let frames: Vec<Bytes> = (1..100_u8)
            .map(|n| Bytes::from(vec![n; usize::from(n % 7) + 1]))
            .collect();
        let expected: Vec<u8> = frames.concat();
        for step in 1..40 {
            let (mut queue, mut taken) = (Queue::default(), Vec::new());
            queue.push_all(&frames);
            while !queue.is_empty() {
                take(&mut queue, step, &mut taken);
                assert_eq!(queue.bytes() + taken.len(), expected.len());
            }
            assert_eq!(taken, expected);
        }
    }

    #[test]
    fn giving_way_keeps_the_rest_of_a_begun_frame_only() {
        let (mut queue, mut taken) = (Queue::default(), Vec::new());
        queue.push_all(&[Bytes::from_static(b"aaaa"), Bytes::from_static(b"bbbb")]);
        take(&mut queue, 2, &mut taken);
        queue.keep_begun_frame();
        assert_eq!(queue.bytes(), 2);
        take(&mut queue, 2, &mut taken);
        queue.push_all(&[Bytes::from_static(b"cccc"), Bytes::from_static(b"dddd")]);
        take(&mut queue, 4, &mut taken);
        queue.keep_begun_frame();
        assert_eq!((taken.as_slice(), queue.bytes()), (&b"aaaacccc"[..], 0));
    }
}
