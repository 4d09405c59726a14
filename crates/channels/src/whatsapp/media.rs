//! Fetching what customers attach: its address by its id, then its bytes.
//!
//! The hub calls it after the message is stored. Invariant: the token goes to the Graph API's own host and to the hosts
//! of the configuration, over HTTPS, and nowhere else, whatever address an answer names, and a name of ours that leads
//! into a private network is not called; what comes back is no longer than the limit and has the hash that was promised.
//!
//! Meta's page: <https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media/>
//! (an address is good for five minutes, an id from a webhook for seven days).

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, Response, Url};
use serde_json::Value;
use sha2::{Digest, Sha256};
use switchboard_domain::message::PendingFile;
use switchboard_domain::ports::BoxFuture;
use switchboard_domain::ports::files::FileSource;
use switchboard_domain::ports::transport::SendError;

use super::client::Account;
use super::refusal::{self, Refusal};
use super::report::Media;
use super::signature::unhex;
use crate::foreign::Guard;
use crate::http;

/// Where Meta keeps files, unless configured otherwise.
pub const DEFAULT_HOSTS: [&str; 1] = ["lookaside.fbsbx.com"];
/// Bytes of the largest file that WhatsApp carries.
pub const DEFAULT_LIMIT: usize = 100 * 1024 * 1024;
/// Time that the address may take.
const ADDRESS_PATIENCE: Duration = Duration::from_secs(15);
/// Time that the file may take.
const FILE_PATIENCE: Duration = Duration::from_secs(120);

/// A file as it was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Media type, as the provider says.
    pub media_type: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// Why a file is not here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// The provider has it no longer.
    #[error("{reason}")]
    Gone {
        /// For staff.
        reason: String,
    },
    /// It may come later: the provider is slow, busy or out of reach, or the token is to be mended.
    #[error("{reason}")]
    Later {
        /// For the log and staff.
        reason: String,
        /// Not before this time has gone by, if the provider says so.
        after: Option<Duration>,
    },
    /// It is not taken: too large, not what was promised, or kept where the token does not go.
    #[error("{reason}")]
    Refused {
        /// For staff.
        reason: String,
    },
}

/// Fetches files.
#[derive(Debug)]
pub struct Fetcher {
    client: Client,
    foreign: Arc<dyn Guard>,
    account: Account,
    hosts: Vec<String>,
    limit: usize,
}

struct Promise {
    url: Url,
    media_type: String,
    sha256: Option<[u8; 32]>,
}

fn refused(reason: impl Into<String>) -> MediaError {
    MediaError::Refused {
        reason: reason.into(),
    }
}

fn later(reason: &str) -> MediaError {
    MediaError::Later {
        reason: reason.into(),
        after: None,
    }
}

impl Fetcher {
    /// Asks the Graph API over this HTTP client, which must follow no redirects, and goes where it says by this way; with
    /// [`DEFAULT_HOSTS`] and [`DEFAULT_LIMIT`].
    pub fn new(client: Client, foreign: Arc<dyn Guard>, account: Account) -> Self {
        Self {
            client,
            foreign,
            account,
            hosts: DEFAULT_HOSTS.map(str::to_owned).to_vec(),
            limit: DEFAULT_LIMIT,
        }
    }

    /// With these hosts beside the Graph API's own.
    #[must_use]
    pub fn with_hosts(mut self, hosts: Vec<String>) -> Self {
        self.hosts = hosts;
        self
    }

    /// With this many bytes for the largest file.
    #[must_use]
    pub const fn with_limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Fetches the file of a message.
    ///
    /// # Errors
    /// Whether it is gone, may come later, or is not taken.
    pub async fn fetch(&self, media: &Media) -> Result<File, MediaError> {
        let promise = self.promise(media).await?;
        let content = self.content(self.call(promise.url).await?).await?;
        let digest = Sha256::digest(&content);
        let promised = promise
            .sha256
            .or_else(|| media.sha256.as_deref().and_then(read_hash));
        if promised.is_some_and(|hash| hash[..] != digest[..]) {
            return Err(refused("the file does not have the hash that was promised"));
        }
        Ok(File {
            media_type: promise.media_type,
            content,
        })
    }

