//! What `switchboard doctor` looks at: the data folder's disk, the clock, and every channel that is switched on.
//!
//! Called by the command line while the hub may be running: nothing of the store is opened and nothing is sent. Invariant:
//! each look ends by itself, and what is wrong is told with how to mend it.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use switchboard_actors::channel::ChannelPorts;
use switchboard_domain::ports::clock::Clock;
use switchboard_domain::ports::transport::Transport;
use switchboard_domain::time::Timestamp;

use super::channels;
use super::ports::SystemClock;
use crate::config::Config;
use crate::egress;

/// The file that is written and removed again.
const SCRATCH: &str = "doctor.tmp";
/// A call of WhatsApp's that tells nothing.
const CALL: &[u8] = br#"{"object":"whatsapp_business_account","entry":[]}"#;
/// Syncs that are timed.
const SYNCS: usize = 16;
/// Bytes written before each.
const BLOCK: [u8; 4096] = [0; 4096];
/// A sync that takes longer is told: every message waits for one.
const SLOW_SYNC: Duration = Duration::from_millis(50);
/// How far the clock may be off. WhatsApp's 24 hours, tokens and signatures are measured by it.
const CLOCK_OFF: Duration = Duration::from_secs(30);
/// Longest a look at something outside may take.
const LOOK: Duration = Duration::from_secs(20);
/// Before this the program did not exist: 2026-01-01T00:00:00Z.
const BUILT_AFTER: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// What was found at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub what: &'static str,
    /// How it is, or what is wrong and how to mend it.
    pub found: Result<String, String>,
}

impl Finding {
    fn new(what: &'static str, found: Result<String, String>) -> Self {
        Self { what, found }
    }
}

/// Looks at everything, in the order it is told.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let mut findings = vec![
        Finding::new("disk", disk(&config.store.path)),
        Finding::new("clock", time(config, clock.as_ref()).await),
    ];
    let mut ports = ChannelPorts::default();
    // What is signed with the hub's secret is not looked at here, and the doctor makes no secret.
    match channels::open(config, b"doctor", &clock, &mut ports) {
        Ok(()) => findings.extend(channels(config, &ports).await),
        Err(error) => findings.push(Finding::new("channels", Err(error.to_string()))),
    }
    findings
}

/// Writes and syncs a file in the data folder, as every commit does.
fn disk(folder: &Path) -> Result<String, String> {
    let shown = folder.display();
    let mend = |error: std::io::Error| {
        format!("{shown} cannot be written (store.path): {error}; create it, or give this user the right to")
    };
    std::fs::create_dir_all(folder).map_err(mend)?;
    let path = folder.join(SCRATCH);
    let mut file = File::create(&path).map_err(mend)?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let begun = Instant::now();
        file.write_all(&BLOCK)
            .and_then(|()| file.sync_data())
            .map_err(mend)?;
        times.push(begun.elapsed());
    }
    std::fs::remove_file(&path).map_err(mend)?;
    times.sort_unstable();
    let median = times.get(SYNCS / 2).copied().unwrap_or_default();
    let told = format!(
        "{shown} is writable; a sync takes {:.1} ms",
        median.as_secs_f64() * 1_000.0
    );
    if median > SLOW_SYNC {
        return Err(format!(
            "{told}, and every message waits for one: use a faster disk for store.path"
        ));
    }
    Ok(told)
}

/// Compares the clock with that of a server that is configured anyway.
async fn time(config: &Config, clock: &dyn Clock) -> Result<String, String> {
    let now = clock.now();
    if now < BUILT_AFTER {
        return Err(format!("the clock says {now}: set it, best by NTP"));
    }
    let Some(server) = time_server(config) else {
        return Ok(format!(
            "the clock says {now}; no web server is configured to compare it with"
        ));
    };
    let Some(theirs) = server_time(&server).await else {
        return Ok(format!("the clock says {now}; {server} did not tell its time"));
    };
    let off = now.since(theirs).max(theirs.since(now));
    if off > CLOCK_OFF {
        let seconds = off.as_secs();
        return Err(format!(
            "the clock says {now}, that of {server} is {seconds} s off: set it, best by NTP"
        ));
    }
    Ok(format!("the clock agrees with that of {server}"))
}

fn time_server(config: &Config) -> Option<String> {
    let whatsapp = config
        .whatsapp
        .enabled
        .then(|| config.whatsapp.graph_base_url.clone());
    whatsapp.or_else(|| config.sms.enabled.then(|| config.sms.base_url.clone()))
}

