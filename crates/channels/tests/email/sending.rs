//! Mails to a real SMTP server, and what becomes of them where a server fails.

use std::sync::Arc;
use std::time::Duration;

use switchboard_channels::email::compose::Sender;
use switchboard_channels::email::login::{Login, Proof};
use switchboard_channels::email::mail::{Limits, Mail, read};
use switchboard_channels::email::smtp::{Patience, Settings, Smtp};
use switchboard_channels::email::thread::Signer;
use switchboard_channels::email::tls::{Security, Server};
use switchboard_domain::id::ConversationId;
use switchboard_domain::ports::clock::Clock;
use switchboard_domain::ports::transport::{Letter, Outgoing, OutgoingFile, SendError, Transport};
use switchboard_domain::time::Timestamp;
use switchboard_testbed::smtp::{Behaviour, Daemon, PASSWORD, USER};

#[derive(Debug)]
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000)
    }
}

fn signer() -> Signer {
    Signer::new(b"secret").unwrap()
}

/// Of who is made to wait for nothing.
const IMPATIENT: Patience = Patience {
    connect: Duration::from_millis(1500),
    command: Duration::from_millis(1500),
    delivery: Duration::from_millis(1500),
};

fn settings(port: u16) -> Settings {
    Settings {
        server: Server {
            host: "localhost".to_owned(),
            port,
            security: Security::None,
            trusted: None,
        },
        login: None,
        sender: Sender {
            address: "support@shop.example".to_owned(),
            name: "Shop".to_owned(),
            reply_tokens: Some(signer()),
        },
        patience: Patience::default(),
        connections: 2,
    }
}

fn smtp(settings: Settings) -> Smtp {
    Smtp::new(settings, Arc::new(Noon))
}

fn outgoing(sequence: u64) -> Outgoing {
    Outgoing {
        reference: signer().reference(ConversationId::from_bytes([4; 16]), sequence),
        to: "ann@mail.example".to_owned(),
        to_name: "Ann".to_owned(),
        text: "Hello\n.\n..dots 😀".to_owned(),
        files: Vec::new(),
        replies_to: None,
        template: None,
        letter: Some(Letter {
            subject: "Re: Order".to_owned(),
            ..Letter::default()
        }),
    }
}

fn mails(daemon: &Daemon) -> Vec<Mail> {
    daemon
        .mails()
        .unwrap()
        .iter()
        .map(|raw| read(raw, &Limits::default()).unwrap())
        .collect()
}

/// Sends one mail to a server that fails so; `None` when there is no server.
async fn attempt(behaviour: Behaviour<'_>) -> Option<(Result<(), SendError>, usize)> {
    let daemon = Daemon::behaving(behaviour).unwrap()?;
    let mut settings = settings(daemon.port());
    if behaviour.faults.iter().any(|(_, what)| *what == "hang") {
        settings.patience = IMPATIENT;
    }
    if behaviour.has_login {
        settings.login = Some(Login::with_password(USER, PASSWORD));
    }
    let sent = smtp(settings).send(outgoing(1)).await;
    Some((sent.map(drop), daemon.mails().unwrap().len()))
}