    /// Asks for the file, where its address may be called.
    async fn call(&self, url: Url) -> Result<Response, MediaError> {
        let client = self.foreign.client_for(&url).map_err(refused)?;
        let request = client
            .get(url)
            .bearer_auth(&self.account.access_token)
            .timeout(FILE_PATIENCE);
        request.send().await.map_err(|error| {
            let closed = self.foreign.refusal(&error).map(refused);
            closed.unwrap_or_else(|| later(http::lost(&error).reason()))
        })
    }

    async fn promise(&self, media: &Media) -> Result<Promise, MediaError> {
        // An id is part of an address of ours: nothing in it may lead elsewhere.
        if media.id.is_empty() || !media.id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(refused("the file's id is none"));
        }
        let path = format!("{}?phone_number_id={}", media.id, self.account.number_id);
        let request = self
            .client
            .get(self.account.url(&path))
            .bearer_auth(&self.account.access_token);
        let answer = http::exchange(request, ADDRESS_PATIENCE)
            .await
            .map_err(|lost| later(lost.reason()))?;
        if !answer.status.is_success() {
            return Err(unpromised(&answer));
        }
        let word = |key: &str| answer.body.get(key).and_then(Value::as_str);
        let address = word("url").ok_or_else(|| later("the provider does not say where the file is"))?;
        let media_type = word("mime_type").or(media.media_type.as_deref());
        self.check_size(size(&answer.body))?;
        Ok(Promise {
            url: self.trusted(address)?,
            media_type: media_type.unwrap_or("application/octet-stream").to_owned(),
            sha256: word("sha256").and_then(read_hash),
        })
    }

    /// The address, if the token may go there.
    fn trusted(&self, address: &str) -> Result<Url, MediaError> {
        let untrusted = || refused("the file is kept at a host that the token does not go to");
        let url = Url::parse(address).map_err(|_| untrusted())?;
        let base = Url::parse(&self.account.base_url).map_err(|_| untrusted())?;
        let is_plain = url.username().is_empty() && url.password().is_none();
        let is_own = url.origin() == base.origin();
        let is_listed = url.scheme() == "https"
            && url.port().is_none()
            && url
                .host_str()
                .is_some_and(|host| self.hosts.iter().any(|listed| listed == host));
        (is_plain && (is_own || is_listed))
            .then_some(url)
            .ok_or_else(untrusted)
    }

    fn check_size(&self, bytes: Option<u64>) -> Result<(), MediaError> {
        let limit = u64::try_from(self.limit).unwrap_or(u64::MAX);
        match bytes {
            Some(bytes) if bytes > limit => Err(refused(format!(
                "the file has {bytes} bytes, {limit} are allowed"
            ))),
            _ => Ok(()),
        }
    }

    async fn content(&self, mut response: Response) -> Result<Vec<u8>, MediaError> {
        match response.status().as_u16() {
            200 => {}
            404 | 410 => {
                return Err(MediaError::Gone {
                    reason: "the provider has the file no longer".into(),
                });
            }
            401 | 403 | 408 | 429 | 500.. => {
                return Err(MediaError::Later {
                    reason: format!("the file's host answered {}", response.status().as_u16()),
                    after: http::retry_after(response.headers()),
                });
            }
            other => return Err(refused(format!("the file's host answered {other}"))),
        }
        self.check_size(response.content_length())?;
        let mut content = Vec::new();
        loop {
            let chunk = response.chunk().await;
            let Some(chunk) = chunk.map_err(|_| later("the file broke off on its way"))? else {
                return Ok(content);
            };
            self.check_size(u64::try_from(content.len() + chunk.len()).ok())?;
            content.extend_from_slice(&chunk);
        }
    }
}

impl FileSource for Fetcher {
    fn fetch(&self, file: PendingFile) -> BoxFuture<'_, Result<Vec<u8>, SendError>> {
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        Box::pin(async move {
            let media = Media {
                id: file.id,
                media_type: given(file.media_type),
                sha256: given(file.sha256),
                file_name: given(file.name),
                is_voice: file.is_voice,
            };
            let fetched = Self::fetch(self, &media).await;
            fetched.map(|file| file.content).map_err(SendError::from)
        })
    }
}

