//! `platform`: sessions by the caller's own ids, knowledge, administration.

mod accounts;
mod audio;
mod knowledge;
mod messages;
mod sessions;
