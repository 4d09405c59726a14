//! A mailbox on a real Dovecot: fetching, waiting, numbering, and mails in many character sets.

use std::time::{Duration, Instant};

use switchboard_channels::email::login::{Login, Proof};
use switchboard_channels::email::mail::{Limits, read};
use switchboard_channels::email::mailbox::{Bounds, Content, Cursor, Mailbox, MailboxError, Settings};
use switchboard_channels::email::tls::{Security, Server};
use switchboard_testbed::dovecot::{ADDRESS, Dovecot, PASSWORD, token};

fn settings(dovecot: &Dovecot, security: Security) -> Settings {
    let port = if security == Security::Tls {
        dovecot.imaps_port()
    } else {
        dovecot.imap_port()
    };
    let trusted = (security != Security::None).then(|| dovecot.certificate().pem().unwrap());
    Settings {
        server: Server {
            host: "localhost".to_owned(),
            port,
            security,
            trusted,
        },
        login: Login::with_password(ADDRESS, PASSWORD),
        patience: Duration::from_secs(20),
        renewal: Duration::from_secs(600),
        poll: Duration::from_millis(200),
    }
}

async fn open(dovecot: &Dovecot) -> Mailbox {
    Mailbox::open(&settings(dovecot, Security::None), "INBOX")
        .await
        .unwrap()
}

fn mail(number: usize) -> Vec<u8> {
    format!("From: a@mail.example\r\nSubject: number {number}\r\nMessage-ID: <{number}@mail.example>\r\n\r\nwords {number}\r\n.\r\nend\r\n").into_bytes()
}

