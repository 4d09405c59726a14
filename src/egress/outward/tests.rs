//! What is never called, however it is written or looked up, and how long whoever is called may take.

use std::collections::VecDeque;
use std::time::Instant;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// Time an endpoint of these tests has.
const SHORT: Duration = Duration::from_secs(2);
/// What an attempt takes at most, with room for a busy machine.
const LONG: Duration = Duration::from_secs(10);

/// Hosts that lead to this machine or its neighbours, in every spelling, or are an address at all.
const CLOSED_HOSTS: [&str; 24] = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "10.0.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[fe80::1]",
    "[fd00::1]",
    "8.8.8.8",
    "localhost",
    "LOCALHOST.",
    "a.localhost",
];

/// Addresses that no name may lead to.
const CLOSED_ADDRESSES: [&str; 17] = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fd00:ec2::254",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
];

/// Names that lead where the test says: to one answer after the other, the last one for good.
#[derive(Debug)]
struct Scripted(Mutex<VecDeque<Vec<SocketAddr>>>);

impl Scripted {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let read = |address: &&str| SocketAddr::new(address.parse().unwrap(), 0);
        let answers = answers.iter().map(|answer| answer.iter().map(read).collect());
        Arc::new(Self(Mutex::new(answers.collect())))
    }
}

impl Names for Scripted {
    fn look_up(&self, _: Name) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        let mut answers = self.0.lock();
        let next = answers.pop_front().unwrap();
        if answers.is_empty() {
            answers.push_back(next.clone());
        }
        Box::pin(async move { Ok(next) })
    }
}

fn guarded(names: Arc<dyn Names>) -> Outward {
    Outward {
        names,
        answer: SHORT,
        ..Outward::new(false)
    }
}

fn post(url: String) -> Post {
    Post {
        url,
        headers: vec![("content-type", "application/json".to_owned())],
        body: "{}".to_owned(),
    }
}

#[test]
fn a_wait_is_heeded_in_both_its_forms_and_is_a_day_at_most() {
    let wait = |value: &str| {
        let answer = hyper::Response::builder()
            .header("date", "Wed, 21 Oct 2026 07:28:00 GMT")
            .header("retry-after", value);
        retry_after(&Response::from(answer.body("").unwrap()))
    };
    assert_eq!(wait("30"), Some(Duration::from_secs(30)));
    assert_eq!(
        wait("Wed, 21 Oct 2026 07:28:30 GMT"),
        Some(Duration::from_secs(30))
    );
    assert_eq!(wait("999999999"), Some(Duration::from_secs(86_400)));
    assert_eq!(
        wait("Fri, 21 Oct 2033 07:28:00 GMT"),
        Some(Duration::from_secs(86_400))
    );
    assert_eq!(wait("soon"), None);
}

#[test]
fn an_address_in_any_spelling_and_this_machine_are_refused_unless_allowed() {
    let (guarded, free) = (Outward::new(false), Outward::new(true));
    for host in CLOSED_HOSTS {
        let url = format!("http://{host}:9000/hook");
        assert!(guarded.check(&url).is_err(), "{url}");
        assert!(free.check(&url).is_ok(), "{url}");
    }
    for never in [
        "http://[fe80::1%25eth0]/",
        "http://１２７.0.0.1/",
        "http://127。0。0。1/",
    ] {
        assert!(guarded.check(never).is_err(), "{never}");
    }
    assert!(guarded.check("https://hooks.example.com/a").is_ok());
}

#[tokio::test]
async fn what_is_refused_at_first_is_refused_when_it_is_called_and_nobody_hears_of_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in CLOSED_HOSTS {
        let sent = Outward::new(false)
            .send(post(format!("http://{host}:{port}/hook")))
            .await;
        assert!(matches!(sent, Err(PostError::Refused(_))), "{host}: {sent:?}");
    }
    assert_silent(&listener).await;
}

#[tokio::test]
async fn a_name_that_leads_to_a_closed_address_is_refused_and_nobody_is_called() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for address in CLOSED_ADDRESSES {
        let outward = guarded(Scripted::new(&[&[address]]));
        let url = format!("http://hooks.example.com:{port}/hook");
        assert_eq!(
            outward.check(&url),
            Ok(()),
            "a name is looked up when it is called"
        );
        let sent = outward.send(post(url)).await;
        let Err(PostError::Refused(reason)) = sent else {
            panic!("{address}: {sent:?}");
        };
        assert!(reason.contains("egress.allow_private"), "{reason}");
    }
    assert_silent(&listener).await;
}