#[tokio::test]
async fn a_mail_arrives_with_all_that_belongs_to_it() {
    let Some(daemon) = Daemon::start().unwrap() else {
        return;
    };
    let mut message = outgoing(9);
    message.files = vec![OutgoingFile {
        name: "Rechnung für Ann.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        content: (0..=255).cycle().take(70_000).collect(),
    }];
    message.letter = Some(Letter {
        subject: "Re: Größe".to_owned(),
        html: Some("<p>Hello</p>".to_owned()),
        in_reply_to: Some("question@mail.example".to_owned()),
        references: vec!["first@mail.example".to_owned()],
        is_automatic: true,
        unsubscribe_url: Some("https://shop.example/u/1".to_owned()),
        cc: vec!["cc@mail.example".to_owned()],
        bcc: vec!["bcc@mail.example".to_owned()],
        reply_to: None,
    });
    let receipt = smtp(settings(daemon.port())).send(message.clone()).await.unwrap();
    let mail = mails(&daemon).remove(0);
    assert_eq!(mail.message_id.as_deref(), Some(receipt.provider_id.as_str()));
    assert_eq!(receipt.provider_id, format!("{}@shop.example", message.reference));
    assert_eq!(
        (mail.text.as_str(), mail.subject.as_str()),
        ("Hello\n.\n..dots 😀", "Re: Größe")
    );
    assert_eq!(mail.in_reply_to, ["question@mail.example"]);
    assert_eq!(mail.references, ["first@mail.example", "question@mail.example"]);
    assert_eq!(mail.attachments[0].content, message.files[0].content);
    for (field, want) in [
        ("auto-submitted", "auto-replied"),
        ("list-unsubscribe", "<https://shop.example/u/1>"),
        ("list-unsubscribe-post", "List-Unsubscribe=One-Click"),
        ("x-envelope-from", "support@shop.example"),
        (
            "x-envelope-to",
            "ann@mail.example, cc@mail.example, bcc@mail.example",
        ),
    ] {
        assert_eq!(mail.headers.get(field), Some(want), "{field}");
    }
    let answer = format!(
        "From: ann@mail.example\r\nTo: {}\r\n\r\nyes",
        mail.reply_to[0].address
    );
    let answer = read(answer.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(
        signer().find(&answer).unwrap().conversation,
        ConversationId::from_bytes([4; 16])
    );
}

#[tokio::test]
async fn many_mails_go_over_few_connections_each_once() {
    let Some(daemon) = Daemon::start().unwrap() else {
        return;
    };
    let smtp = smtp(settings(daemon.port()));
    let sent = futures_util::future::join_all((0..20).map(|number| smtp.send(outgoing(number)))).await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    let mut ids: Vec<_> = mails(&daemon)
        .into_iter()
        .map(|mail| mail.message_id.unwrap())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 20);
}

#[tokio::test]
async fn encrypted_and_with_a_login() {
    for (tls, security) in [("starttls", Security::StartTls), ("tls", Security::Tls)] {
        let behaviour = Behaviour {
            tls,
            has_login: true,
            ..Behaviour::default()
        };
        let Some(daemon) = Daemon::behaving(behaviour).unwrap() else {
            return;
        };
        let mut settings = settings(daemon.port());
        settings.server.security = security;
        settings.server.trusted = Some(daemon.certificate().pem().unwrap());
        settings.login = Some(Login::with_password(USER, PASSWORD));
        smtp(settings.clone()).send(outgoing(1)).await.unwrap();
        assert_eq!(smtp(settings.clone()).probe().await, Ok(()));
        let mut wrong = settings.clone();
        wrong.login = Some(Login::with_password(USER, "wrong"));
        let refused = smtp(wrong.clone()).send(outgoing(2)).await;
        assert!(
            matches!(refused, Err(SendError::AccountStopped { .. })),
            "{tls}: {refused:?}"
        );
        assert!(
            smtp(wrong)
                .probe()
                .await
                .unwrap_err()
                .contains("does not let us in")
        );
        let mut stranger = settings;
        stranger.server.trusted = None;
        let refused = smtp(stranger).send(outgoing(3)).await;
        assert!(
            matches!(refused, Err(SendError::Later { .. })),
            "{tls}: {refused:?}"
        );
        assert_eq!(mails(&daemon).len(), 1);
    }
}

#[tokio::test]
async fn an_access_token_is_read_anew_for_each_login() {
    let behaviour = Behaviour {
        token: "fresh-token",
        ..Behaviour::default()
    };
    let Some(daemon) = Daemon::behaving(behaviour).unwrap() else {
        return;
    };
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut settings = settings(daemon.port());
    settings.login = Some(Login {
        username: USER.to_owned(),
        proof: Proof::TokenFile(file.path().to_owned()),
    });
    let way_out = smtp(settings);
    for (token, is_good) in [("", false), ("stale-token", false), ("fresh-token\n", true)] {
        std::fs::write(file.path(), token).unwrap();
        let sent = way_out.send(outgoing(1)).await;
        let is_as_expected = match &sent {
            Ok(_) => is_good,
            Err(error) => !is_good && matches!(error, SendError::AccountStopped { .. }),
        };
        assert!(is_as_expected, "{token:?}: {sent:?}");
    }
    assert_eq!(mails(&daemon).len(), 1);
}

#[tokio::test]
async fn a_permanent_no_is_refused_at_every_step() {
    for (stage, reply) in [
        ("mail", "550 5.7.1 not from you"),
        ("rcpt", "550 5.1.1 unknown user"),
        ("data", "554 5.5.1 no valid recipients"),
        ("end", "552 5.3.4 too big"),
    ] {
        let faults = [(stage, reply)];
        let Some((sent, kept)) = attempt(Behaviour {
            faults: &faults,
            ..Behaviour::default()
        })
        .await
        else {
            return;
        };
        let Err(SendError::Refused { reason }) = sent else {
            panic!("{stage}: {sent:?}")
        };
        assert!(
            reason.contains(&reply[4..]),
            "staff sees the server's words: {reason}"
        );
        assert_eq!(kept, 0);
    }
}