fn number_of(content: &Content) -> usize {
    let Content::Whole(bytes) = content else {
        panic!("{content:?}")
    };
    let mail = read(bytes, &Limits::default()).unwrap();
    mail.subject.strip_prefix("number ").unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_mails_are_fetched_in_order_and_stay_unread() {
    let Some(dovecot) = Dovecot::start().unwrap() else {
        return;
    };
    let mails: Vec<_> = (0..300).map(mail).collect();
    dovecot
        .deliver_to(ADDRESS, &mails.iter().map(Vec::as_slice).collect::<Vec<_>>())
        .unwrap();
    let mut mailbox = open(&dovecot).await;
    let (mut cursor, mut seen) = (Cursor::default().resumed(mailbox.uid_validity()), Vec::new());
    let bounds = Bounds {
        mails: 70,
        bytes: 1 << 20,
        largest: 1 << 20,
    };
    loop {
        let batch = mailbox.fetch_after(cursor.uid, &bounds).await.unwrap();
        assert!(batch.mails.len() <= 70);
        seen.extend(batch.mails.iter().map(|mail| number_of(&mail.content)));
        cursor = cursor.next(batch.through);
        if !batch.is_more {
            break;
        }
    }
    assert_eq!(seen, (0..300).collect::<Vec<_>>());
    assert_eq!(Some(cursor.uid), mailbox.newest().await.unwrap());
    let unseen = dovecot.imap(&["SELECT INBOX", "UID SEARCH SEEN"]).unwrap();
    assert!(unseen.contains("* SEARCH\r\n"), "reading marks nothing: {unseen}");
    mailbox.mark_seen(&[cursor.uid]).await.unwrap();
    let seen = dovecot.imap(&["SELECT INBOX", "UID SEARCH SEEN"]).unwrap();
    assert!(seen.contains(&format!("* SEARCH {}\r\n", cursor.uid)), "{seen}");
    mailbox.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_bounded_and_a_mail_that_is_too_large_comes_with_its_header() {
    let Some(dovecot) = Dovecot::start().unwrap() else {
        return;
    };
    let large = [mail(1), b"x".repeat(300_000)].concat();
    for raw in [&mail(0), &large, &mail(2), &mail(3)] {
        dovecot.deliver(raw).unwrap();
    }
    let mut mailbox = open(&dovecot).await;
    let bounds = Bounds {
        mails: 10,
        bytes: 700,
        largest: 100_000,
    };
    let first = mailbox.fetch_after(0, &bounds).await.unwrap();
    assert!(first.is_more && first.mails.len() < 4, "{}", first.mails.len());
    let mut mails = first.mails;
    let mut through = first.through;
    while mails.len() < 4 {
        let batch = mailbox.fetch_after(through, &bounds).await.unwrap();
        through = batch.through;
        mails.extend(batch.mails);
    }
    let Content::TooLarge { head } = &mails[1].content else {
        panic!("{:?}", mails[1].uid)
    };
    assert!(String::from_utf8_lossy(head).contains("Subject: number 1") && mails[1].size > 300_000);
    assert_eq!(
        (number_of(&mails[0].content), number_of(&mails[3].content)),
        (0, 3)
    );
    assert_eq!(mailbox.fetch_after(through, &bounds).await.unwrap().mails, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gaps_of_numbers_are_passed_over() {
    let Some(dovecot) = Dovecot::start().unwrap() else {
        return;
    };
    for number in 0..6 {
        dovecot.deliver(&mail(number)).unwrap();
    }
    dovecot
        .imap(&["SELECT INBOX", "UID STORE 1:4,6 +FLAGS (\\Deleted)", "EXPUNGE"])
        .unwrap();
    let mut mailbox = open(&dovecot).await;
    assert_eq!(mailbox.uid_next(), Some(7));
    let batch = mailbox.fetch_after(0, &Bounds::default()).await.unwrap();
    assert_eq!(batch.mails.iter().map(|mail| mail.uid).collect::<Vec<_>>(), [5]);
    assert_eq!((batch.through, batch.is_more), (5, false));
    let empty = mailbox.fetch_after(5, &Bounds::default()).await.unwrap();
    assert_eq!(
        (empty.mails.len(), empty.through),
        (0, 5),
        "the newest one is not given again"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_mail_wakes_whoever_waits() {
    let Some(dovecot) = Dovecot::start().unwrap() else {
        return;
    };
    dovecot.deliver(&mail(0)).unwrap();
    let mut mailbox = open(&dovecot).await;
    assert!(mailbox.has_idle());
    assert!(
        mailbox.wait(0, Duration::from_secs(60)).await.unwrap(),
        "what is there already needs no waiting"
    );
    let newest = mailbox.newest().await.unwrap().unwrap();
    assert!(
        !mailbox.wait(newest, Duration::from_millis(300)).await.unwrap(),
        "nothing came"
    );
    let begun = Instant::now();
    let deliver = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        tokio::task::block_in_place(|| dovecot.deliver(&mail(1)).unwrap());
    };
    let (woken, ()) = tokio::join!(mailbox.wait(newest, Duration::from_secs(120)), deliver);
    assert!(woken.unwrap() && begun.elapsed() < Duration::from_secs(60));
    assert_eq!(
        number_of(
            &mailbox
                .fetch_after(newest, &Bounds::default())
                .await
                .unwrap()
                .mails[0]
                .content
        ),
        1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_renewal_loses_no_mail() {
    let Some(dovecot) = Dovecot::start().unwrap() else {
        return;
    };
    let mut settings = settings(&dovecot, Security::None);
    settings.renewal = Duration::from_millis(30);
    let mut mailbox = Mailbox::open(&settings, "INBOX").await.unwrap();
    for number in 0..5_u32 {
        let deliver = async {
            tokio::time::sleep(Duration::from_millis(90)).await;
            tokio::task::block_in_place(|| dovecot.deliver(&mail(0)).unwrap());
        };
        let (woken, ()) = tokio::join!(mailbox.wait(number, Duration::from_secs(60)), deliver);
        assert!(woken.unwrap(), "mail {number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_numbers_are_seen_and_everything_is_read_again() {
    let Some(dovecot) = Dovecot::start().unwrap() else {
        return;
    };
    for number in 0..3 {
        dovecot.deliver(&mail(number)).unwrap();
    }
    let mut mailbox = open(&dovecot).await;
    let before = Cursor::default()
        .resumed(mailbox.uid_validity())
        .next(mailbox.newest().await.unwrap().unwrap());
    mailbox.close().await;
    let same = open(&dovecot).await;
    assert!(
        !before.must_rescan(same.uid_validity()),
        "nothing has changed yet"
    );
    same.close().await;
    dovecot.change_uid_validity().unwrap();
    let mut mailbox = open(&dovecot).await;
    assert!(before.must_rescan(mailbox.uid_validity()));
    let cursor = before.resumed(mailbox.uid_validity());
    assert_eq!(
        mailbox
            .fetch_after(cursor.uid, &Bounds::default())
            .await
            .unwrap()
            .mails
            .len(),
        3
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn encrypted_mailboxes_open_and_strangers_certificates_do_not() {
    let Some(dovecot) = Dovecot::start().unwrap() else {
        return;
    };
    dovecot.deliver(&mail(7)).unwrap();
    for security in [Security::StartTls, Security::Tls] {
        let mut settings = settings(&dovecot, security);
        let mut mailbox = Mailbox::open(&settings, "INBOX").await.unwrap();
        assert_eq!(mailbox.newest().await.unwrap(), Some(1), "{security:?}");
        mailbox.close().await;
        settings.server.trusted = None;
        let refused = Mailbox::open(&settings, "INBOX").await.unwrap_err();
        assert!(
            matches!(refused, MailboxError::Encryption(_)),
            "{security:?}: {refused}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_access_token_opens_a_mailbox_and_is_read_anew_each_time() {
    let Some(dovecot) = Dovecot::start().unwrap() else {
        return;
    };
    dovecot.deliver(&mail(7)).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut settings = settings(&dovecot, Security::Tls);
    settings.login = Login {
        username: ADDRESS.to_owned(),
        proof: Proof::TokenFile(file.path().to_owned()),
    };
    let hour = Duration::from_secs(3_600);
    for wrong in [
        String::new(),
        "no.to.ken".to_owned(),
        token(ADDRESS, hour, "another key"),
    ] {
        std::fs::write(file.path(), &wrong).unwrap();
        let refused = Mailbox::open(&settings, "INBOX").await.unwrap_err();
        assert!(
            matches!(refused, MailboxError::Credentials(_)),
            "{wrong}: {refused}"
        );
    }
    std::fs::write(file.path(), format!("{}\n", dovecot.token(hour))).unwrap();
    let mut mailbox = Mailbox::open(&settings, "INBOX")
        .await
        .unwrap_or_else(|error| panic!("{error}: {}", dovecot.log()));
    assert_eq!(mailbox.newest().await.unwrap(), Some(1));
    mailbox.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_has_to_mend_is_told_from_what_passes() {
    let Some(dovecot) = Dovecot::start().unwrap() else {
        return;
    };
    let good = settings(&dovecot, Security::None);
    let mut wrong = good.clone();
    wrong.login = Login::with_password(ADDRESS, "wrong");
    let refused = Mailbox::open(&wrong, "INBOX").await.unwrap_err();
    assert!(matches!(refused, MailboxError::Credentials(_)), "{refused}");
    for folder in ["Nowhere", "IN\r\nBOX", "a\" b"] {
        let refused = Mailbox::open(&good, folder).await.unwrap_err();
        assert!(matches!(refused, MailboxError::Folder(_)), "{refused}");
    }
    let mut mailbox = Mailbox::open(&good, "INBOX").await.unwrap();
    dovecot.stop();
    let lost = async {
        loop {
            mailbox.newest().await?;
        }
    };
    let lost: Result<(), MailboxError> = tokio::time::timeout(Duration::from_secs(30), lost).await.unwrap();
    assert!(matches!(lost, Err(MailboxError::Cut(_))), "{lost:?}");
    let closed = Mailbox::open(&good, "INBOX").await.unwrap_err();
    assert!(matches!(closed, MailboxError::Cut(_)), "{closed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn folders_are_listed_and_read() {
    let Some(dovecot) = Dovecot::start().unwrap() else {
        return;
    };
    dovecot.create_mailbox("Support Requests").unwrap();
    let mut inbox = open(&dovecot).await;
    let folders = inbox.list_folders().await.unwrap();
    assert!(
        folders.iter().any(|name| name == "INBOX") && folders.iter().any(|name| name == "Support Requests")
    );
    let mut folder = Mailbox::open(&settings(&dovecot, Security::None), "Support Requests")
        .await
        .unwrap();
    assert_eq!(folder.newest().await.unwrap(), None);
    assert_eq!(folder.fetch_after(0, &Bounds::default()).await.unwrap().mails, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_in_many_character_sets_arrive_whole() {
    let Some(dovecot) = Dovecot::start().unwrap() else {
        return;
    };
    let zoo: [(&str, &[u8], &str); 8] = [
        ("utf-8", "Grüße 你好 😀".as_bytes(), "Grüße 你好 😀"),
        ("iso-8859-1", b"caf\xe9", "café"),
        ("windows-1252", b"\x80 5", "€ 5"),
        ("iso-8859-15", b"\xa4 5", "€ 5"),
        ("koi8-r", b"\xf0\xd2\xc9\xd7\xc5\xd4", "Привет"),
        ("shift_jis", b"\x83e\x83X\x83g", "テスト"),
        ("gb18030", b"\xc4\xe3\xba\xc3", "你好"),
        ("euc-kr", b"\xbe\xc8\xb3\xe7", "안녕"),
    ];
    for (charset, bytes, _) in zoo {
        let head = format!("From: a@mail.example\r\nSubject: =?{charset}?Q?");
        let subject: String = bytes
            .iter()
            .map(|byte| format!("={byte:02X}"))
            .collect::<Vec<_>>()
            .concat();
        let fields = format!(
            "?=\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        );
        let raw = [
            head.as_bytes(),
            subject.as_bytes(),
            fields.as_bytes(),
            bytes,
            b"\r\n",
        ]
        .concat();
        dovecot.deliver(&raw).unwrap();
    }
    let mut mailbox = open(&dovecot).await;
    let mails = mailbox.fetch_after(0, &Bounds::default()).await.unwrap().mails;
    assert_eq!(mails.len(), zoo.len());
    for (raw, (charset, _, want)) in mails.iter().zip(zoo) {
        let Content::Whole(bytes) = &raw.content else {
            panic!("{charset}")
        };
        let mail = read(bytes, &Limits::default()).unwrap();
        assert_eq!(
            (mail.text.as_str(), mail.subject.as_str()),
            (want, want),
            "{charset}"
        );
        assert_eq!(mail.headers.get("return-path"), Some("<sender@mail.example>"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_is_numbered_anew_while_it_is_watched_ends_the_mailbox() {
    let Some(dovecot) = Dovecot::start().unwrap() else {
        return;
    };
    dovecot.deliver(&mail(0)).unwrap();
    let mut settings = settings(&dovecot, Security::None);
    settings.renewal = Duration::from_millis(200);
    let mut mailbox = Mailbox::open(&settings, "INBOX").await.unwrap();
    let newest = mailbox.newest().await.unwrap().unwrap();
    dovecot.change_uid_validity().unwrap();
    dovecot.deliver(&mail(1)).unwrap();
    let ended = mailbox.wait(newest, Duration::from_secs(60)).await;
    // Dovecot notices that its records do not fit any more before it says so by a number.
    assert!(
        matches!(ended, Err(MailboxError::Renumbered | MailboxError::Cut(_))),
        "{ended:?}"
    );
    let mut mailbox = Mailbox::open(&settings, "INBOX").await.unwrap();
    let mails = mailbox.fetch_after(0, &Bounds::default()).await.unwrap().mails;
    let mut numbers: Vec<_> = mails.iter().map(|mail| number_of(&mail.content)).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [0, 1]);
}