async fn server_time(url: &str) -> Option<Timestamp> {
    let client = egress::client().ok()?;
    let answer = client.head(url).timeout(LOOK).send().await.ok()?;
    let date = answer.headers().get(reqwest::header::DATE)?.to_str().ok()?;
    let since = httpdate::parse_http_date(date)
        .ok()?
        .duration_since(std::time::UNIX_EPOCH)
        .ok()?;
    Some(Timestamp::from_millis(i64::try_from(since.as_millis()).ok()?))
}

async fn channels(config: &Config, ports: &ChannelPorts) -> Vec<Finding> {
    vec![
        Finding::new("whatsapp", way_out(ports.whatsapp.as_ref()).await),
        Finding::new("webhook", signature(config, ports)),
        Finding::new("email out", way_out(ports.email.as_ref()).await),
        Finding::new("mailboxes", mailboxes(ports).await),
        Finding::new("sms", way_out(ports.sms.as_ref()).await),
    ]
}

/// Signs a call as WhatsApp does and reads it as the hub does; an unsigned one must be refused.
fn signature(config: &Config, ports: &ChannelPorts) -> Result<String, String> {
    let Some(reports) = &ports.whatsapp_reports else {
        return Ok("switched off".to_owned());
    };
    let signature = channels::whatsapp_signature(config, CALL);
    let is_taken = signature.is_some() && reports.read(signature.as_deref(), CALL).is_ok();
    if is_taken && reports.read(None, CALL).is_err() {
        return Ok("a call signed with whatsapp.app_secret is taken, an unsigned one is not".to_owned());
    }
    Err("calls of WhatsApp would not be taken: check whatsapp.app_secret".to_owned())
}

async fn way_out(transport: Option<&Arc<dyn Transport>>) -> Result<String, String> {
    let Some(transport) = transport else {
        return Ok("switched off".to_owned());
    };
    match tokio::time::timeout(LOOK, transport.probe()).await {
        Ok(found) => found.map(|()| "messages can go out".to_owned()),
        Err(_) => Err("no answer in time: check its host and the network".to_owned()),
    }
}

async fn mailboxes(ports: &ChannelPorts) -> Result<String, String> {
    let Some(mailboxes) = &ports.mailboxes else {
        return Ok("switched off".to_owned());
    };
    let folders = mailboxes.folders();
    for folder in &folders {
        match tokio::time::timeout(LOOK, mailboxes.open(folder)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(format!("{folder}: {error}")),
            Err(_) => {
                return Err(format!(
                    "{folder}: no answer in time: check email.imap_host and the network"
                ));
            }
        }
    }
    Ok(format!("{} can be read", folders.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn found(environment: &[(&str, &str)]) -> Vec<(&'static str, bool, String)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data").display().to_string();
        let environment: Vec<_> = [("SWITCHBOARD_STORE__PATH", path.as_str())]
            .iter()
            .chain(environment)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let config = Config::load(None, &environment).unwrap();
        let findings = examine(&config).await.into_iter();
        let told = |finding: Finding| match finding.found {
            Ok(words) => (finding.what, true, words),
            Err(words) => (finding.what, false, words),
        };
        findings.map(told).collect()
    }

    #[tokio::test]
    async fn a_hub_with_nothing_switched_on_is_well() {
        let found = found(&[]).await;
        assert!(found.iter().all(|(_, is_well, _)| *is_well), "{found:?}");
    }

    #[tokio::test]
    async fn a_provider_that_is_not_there_is_told_while_the_signature_is_well() {
        let found = found(&[
            ("SWITCHBOARD_WHATSAPP__ENABLED", "true"),
            ("SWITCHBOARD_WHATSAPP__GRAPH_BASE_URL", "http://127.0.0.1:9"),
            ("SWITCHBOARD_WHATSAPP__PHONE_NUMBER_ID", "1"),
            ("SWITCHBOARD_WHATSAPP__ACCESS_TOKEN", "token"),
            ("SWITCHBOARD_WHATSAPP__APP_SECRET", "secret"),
            ("SWITCHBOARD_WHATSAPP__VERIFY_TOKEN", "verify"),
        ])
        .await;
        let of = |what| found.iter().find(|(name, ..)| *name == what).unwrap();
        assert!(!of("whatsapp").1 && of("whatsapp").2.contains("whatsapp.graph_base_url"));
        assert!(of("webhook").1, "{found:?}");
    }

    #[test]
    fn a_data_folder_that_cannot_be_written_is_told_with_its_key() {
        let wrong = disk(Path::new("/proc/nothing")).unwrap_err();
        assert!(wrong.contains("store.path"), "{wrong}");
    }
}
