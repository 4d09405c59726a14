//! The Graph API's fake: every rule for a message, and the webhooks it makes.

use serde_json::{Value, json};
use switchboard_testbed::fault::Fault;
use switchboard_testbed::graph::{self, Call, Graph, Webhook, samples, sign};
use switchboard_testbed::post;

use crate::receiver::receiver;

async fn call(graph: &Graph, token: &str, content_type: &str, body: &Value) -> (u16, Value) {
    let url = format!(
        "{}/{}/{}/messages",
        graph.base_url(),
        graph::VERSION,
        graph::NUMBER_ID
    );
    let token = format!("Bearer {token}");
    let headers = [("authorization", token.as_str()), ("content-type", content_type)];
    let (status, answer) = post(&url, &headers, body.to_string().into_bytes()).await.unwrap();
    (status, serde_json::from_slice(&answer).unwrap_or_default())
}

async fn send(graph: &Graph, body: &Value) -> (u16, Value) {
    call(graph, graph::ACCESS_TOKEN, "application/json", body).await
}

fn right() -> Value {
    json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": "16505551234",
        "biz_opaque_callback_data": "out_1", "type": "text", "text": {"body": "Hello", "preview_url": false}})
}

/// The right body with one change: a value, or none where it is null.
fn changed(pointer: &str, value: Value) -> Value {
    let mut body = right();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let fields = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        fields.remove(key);
    } else {
        fields.insert(key.into(), value);
    }
    body
}

#[tokio::test]
async fn a_right_message_is_taken_once_and_remembered() {
    let graph = Graph::start().await.unwrap();
    let (status, answer) = send(&graph, &right()).await;
    assert_eq!(status, 200);
    let sent = graph.wait_for_sent(1).await;
    assert_eq!(
        (sent.len(), &answer["messages"][0]["id"]),
        (1, &json!(sent[0].id))
    );
    assert_eq!(sent[0].reference.as_deref(), Some("out_1"));
}

#[tokio::test]
async fn every_wrong_message_is_refused_with_its_code_and_not_remembered() {
    let graph = Graph::start().await.unwrap();
    let long = "a".repeat(4097);
    for (pointer, value, code) in [
        ("/messaging_product", Value::Null, 100),
        ("/messaging_product", json!("telegram"), 100),
        ("/recipient_type", json!("group"), 100),
        ("/to", Value::Null, 100),
        ("/to", json!("12ab"), 131_009),
        ("/to", json!(16_505_551_234_u64), 100),
        ("/recipient", json!("US.1349"), 131_009),
        ("/type", json!("hologram"), 100),
        ("/type", json!("image"), 100),
        ("/text", Value::Null, 100),
        ("/text", json!("Hello"), 100),
        ("/text/body", json!(""), 100),
        ("/text/body", json!(long), 100),
        ("/text/preview_url", json!("yes"), 100),
        ("/text/markdown", json!(true), 100),
        ("/context", json!({"id": "wamid.1"}), 100),
        ("/biz_opaque_callback_data", json!("a".repeat(513)), 100),
        ("/priority", json!("high"), 100),
    ] {
        let (status, answer) = send(&graph, &changed(pointer, value.clone())).await;
        assert!((400..500).contains(&status), "{pointer} {value}: {status}");
        assert_eq!(answer["error"]["code"], code, "{pointer} {value}: {answer}");
        assert!(answer["error"]["fbtrace_id"].is_string(), "{answer}");
    }
    assert_eq!((graph.sent().len(), graph.refusals().len()), (0, 18));
}

#[tokio::test]
async fn a_file_a_template_and_a_read_mark_have_their_own_rules() {
    let graph = Graph::start().await.unwrap();
    graph.approve_template("reminder", "en_US", 1);
    let media = json!({"messaging_product": "whatsapp", "to": "16505551234", "type": "image", "image": {"id": "4711"}});
    let template = |count: usize| {
        let parameters = vec![json!({"type": "text", "text": "Anna"}); count];
        json!({"messaging_product": "whatsapp", "to": "16505551234", "type": "template", "template": {
            "name": "reminder", "language": {"code": "en_US"},
            "components": [{"type": "body", "parameters": parameters}]}})
    };
    let mark = |id: &str| json!({"messaging_product": "whatsapp", "status": "read", "message_id": id});
    for (body, code) in [
        (media, json!(100)),
        (template(2), json!(132_000)),
        (template(1), Value::Null),
        (mark("1"), json!(131_009)),
        (mark("wamid.1"), Value::Null),
    ] {
        let (_, answer) = send(&graph, &body).await;
        assert_eq!(answer["error"]["code"], code, "{body}");
    }
    assert_eq!((graph.sent().len(), graph.read_marks().len()), (1, 1));
}

#[tokio::test]
async fn token_and_content_type_are_looked_at_before_the_message() {
    let graph = Graph::start().await.unwrap();
    let (status, answer) = call(&graph, "old", "application/json", &right()).await;
    assert_eq!((status, &answer["error"]["code"]), (401, &json!(190)));
    let (_, answer) = call(&graph, graph::ACCESS_TOKEN, "text/plain", &right()).await;
    assert_eq!(answer["error"]["code"], 100);
    assert_eq!(graph.sent().len(), 0);
}

#[tokio::test]
async fn a_fault_is_not_used_up_by_a_wrong_call() {
    let graph = Graph::start().await.unwrap();
    graph.fail_next(Call::Message, 1, Fault::Code(131_056));
    let (_, wrong) = send(&graph, &changed("/to", Value::Null)).await;
    assert_eq!(wrong["error"]["code"], 100);
    let (_, failed) = send(&graph, &right()).await;
    assert_eq!(failed["error"]["code"], 131_056);
    assert_eq!(send(&graph, &right()).await.0, 200);
    assert_eq!(graph.sent().len(), 1);
}

#[tokio::test]
async fn a_webhook_is_signed_over_the_bytes_that_arrive() {
    let graph = Graph::start().await.unwrap();
    let (url, received) = receiver().await;
    let webhook = Webhook::of(samples::text("16505551234", "wamid.1", "Grüße"));
    assert_eq!(graph.deliver(&url, &webhook).await.unwrap(), 200);
    let (head, body) = received.await.unwrap();
    assert!(head.starts_with("post /hook?secret=1 "), "{head}");
    let signature = sign(graph::APP_SECRET, body.as_bytes());
    assert!(
        head.contains(&format!("x-hub-signature-256: {signature}")),
        "{head}"
    );
    let read: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(read, webhook.json());
}

#[tokio::test]
async fn a_status_can_come_before_the_answer_it_is_about() {
    let graph = Graph::start().await.unwrap();
    let (url, received) = receiver().await;
    graph.report_before_answer(Some(url));
    let (_, answer) = send(&graph, &right()).await;
    assert!(received.is_finished(), "the report was there first");
    let (_, body) = received.await.unwrap();
    let report: Value = serde_json::from_str(&body).unwrap();
    let status = &report["entry"][0]["changes"][0]["value"]["statuses"][0];
    assert_eq!(status["id"], answer["messages"][0]["id"]);
    assert_eq!(status["biz_opaque_callback_data"], "out_1");
}