#[tokio::test]
async fn a_passing_no_is_later_at_every_step() {
    for stage in ["connect", "ehlo", "mail", "rcpt", "data", "end"] {
        let faults = [(stage, "451 4.3.0 come again")];
        let Some((sent, kept)) = attempt(Behaviour {
            faults: &faults,
            ..Behaviour::default()
        })
        .await
        else {
            return;
        };
        assert!(matches!(sent, Err(SendError::Later { .. })), "{stage}: {sent:?}");
        assert_eq!(kept, 0);
    }
}

#[tokio::test]
async fn a_server_that_does_not_let_us_in_stops_the_account() {
    for (stage, reply) in [
        ("connect", "554 5.7.1 you are blocked"),
        ("auth", "535 5.7.8 wrong"),
        ("mail", "530 5.7.0 log in first"),
    ] {
        let faults = [(stage, reply)];
        let behaviour = Behaviour {
            faults: &faults,
            has_login: true,
            ..Behaviour::default()
        };
        let Some((sent, _)) = attempt(behaviour).await else {
            return;
        };
        assert!(
            matches!(sent, Err(SendError::AccountStopped { .. })),
            "{stage}: {sent:?}"
        );
    }
    let faults = [("auth", "454 4.7.0 not now")];
    let passing = Behaviour {
        faults: &faults,
        has_login: true,
        ..Behaviour::default()
    };
    let Some((sent, _)) = attempt(passing).await else {
        return;
    };
    assert!(matches!(sent, Err(SendError::Later { .. })), "{sent:?}");
}

#[tokio::test]
async fn a_connection_lost_before_the_mail_is_later_and_after_it_uncertain() {
    for what in ["close", "hang"] {
        for stage in ["connect", "ehlo", "mail", "rcpt", "data"] {
            let faults = [(stage, what)];
            let Some((sent, kept)) = attempt(Behaviour {
                faults: &faults,
                ..Behaviour::default()
            })
            .await
            else {
                return;
            };
            assert!(
                matches!(sent, Err(SendError::Later { .. })),
                "{stage} {what}: {sent:?}"
            );
            assert_eq!(kept, 0);
        }
        let faults = [("end", what)];
        let Some((sent, kept)) = attempt(Behaviour {
            faults: &faults,
            ..Behaviour::default()
        })
        .await
        else {
            return;
        };
        assert!(
            matches!(sent, Err(SendError::Uncertain { .. })),
            "{what}: {sent:?}"
        );
        assert_eq!(kept, 1, "it had been taken");
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_later_and_a_kept_connection_that_died_is_replaced() {
    let Some(daemon) = Daemon::start().unwrap() else {
        return;
    };
    let port = daemon.port();
    let way_out = smtp(settings(port));
    way_out.send(outgoing(1)).await.unwrap();
    daemon.stop();
    let sent = way_out.send(outgoing(2)).await;
    assert!(matches!(sent, Err(SendError::Later { .. })), "{sent:?}");
    assert!(way_out.probe().await.is_err());
}

#[tokio::test]
async fn addresses_beyond_ascii_go_where_they_are_taken() {
    let mut message = outgoing(1);
    message.to = "jürgen@mail.example".to_owned();
    let Some(daemon) = Daemon::start().unwrap() else {
        return;
    };
    smtp(settings(daemon.port())).send(message.clone()).await.unwrap();
    assert_eq!(
        mails(&daemon)[0].headers.get("x-envelope-to"),
        Some("jürgen@mail.example")
    );
    let Some(daemon) = Daemon::behaving(Behaviour {
        is_ascii_only: true,
        ..Behaviour::default()
    })
    .unwrap() else {
        return;
    };
    let sent = smtp(settings(daemon.port())).send(message).await;
    assert!(matches!(sent, Err(SendError::Refused { .. })), "{sent:?}");
}

#[tokio::test]
async fn what_cannot_become_a_mail_is_refused_before_anything_is_said() {
    let mut message = outgoing(1);
    message.letter = Some(Letter {
        subject: "a\r\nBcc: b@c.example".to_owned(),
        ..Letter::default()
    });
    let sent = smtp(settings(1)).send(message).await;
    assert!(matches!(sent, Err(SendError::Refused { .. })), "{sent:?}");
}
