//! A strict fake of an OpenAI-compatible service: it refuses what the real one refuses, and fails as it is told to.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

/// The key it knows.
pub(crate) const KEY: &str = "sk-test-0123456789";
/// Tokens it bills for each chat call: read, written.
pub(crate) const TOKENS: (u32, u32) = (100, 20);
/// What it hears in every recording.
pub(crate) const HEARD: &str = "Do you sell penguins?";

/// How it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// As it should.
    Well,
    /// Never answers.
    Hangs,
    /// Answers this status, with this `Retry-After`, to so many calls; then as it should.
    Refuses(u16, Option<&'static str>, usize),
    /// Answers what is no JSON.
    Babbles,
    /// Answers JSON whose content is not of the form asked for.
    Rambles,
    /// Ends the connection in the middle of an answer.
    BreaksOff,
    /// Answers after this time.
    Dawdles(Duration),
}

/// What it was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `analysis`, `grounded_answer`, `embedding` or `transcription`.
    pub(crate) what: &'static str,
    /// The body; null for a recording.
    pub(crate) body: Value,
}

#[derive(Debug)]
struct State {
    mood: Mutex<Mood>,
    asked: Mutex<Vec<Asked>>,
    refused: AtomicUsize,
}

/// The running fake; it ends with the test.
#[derive(Debug, Clone)]
pub(crate) struct Fake {
    port: u16,
    state: Arc<State>,
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            mood: Mutex::new(Mood::Well),
            asked: Mutex::default(),
            refused: AtomicUsize::new(0),
        });
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(Arc::clone(&shared), stream));
            }
        });
        Self { port, state }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    pub(crate) fn feels(&self, mood: Mood) {
        *self.state.mood.lock() = mood;
        self.state.refused.store(0, Ordering::SeqCst);
    }

    /// Everything it was asked of this kind and found right.
    pub(crate) fn asked(&self, what: &str) -> Vec<Value> {
        let asked = self.state.asked.lock();
        let of_kind = asked.iter().filter(|asked| asked.what == what);
        of_kind.map(|asked| asked.body.clone()).collect()
    }
}

