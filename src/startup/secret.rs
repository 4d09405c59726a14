//! The secret that signs the hub's own tokens: configured, or made at the first start and kept in the data folder.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::StartError;
use crate::config::Config;

/// Its file in the data folder, readable by its owner alone.
const FILE: &str = "token-secret";
const BYTES: usize = 32;

/// The secret's bytes.
pub(super) fn token_secret(config: &Config) -> Result<Vec<u8>, StartError> {
    if let Some(configured) = &config.auth.token_secret {
        return Ok(configured.expose().as_bytes().to_vec());
    }
    let path = config.store.path.join(FILE);
    kept_or_made(&path).map_err(|error| StartError::File {
        path: path.display().to_string(),
        error,
    })
}

fn kept_or_made(path: &Path) -> io::Result<Vec<u8>> {
    match fs::read(path) {
        Ok(secret) if secret.len() == BYTES => Ok(secret),
        Ok(_) => Err(io::Error::other(
            "must hold exactly 32 bytes; remove it to have another one made",
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path),
        Err(error) => Err(error),
    }
}

/// Written whole under another name first, so that a crash in between leaves no half secret.
fn make(path: &Path) -> io::Result<Vec<u8>> {
    let mut secret = vec![0; BYTES];
    getrandom::fill(&mut secret).map_err(io::Error::other)?;
    let unfinished = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(&secret)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()?;
    Ok(secret)
}