impl From<MediaError> for SendError {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::Gone { reason } | MediaError::Refused { reason } => Self::Refused { reason },
            MediaError::Later { reason, after } => Self::Later { reason, after },
        }
    }
}

/// What an answer without an address means.
fn unpromised(answer: &http::Answer) -> MediaError {
    let is_unknown = Refusal::read(&answer.body).is_some_and(|refusal| refusal.code == 100);
    let is_gone = is_unknown || matches!(answer.status.as_u16(), 404 | 410);
    let error = refusal::send_error(answer);
    if is_gone {
        let reason = error.to_string();
        return MediaError::Gone { reason };
    }
    match error {
        SendError::Refused { reason } => MediaError::Refused { reason },
        SendError::Later { reason, after } => MediaError::Later { reason, after },
        SendError::NotYet { after } => MediaError::Later {
            reason: "the provider's pace asks to wait".to_owned(),
            after: Some(after),
        },
        SendError::AccountStopped { reason } | SendError::Uncertain { reason } => {
            MediaError::Later { reason, after: None }
        }
    }
}

/// `file_size`, which Meta writes as a number here and as text there.
fn size(body: &Value) -> Option<u64> {
    let size = body.get("file_size")?;
    size.as_u64().or_else(|| size.as_str()?.parse().ok())
}

/// A SHA-256 in hexadecimal digits (as the Graph API answers) or in base64 (as webhooks carry it).
fn read_hash(text: &str) -> Option<[u8; 32]> {
    unhex(text).or_else(|| STANDARD.decode(text).ok()?.try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing is called here.
    #[derive(Debug)]
    struct Nobody;

    impl Guard for Nobody {
        fn client_for(&self, _: &Url) -> Result<Client, String> {
            Err("nobody is called".into())
        }

        fn refusal(&self, _: &reqwest::Error) -> Option<String> {
            None
        }
    }

    fn fetcher(base_url: &str) -> Fetcher {
        drop(rustls::crypto::ring::default_provider().install_default());
        let account = Account {
            base_url: base_url.into(),
            version: "v23.0".into(),
            number_id: "1".into(),
            access_token: "token".into(),
        };
        let client = Client::builder().build().unwrap();
        Fetcher::new(client, Arc::new(Nobody), account)
    }

    #[test]
    fn the_token_goes_to_the_graph_and_to_listed_hosts_over_https_alone() {
        let fetcher = fetcher("https://graph.facebook.com");
        for trusted in [
            "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1",
            "https://graph.facebook.com/v23.0/1",
        ] {
            assert!(fetcher.trusted(trusted).is_ok(), "{trusted}");
        }
        for untrusted in [
            "http://lookaside.fbsbx.com/x",
            "https://lookaside.fbsbx.com:8443/x",
            "https://lookaside.fbsbx.com.evil.example/x",
            "https://evil.example/lookaside.fbsbx.com",
            "https://lookaside.fbsbx.com@evil.example/x",
            "https://user:pass@lookaside.fbsbx.com/x",
            "http://graph.facebook.com/x",
            "https://169.254.169.254/latest",
            "file:///etc/passwd",
            "",
        ] {
            assert!(fetcher.trusted(untrusted).is_err(), "{untrusted}");
        }
    }

    #[test]
    fn clear_text_is_for_a_graph_in_clear_text_and_its_very_port() {
        let fetcher = fetcher("http://127.0.0.1:4000");
        assert!(fetcher.trusted("http://127.0.0.1:4000/file").is_ok());
        assert!(fetcher.trusted("http://127.0.0.1:4001/file").is_err());
        assert!(fetcher.trusted("http://lookaside.fbsbx.com/file").is_err());
    }

    #[test]
    fn a_hash_is_read_in_both_of_metas_forms() {
        let digest: [u8; 32] = Sha256::digest(b"abc").into();
        let digits: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(read_hash(&digits.concat()), Some(digest));
        assert_eq!(read_hash(&STANDARD.encode(digest)), Some(digest));
        assert_eq!(read_hash("no hash"), None);
    }
}