/// One connection, one request.
async fn serve(state: Arc<State>, mut stream: TcpStream) {
    if *state.mood.lock() == Mood::BreaksOff {
        let half = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{";
        stream.write_all(half).await.ok();
        return;
    }
    let service = service_fn(|request| answer(Arc::clone(&state), request));
    let mut http = hyper::server::conn::http1::Builder::new();
    http.keep_alive(false);
    let served = http.serve_connection(TokioIo::new(stream), service).await;
    // Whoever gave up waiting has closed the connection.
    served.ok();
}

type Out = Response<Full<Bytes>>;

async fn answer(state: Arc<State>, request: Request<Incoming>) -> Result<Out, Infallible> {
    let mood = *state.mood.lock();
    match mood {
        Mood::Hangs => std::future::pending().await,
        Mood::Dawdles(time) => tokio::time::sleep(time).await,
        Mood::Refuses(status, retry_after, times) if state.refused.fetch_add(1, Ordering::SeqCst) < times => {
            return Ok(refusal(status, retry_after, "told_to"));
        }
        Mood::Babbles => return Ok(reply(200, "<html>busy</html>".to_owned())),
        _ => {}
    }
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let out = match checked(&head, &body) {
        Ok(asked) => {
            let mut value = respond(&asked);
            if mood == Mood::Rambles {
                value["choices"] =
                    json!([{"index": 0, "message": {"role": "assistant", "content": "Sure!"}}]);
            }
            state.asked.lock().push(asked);
            reply(200, value.to_string())
        }
        Err((status, code)) => refusal(status, None, &code),
    };
    Ok(out)
}

fn reply(status: u16, body: String) -> Out {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/json")
        .body(Full::from(body))
        .unwrap()
}

fn refusal(status: u16, retry_after: Option<&str>, code: &str) -> Out {
    let body =
        json!({"error": {"message": "no", "type": "invalid_request_error", "param": null, "code": code}});
    let mut out = reply(status, body.to_string());
    if let Some(pause) = retry_after {
        out.headers_mut().insert("retry-after", pause.parse().unwrap());
    }
    out
}

type Refused = (u16, String);

fn refuse<T>(code: impl Into<String>) -> Result<T, Refused> {
    let code = code.into();
    eprintln!("the fake refuses: {code}");
    Err((400, code))
}

fn checked(head: &hyper::http::request::Parts, body: &Bytes) -> Result<Asked, Refused> {
    let header = |name| {
        let value = head.headers.get(name);
        value
            .and_then(|value: &hyper::header::HeaderValue| value.to_str().ok())
            .unwrap_or_default()
    };
    if header(AUTHORIZATION) != format!("Bearer {KEY}") {
        return Err((401, "invalid_api_key".to_owned()));
    }
    let content_type = header(CONTENT_TYPE);
    match (head.method.as_str(), head.uri.path()) {
        ("POST", "/v1/audio/transcriptions") => recording(content_type, body),
        ("POST", path) if content_type == "application/json" => {
            let value: Value = serde_json::from_slice(body).map_err(|_| (400, "no_json".to_owned()))?;
            match path {
                "/v1/chat/completions" => completion(value),
                "/v1/embeddings" => embedding(value),
                _ => Err((404, "unknown_url".to_owned())),
            }
        }
        ("POST", _) => Err((415, "unsupported_media_type".to_owned())),
        _ => Err((405, "method_not_supported".to_owned())),
    }
}

fn only(value: &Value, fields: &[&str]) -> Result<(), Refused> {
    let unknown = value
        .as_object()
        .and_then(|object| object.keys().find(|key| !fields.contains(&key.as_str())));
    unknown.map_or(Ok(()), |field| refuse(format!("unknown field {field}")))
}

fn completion(body: Value) -> Result<Asked, Refused> {
    only(
        &body,
        &["model", "messages", "max_completion_tokens", "response_format"],
    )?;
    if body["model"] != "gpt-4o-mini" {
        return Err((404, "model_not_found".to_owned()));
    }
    let messages = body["messages"].as_array().cloned().unwrap_or_default();
    let roles: Vec<_> = messages.iter().map(|message| message["role"].clone()).collect();
    if roles != ["system", "user"] || !messages.iter().all(|message| message["content"].is_string()) {
        return refuse("messages");
    }
    if !body["max_completion_tokens"]
        .as_u64()
        .is_some_and(|most| (1..=16_384).contains(&most))
    {
        return refuse("max_completion_tokens");
    }
    let format = &body["response_format"];
    only(format, &["type", "json_schema"])?;
    only(&format["json_schema"], &["name", "strict", "schema"])?;
    if format["type"] != "json_schema" || format["json_schema"]["strict"] != true {
        return refuse("response_format");
    }
    strict(&format["json_schema"]["schema"])?;
    match format["json_schema"]["name"].as_str() {
        Some("analysis") => Ok(Asked {
            what: "analysis",
            body,
        }),
        Some("grounded_answer") => Ok(Asked {
            what: "grounded_answer",
            body,
        }),
        _ => refuse("json_schema.name"),
    }
}

/// The rules of structured output: every object closed, every property required.
fn strict(schema: &Value) -> Result<(), Refused> {
    match schema["type"].as_str() {
        Some("object") => {
            let properties = schema["properties"].as_object().cloned().unwrap_or_default();
            let mut named: Vec<_> = properties.keys().map(String::as_str).collect();
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let mut required: Vec<_> = required.iter().filter_map(Value::as_str).collect();
            named.sort_unstable();
            required.sort_unstable();
            if schema["additionalProperties"] != false || named != required {
                return refuse("invalid_json_schema");
            }
            properties.values().try_for_each(strict)
        }
        Some("array") => strict(&schema["items"]),
        Some("string" | "number" | "integer" | "boolean") => Ok(()),
        _ => refuse("invalid_json_schema"),
    }
}

fn embedding(body: Value) -> Result<Asked, Refused> {
    only(&body, &["model", "input"])?;
    if body["model"] != "text-embedding-3-small" {
        return Err((404, "model_not_found".to_owned()));
    }
    let texts = body["input"].as_array().cloned().unwrap_or_default();
    let all_text = texts
        .iter()
        .all(|text| text.as_str().is_some_and(|text| !text.is_empty()));
    if texts.is_empty() || !all_text {
        return refuse("input");
    }
    Ok(Asked {
        what: "embedding",
        body,
    })
}

fn recording(content_type: &str, body: &Bytes) -> Result<Asked, Refused> {
    let Some(boundary) = content_type.strip_prefix("multipart/form-data; boundary=") else {
        return Err((415, "unsupported_media_type".to_owned()));
    };
    let text = String::from_utf8_lossy(body);
    let parts: Vec<_> = text.split(&format!("--{boundary}")).collect();
    let part = |name: &str| {
        parts
            .iter()
            .find(|part| part.contains(&format!("name=\"{name}\"")))
            .copied()
    };
    let whole = text.ends_with(&format!("--{boundary}--\r\n"));
    let file = part("file")
        .is_some_and(|file| file.contains("filename=\"recording.flac\"") && file.contains("fLaC"));
    let model = part("model").is_some_and(|model| model.ends_with("\r\n\r\nwhisper-1\r\n"));
    if !(whole && file && model) {
        return refuse("multipart");
    }
    Ok(Asked {
        what: "transcription",
        body: Value::Null,
    })
}

fn respond(asked: &Asked) -> Value {
    match asked.what {
        "analysis" => chat(&analysis(&user_turn(asked)["message"])),
        "grounded_answer" => chat(&grounded(&user_turn(asked))),
        "embedding" => embedded(&asked.body["input"]),
        _ => json!({"text": HEARD, "usage": {"type": "duration", "seconds": 30}}),
    }
}

fn user_turn(asked: &Asked) -> Value {
    let content = asked.body["messages"][1]["content"].as_str().unwrap();
    serde_json::from_str(content).expect("the customer's words come as JSON")
}

fn chat(content: &Value) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini",
        "choices": [{"index": 0, "finish_reason": "stop", "logprobs": null,
            "message": {"role": "assistant", "content": content.to_string(), "refusal": null}}],
        "usage": {"prompt_tokens": TOKENS.0, "completion_tokens": TOKENS.1, "total_tokens": TOKENS.0 + TOKENS.1}
    })
}