#[tokio::test]
async fn what_a_name_leads_to_counts_for_the_connection_it_is_looked_up_for() {
    let guarded = Guarded(Scripted::new(&[&["93.184.216.34", "127.0.0.1"], &["127.0.0.1"]]));
    let name = || "hooks.example.com".parse::<Name>().unwrap();
    let found: Vec<_> = guarded
        .resolve(name())
        .await
        .unwrap()
        .map(|found| found.ip())
        .collect();
    let open: IpAddr = "93.184.216.34".parse().unwrap();
    assert_eq!(found, [open], "what is closed is left out");
    let bound_anew = guarded.resolve(name()).await.err().expect("refused");
    assert!(bound_anew.downcast_ref::<Closed>().is_some(), "{bound_anew}");
}

#[tokio::test]
async fn a_name_of_this_machine_in_its_own_hosts_file_is_refused() {
    let guarded = Guarded(Arc::new(SystemNames));
    let found = guarded.resolve("localhost".parse().unwrap()).await;
    let refused = found.err().expect("refused");
    assert!(refused.downcast_ref::<Closed>().is_some(), "{refused}");
}

#[tokio::test]
async fn another_scheme_is_not_called() {
    let outward = guarded(Scripted::new(&[&["93.184.216.34"]]));
    for url in [
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "gopher://hooks.example.com/",
    ] {
        assert!(outward.send(post(url.to_owned())).await.is_err(), "{url}");
    }
}

async fn assert_silent(listener: &TcpListener) {
    let heard = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(heard.is_err(), "somebody was called");
}

/// How an endpoint answers.
#[derive(Debug, Clone, Copy)]
enum Manner {
    /// It takes the request and says nothing.
    Silent,
    /// The head of its answer comes byte by byte and has no end.
    DribbledHead,
    /// The head of its answer comes as fast as can be and has no end.
    EndlessHead,
    /// It answers, and the body of its answer has no end.
    EndlessBody,
}

/// Takes one request and answers in this manner; how many bytes of the answer were taken.
async fn endpoint(manner: Manner) -> (Outward, String, tokio::task::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 8 * 1024];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        answer(&mut stream, manner).await
    });
    let outward = Outward {
        answer: SHORT,
        ..Outward::new(true)
    };
    (outward, url, serving)
}

async fn answer(stream: &mut TcpStream, manner: Manner) -> usize {
    let (head, piece, pause): (&[u8], Vec<u8>, _) = match manner {
        Manner::Silent => (b"", Vec::new(), SHORT),
        Manner::DribbledHead => (b"HTTP/1.1 200 OK\r\n", b"x".to_vec(), SHORT / 20),
        Manner::EndlessHead => (
            b"HTTP/1.1 200 OK\r\n",
            b"x-more: and more\r\n".repeat(500),
            Duration::ZERO,
        ),
        Manner::EndlessBody => (b"HTTP/1.1 200 OK\r\n\r\n", vec![b'x'; 64 * 1024], Duration::ZERO),
    };
    let (mut reading, mut writing) = stream.split();
    let mut taken = 0;
    writing.write_all(head).await.unwrap();
    loop {
        let mut end = [0; 1];
        tokio::select! {
            written = writing.write_all(&piece), if !piece.is_empty() => match written {
                Ok(()) => taken += piece.len(),
                Err(_) => return taken,
            },
            // The other side has gone.
            _ = reading.read(&mut end) => return taken,
        }
        tokio::time::sleep(pause).await;
    }
}

#[tokio::test]
async fn whoever_does_not_answer_in_time_has_failed_and_no_answer_is_read_beyond_its_head() {
    assert_eq!(Outward::new(false).answer, Duration::from_secs(15));
    for (manner, is_answered) in [
        (Manner::Silent, false),
        (Manner::DribbledHead, false),
        (Manner::EndlessHead, false),
        (Manner::EndlessBody, true),
    ] {
        let (outward, url, serving) = endpoint(manner).await;
        let since = Instant::now();
        let sent = tokio::time::timeout(LONG, outward.send(post(url))).await;
        let sent = sent.unwrap_or_else(|_| panic!("{manner:?} never ended"));
        assert_eq!(sent.is_ok(), is_answered, "{manner:?}: {sent:?}");
        assert!(
            !matches!(manner, Manner::Silent | Manner::DribbledHead) || since.elapsed() >= SHORT,
            "{manner:?} had no time"
        );
        let taken = tokio::time::timeout(LONG, serving).await;
        let taken = taken
            .unwrap_or_else(|_| panic!("{manner:?} is still connected"))
            .unwrap();
        // What the sockets of both sides hold, and one buffer of the client.
        assert!(taken < 16 * 1024 * 1024, "{manner:?}: {taken} bytes");
    }
}
