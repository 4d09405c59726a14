//! A mail server that lies, stalls or breaks off: what no real one can be made to do.

use std::time::Duration;

use switchboard_channels::email::login::Login;
use switchboard_channels::email::mailbox::{Bounds, Mailbox, MailboxError, Settings};
use switchboard_channels::email::tls::{Security, Server};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The core waits in tasks of its own: every future of a mailbox has to be able to move between threads.
#[tokio::test]
async fn a_mailbox_may_be_read_by_any_task() {
    let task = tokio::spawn(async {
        let mut mailbox = Mailbox::open(&settings(1, Duration::ZERO), "INBOX").await?;
        mailbox.fetch_after(0, &Bounds::default()).await?;
        mailbox.wait(0, Duration::ZERO).await?;
        mailbox.mark_seen(&[1]).await?;
        mailbox.list_folders().await.map(drop)
    });
    assert!(
        matches!(task.await.unwrap(), Err(MailboxError::Cut(_))),
        "nobody listens there"
    );
}

/// What the server does when the mail itself is asked for.
#[derive(Debug, Clone, Copy)]
enum Trick {
    SaysNo,
    BreaksOff,
    NeverEnds,
    IsSilent,
    SaysNothingOfIt,
    Lies,
}

/// How the server behaves towards somebody who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watch {
    /// A mail comes between the command and the server's `+`, and it says so there and never again.
    TellsEarly,
    /// The folder is numbered anew, and the server says so only to who opens it.
    Renumbers,
}

/// Answers as a server does to who opens a folder of one mail and waits.
async fn watched(stream: TcpStream, watch: Watch) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    lines.write_all(b"* OK ready\r\n").await?;
    let (mut line, mut selected, mut newest) = (String::new(), 4, 1);
    while lines.read_line(&mut line).await? > 0 {
        let (tag, command) = line.trim_end().split_once(' ').unwrap();
        let mut answer = match command {
            "CAPABILITY" => "* CAPABILITY IMAP4rev1 IDLE\r\n".to_owned(),
            "UID FETCH * (UID)" => format!("* {newest} FETCH (UID {newest})\r\n"),
            "IDLE" if watch == Watch::TellsEarly => "* 2 EXISTS\r\n+ idling\r\n".to_owned(),
            "IDLE" => "+ idling\r\n".to_owned(),
            _ if command.starts_with("SELECT") => {
                selected += i32::from(selected == 4 || watch == Watch::Renumbers);
                format!("* 1 EXISTS\r\n* OK [UIDVALIDITY {selected}] ok\r\n")
            }
            _ => String::new(),
        };
        if command == "IDLE" {
            newest += i32::from(watch == Watch::TellsEarly);
            lines.write_all(answer.as_bytes()).await?;
            lines.read_line(&mut String::new()).await?;
            answer.clear();
        }
        lines
            .write_all(format!("{answer}{tag} OK done\r\n").as_bytes())
            .await?;
        line.clear();
    }
    Ok(())
}

async fn wait(watch: Watch, renewal: Duration) -> Result<bool, MailboxError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = settings(listener.local_addr().unwrap().port(), renewal);
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        watched(stream, watch).await.ok();
    });
    let mut mailbox = Mailbox::open(&settings, "INBOX").await.unwrap();
    let waiting = mailbox.wait(1, Duration::from_secs(60));
    tokio::time::timeout(Duration::from_secs(20), waiting)
        .await
        .unwrap()
}

#[tokio::test]
async fn news_that_come_before_the_server_listens_wake_at_once() {
    assert_eq!(wait(Watch::TellsEarly, Duration::from_secs(60)).await, Ok(true));
}

#[tokio::test]
async fn a_folder_is_opened_anew_with_every_renewal() {
    assert_eq!(
        wait(Watch::Renumbers, Duration::from_millis(50)).await,
        Err(MailboxError::Renumbered)
    );
}

/// Answers as a server does, up to the trick; returns its port.
async fn server(trick: Trick) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        // The client leaves as soon as it has seen through the trick: writing may fail then.
        serve(stream, trick).await.ok();
    });
    port
}

