//! Mail servers with certificates of an authority of one's own, that want access tokens instead of passwords.

use std::io::Write;
use std::time::Duration;

use switchboard_testbed::dovecot::{self, Dovecot};
use switchboard_testbed::smtp::{self, Behaviour, Daemon};
use tempfile::NamedTempFile;

use super::{Post, QUESTION, hub_with, keys, mail};

/// What the server that sends takes.
const TOKEN: &str = "a-token-of-now";

fn file(content: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_come_and_go_by_tokens_and_by_certificates_of_the_operators_own() {
    let behaviour = Behaviour {
        tls: "starttls",
        token: TOKEN,
        ..Behaviour::default()
    };
    let (Some(imap), Some(smtp)) = (Dovecot::start().unwrap(), Daemon::behaving(behaviour).unwrap()) else {
        return;
    };
    let authorities = [
        imap.certificate().pem().unwrap(),
        smtp.certificate().pem().unwrap(),
    ]
    .concat();
    let authorities = file(&authorities);
    let theirs = file(imap.token(Duration::from_secs(600)).as_bytes());
    let ours = file(TOKEN.as_bytes());
    let path = |file: &NamedTempFile| file.path().to_str().unwrap().to_owned();
    let mut keys = keys(&imap, &smtp, dovecot::ADDRESS);
    keys.retain(|(key, _)| *key != "email.imap_password");
    keys.extend([
        ("email.certificates", path(&authorities)),
        ("email.imap_host", "localhost".to_owned()),
        ("email.imap_port", imap.imaps_port().to_string()),
        ("email.imap_tls", "tls".to_owned()),
        ("email.imap_token_file", path(&theirs)),
        ("email.smtp_host", "localhost".to_owned()),
        ("email.smtp_tls", "starttls".to_owned()),
        ("email.smtp_username", smtp::USER.to_owned()),
        ("email.smtp_token_file", path(&ours)),
    ]);
    let world = hub_with(keys).await;
    let post = Post { world, imap, smtp };
    post.imap
        .deliver(&mail(
            "ann@mail.example",
            "p@mail.example",
            "Returns",
            "",
            QUESTION,
        ))
        .unwrap();
    let sent = post.sent(1).await;
    assert!(
        sent[0]["body"].as_str().unwrap().contains("thirty days"),
        "{sent:?}"
    );
}
