//! An acknowledgement means: it is on disk. Seen from outside, in the system calls, and on a disk that fills up.

mod full_disk;
mod trace;