async fn serve(stream: TcpStream, trick: Trick) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    lines.write_all(b"* OK ready\r\n").await?;
    let mut line = String::new();
    while lines.read_line(&mut line).await? > 0 {
        let (tag, command) = line.trim_end().split_once(' ').unwrap();
        let answer = match command {
            "CAPABILITY" => "* CAPABILITY IMAP4rev1 IDLE\r\n",
            "UID FETCH * (UID)" => "* 1 FETCH (UID 1)\r\n",
            "UID FETCH 1:1 (UID RFC822.SIZE)" => "* 1 FETCH (UID 1 RFC822.SIZE 10)\r\n",
            _ if command.starts_with("SELECT") => "* 1 EXISTS\r\n* OK [UIDVALIDITY 5] ok\r\n",
            _ if command.contains("BODY.PEEK") => return play(lines, tag, trick).await,
            _ => "",
        };
        lines
            .write_all(format!("{answer}{tag} OK done\r\n").as_bytes())
            .await?;
        line.clear();
    }
    Ok(())
}

async fn play(mut stream: BufReader<TcpStream>, tag: &str, trick: Trick) -> std::io::Result<()> {
    let begin = |size: usize| format!("* 1 FETCH (UID 1 BODY[]<0> {{{size}}}\r\n");
    match trick {
        Trick::SaysNo => {
            stream
                .write_all(format!("{tag} NO not now\r\n").as_bytes())
                .await?;
        }
        Trick::BreaksOff => return stream.write_all(begin(10).as_bytes()).await,
        Trick::NeverEnds => {
            stream.write_all(begin(400 << 20).as_bytes()).await?;
            for _ in 0..400 {
                stream.write_all(&vec![b'x'; 1 << 20]).await?;
            }
        }
        Trick::IsSilent => {}
        Trick::SaysNothingOfIt => {
            stream.write_all(format!("{tag} OK done\r\n").as_bytes()).await?;
        }
        Trick::Lies => {
            let mail = "x".repeat(101);
            stream
                .write_all(format!("{}{mail})\r\n{tag} OK done\r\n", begin(101)).as_bytes())
                .await?;
        }
    }
    // Stays there until the client has gone.
    stream.read_line(&mut String::new()).await.map(drop)
}

fn settings(port: u16, renewal: Duration) -> Settings {
    Settings {
        server: Server {
            host: "127.0.0.1".to_owned(),
            port,
            security: Security::None,
            trusted: None,
        },
        login: Login::with_password("a", "b"),
        patience: Duration::from_secs(2),
        renewal,
        poll: Duration::from_secs(1),
    }
}

async fn fetch(trick: Trick) -> Result<Vec<bool>, MailboxError> {
    let settings = settings(server(trick).await, Duration::from_secs(60));
    let mut mailbox = Mailbox::open(&settings, "INBOX").await.unwrap();
    let bounds = Bounds {
        mails: 10,
        bytes: 1000,
        largest: 100,
    };
    let batch = mailbox.fetch_after(0, &bounds).await?;
    assert_eq!((batch.through, batch.is_more), (1, false));
    let whole = |mail: &switchboard_channels::email::mailbox::RawMail| {
        matches!(
            mail.content,
            switchboard_channels::email::mailbox::Content::Whole(_)
        )
    };
    Ok(batch.mails.iter().map(whole).collect())
}

#[tokio::test]
async fn no_failure_looks_like_an_empty_mailbox() {
    assert!(matches!(
        fetch(Trick::SaysNo).await,
        Err(MailboxError::Refused(_))
    ));
    for trick in [Trick::BreaksOff, Trick::IsSilent] {
        let outcome = fetch(trick).await;
        assert!(
            matches!(outcome, Err(MailboxError::Cut(_))),
            "{trick:?}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn more_than_was_asked_for_is_not_held_in_memory() {
    let outcome = fetch(Trick::NeverEnds).await;
    let Err(MailboxError::Cut(reason)) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(reason.contains("more than it was asked for"), "{reason}");
}

#[tokio::test]
async fn a_mail_that_has_gone_is_passed_over_and_a_wrong_size_is_seen() {
    assert_eq!(fetch(Trick::SaysNothingOfIt).await, Ok(vec![]));
    assert_eq!(fetch(Trick::Lies).await, Ok(vec![false]));
}
