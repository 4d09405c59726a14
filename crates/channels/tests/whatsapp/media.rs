//! Files of customers: what comes back is what was promised, and the token stays where it belongs.

use std::sync::Arc;

use reqwest::{Client, Url};
use switchboard_channels::foreign::Guard;
use switchboard_channels::whatsapp::media::{Fetcher, MediaError};
use switchboard_channels::whatsapp::report::Media;
use switchboard_testbed::fault::Fault;
use switchboard_testbed::graph::{Call, File, Graph};

use crate::support::{account, http_client};

fn media(id: &str) -> Media {
    Media {
        id: id.into(),
        media_type: None,
        sha256: None,
        file_name: None,
        is_voice: false,
    }
}

/// Calls any address.
#[derive(Debug)]
struct Open(Client);

impl Guard for Open {
    fn client_for(&self, _: &Url) -> Result<Client, String> {
        Ok(self.0.clone())
    }

    fn refusal(&self, _: &reqwest::Error) -> Option<String> {
        None
    }
}

/// Calls none.
#[derive(Debug)]
struct Closed;

impl Guard for Closed {
    fn client_for(&self, url: &Url) -> Result<Client, String> {
        Err(format!("{url} is closed"))
    }

    fn refusal(&self, _: &reqwest::Error) -> Option<String> {
        None
    }
}

fn fetcher(graph: &Graph) -> Fetcher {
    Fetcher::new(http_client(), Arc::new(Open(http_client())), account(graph))
}

async fn fetch(graph: &Graph, file: File) -> Result<Vec<u8>, MediaError> {
    let id = graph.keep(file);
    let fetched = fetcher(graph).with_limit(1000).fetch(&media(&id)).await;
    fetched.map(|file| file.content)
}

#[tokio::test]
async fn a_file_is_fetched_with_its_type_and_its_bytes() {
    let graph = Graph::start().await.unwrap();
    let id = graph.keep_file("image/jpeg", "picture");
    let file = fetcher(&graph).fetch(&media(&id)).await.unwrap();
    assert_eq!(
        (file.media_type.as_str(), file.content.as_slice()),
        ("image/jpeg", &b"picture"[..])
    );
}

#[tokio::test]
async fn a_file_that_is_not_what_was_promised_is_refused() {
    let graph = Graph::start().await.unwrap();
    let wrong_hash = File {
        has_wrong_hash: true,
        ..File::new("image/jpeg", b"picture".to_vec())
    };
    let too_large = File::new("image/jpeg", vec![7; 1001]);
    let small_said_large = File {
        said_size: Some(1 << 40),
        ..File::new("image/jpeg", b"picture".to_vec())
    };
    let large_said_small = File {
        said_size: Some(7),
        ..File::new("image/jpeg", vec![7; 1001])
    };
    for file in [wrong_hash, too_large, small_said_large, large_said_small] {
        let error = fetch(&graph, file).await.unwrap_err();
        assert!(matches!(error, MediaError::Refused { .. }), "{error:?}");
    }
    assert!(
        fetch(&graph, File::new("image/jpeg", vec![7; 1000]))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn the_token_is_not_taken_to_another_host() {
    let (graph, other) = (Graph::start().await.unwrap(), Graph::start().await.unwrap());
    let id = other.keep_file("image/jpeg", "picture");
    let elsewhere = File {
        elsewhere: Some(format!("{}/attachments/?mid={id}", other.base_url())),
        ..File::new("image/jpeg", b"picture".to_vec())
    };
    other.fail_next(Call::Download, 1, Fault::Garbage);
    let error = fetch(&graph, elsewhere).await.unwrap_err();
    assert!(matches!(error, MediaError::Refused { .. }), "{error:?}");
    let untouched = fetch(&other, File::new("image/jpeg", b"picture".to_vec())).await;
    assert!(
        untouched.is_err(),
        "the fault that waits for a download was not taken: nobody came"
    );
}

#[tokio::test]
async fn what_is_gone_is_told_from_what_may_come_later() {
    let graph = Graph::start().await.unwrap();
    let gone = File {
        is_gone: true,
        ..File::new("image/jpeg", b"picture".to_vec())
    };
    assert!(matches!(fetch(&graph, gone).await, Err(MediaError::Gone { .. })));
    let unknown = fetcher(&graph).fetch(&media("4711")).await;
    assert!(matches!(unknown, Err(MediaError::Gone { .. })), "{unknown:?}");
    let id = graph.keep_file("image/jpeg", "picture");
    for (call, fault) in [
        (Call::Address, Fault::Code(190)),
        (Call::Address, Fault::Code(131_000)),
        (Call::Address, Fault::Garbage),
        (Call::Download, Fault::CloseUnread),
        (
            Call::Download,
            Fault::Answer(503, String::new(), Some("3".into())),
        ),
    ] {
        graph.fail_next(call, 1, fault.clone());
        let error = fetcher(&graph).fetch(&media(&id)).await.unwrap_err();
        assert!(matches!(error, MediaError::Later { .. }), "{fault:?}: {error:?}");
    }
    graph.refuse_connections().await.unwrap();
    let error = fetcher(&graph).fetch(&media(&id)).await.unwrap_err();
    assert!(matches!(error, MediaError::Later { .. }), "{error:?}");
}

#[tokio::test]
async fn an_id_that_leads_elsewhere_is_no_id() {
    let graph = Graph::start().await.unwrap();
    for id in ["", "../me", "1?fields=x", "1/messages", "http://evil.example"] {
        let error = fetcher(&graph).fetch(&media(id)).await.unwrap_err();
        assert!(matches!(error, MediaError::Refused { .. }), "{id}: {error:?}");
    }
    assert_eq!(graph.refusals().len(), 0, "nothing was asked for");
}

#[tokio::test]
async fn where_a_file_lies_is_called_by_the_guarded_way_alone() {
    let graph = Graph::start().await.unwrap();
    let id = graph.keep_file("image/jpeg", "picture");
    let guarded = Fetcher::new(http_client(), Arc::new(Closed), account(&graph));
    let error = guarded.fetch(&media(&id)).await.unwrap_err();
    let MediaError::Refused { reason } = &error else {
        panic!("{error:?}");
    };
    assert!(reason.contains("is closed"), "{reason}");
}

#[tokio::test]
async fn the_hash_of_the_webhook_counts_where_the_graph_gives_none() {
    let graph = Graph::start().await.unwrap();
    let id = graph.keep_file("text/plain", "abc");
    let address = format!(
        r#"{{"url":"{}/attachments/?mid={id}","mime_type":"text/plain"}}"#,
        graph.base_url()
    );
    // SHA-256 of "abc" and of nothing that is known, as webhooks carry it; and something that is no hash at all.
    let zeros = format!("{}=", "A".repeat(43));
    for (hash, is_taken) in [
        ("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", true),
        (zeros.as_str(), false),
        ("no hash", true),
    ] {
        graph.fail_next(Call::Address, 1, Fault::Answer(200, address.clone(), None));
        let hashed = Media {
            sha256: Some(hash.into()),
            ..media(&id)
        };
        let fetched = fetcher(&graph).fetch(&hashed).await;
        assert_eq!(fetched.is_ok(), is_taken, "{hash}: {fetched:?}");
    }
}