fn analysis(message: &Value) -> Value {
    let text = message.as_str().unwrap();
    let intent = if text.contains("flesh and blood") {
        "agent_request"
    } else {
        "inquiry"
    };
    json!({"intent": intent, "confidence": 0.93, "entities": [{"kind": "email", "value": "made@up.example"}],
        "sentiment": "neutral", "language": "en"})
}

fn grounded(asked: &Value) -> Value {
    let knows = !asked["question"].as_str().unwrap().contains("gorilla");
    let source = asked["sources"][0]["text"].as_str().unwrap_or_default();
    json!({"answered": knows, "answer": format!("As our page says: {source}"), "sources": [1]})
}

/// A vector of letters: the more letters two texts share, the nearer they are.
fn embedded(texts: &Value) -> Value {
    let vector = |text: &Value| {
        let mut counts = vec![0.1_f32; 26];
        for letter in text
            .as_str()
            .unwrap()
            .to_lowercase()
            .bytes()
            .filter(u8::is_ascii_lowercase)
        {
            counts[usize::from(letter - b'a')] += 1.0;
        }
        counts
    };
    let data = texts.as_array().unwrap().iter().enumerate();
    let data: Vec<_> = data
        .map(|(index, text)| json!({"object": "embedding", "index": index, "embedding": vector(text)}))
        .collect();
    json!({"object": "list", "model": "text-embedding-3-small", "data": data,
        "usage": {"prompt_tokens": 8, "total_tokens": 8}})
}
