//! An acknowledgement means: it is on disk. Seen from outside, in the system calls, on a disk that fills up, and by who is
//! told of it over any kill.

mod full_disk;
mod notices;
mod trace;
