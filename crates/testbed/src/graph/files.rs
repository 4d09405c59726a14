//! Files: taking them in as `multipart/form-data`, telling where they are, handing them out.
//!
//! Invariant: an upload names its product, its type and its file, each once, as the documented form does.

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::error::Refusal;
use super::state::{File, State};
use crate::http::{Answer, Request};

/// What the upload of a file asks for.
#[derive(Debug, Default)]
struct Form {
    product: Option<String>,
    media_type: Option<String>,
    file: Option<(String, String, Vec<u8>)>,
}

/// Takes a file; its id.
pub(super) fn upload(request: &Request, state: &State) -> Result<String, Refusal> {
    let boundary = request
        .header("content-type")
        .strip_prefix("multipart/form-data; boundary=")
        .ok_or_else(|| Refusal::parameter("Param file must be uploaded as multipart/form-data."))?;
    let form = read(&request.body, boundary)
        .ok_or_else(|| Refusal::parameter("The multipart body cannot be read."))?;
    if form.product.as_deref() != Some("whatsapp") {
        return Err(Refusal::parameter("The parameter messaging_product is required."));
    }
    let media_type = form
        .media_type
        .ok_or_else(|| Refusal::parameter("The parameter type is required."))?;
    let (name, own_type, content) = form
        .file
        .ok_or_else(|| Refusal::parameter("The parameter file is required."))?;
    if own_type != media_type {
        return Err(Refusal::new(
            131_053,
            "The file is not of the type that it is said to be",
        ));
    }
    Ok(state.add_upload(name, media_type, content))
}

fn read(body: &[u8], boundary: &str) -> Option<Form> {
    let first = format!("--{boundary}\r\n");
    let next = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(first.as_bytes())?;
    let mut form = Form::default();
    loop {
        let end = find(rest, next.as_bytes())?;
        take(&mut form, rest.get(..end)?)?;
        let after = rest.get(end + next.len()..)?;
        match after.strip_prefix(b"\r\n") {
            Some(more) => rest = more,
            None => return (after == b"--\r\n").then_some(form),
        }
    }
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}

/// One part; `None` for one that is not known or comes twice.
fn take(form: &mut Form, part: &[u8]) -> Option<()> {
    let end = find(part, b"\r\n\r\n")?;
    let head = std::str::from_utf8(part.get(..end)?).ok()?;
    let content = part.get(end + 4..)?;
    let (disposition, rest) = head.split_once("\r\n").unwrap_or((head, ""));
    let named = disposition.strip_prefix("Content-Disposition: form-data; name=\"")?;
    let (name, more) = named.split_once('"')?;
    let text = || String::from_utf8(content.to_vec()).ok();
    let before = match name {
        "messaging_product" => form.product.replace(text()?).is_some(),
        "type" => form.media_type.replace(text()?).is_some(),
        "file" => {
            let file_name = more.strip_prefix("; filename=\"")?.strip_suffix('"')?;
            let media_type = rest.strip_prefix("Content-Type: ")?;
            let file = (file_name.to_owned(), media_type.to_owned(), content.to_vec());
            form.file.replace(file).is_some()
        }
        _ => return None,
    };
    (!before).then_some(())
}

/// Where a file is, as `GET /{id}` answers.
pub(super) fn address(id: &str, file: &File, base_url: &str) -> Value {
    let mut digest: Vec<u8> = Sha256::digest(&file.content).to_vec();
    if file.has_wrong_hash {
        digest.reverse();
    }
    let digits: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let own = format!("{base_url}/attachments/?mid={id}");
    let size = file.said_size.unwrap_or(file.content.len() as u64);
    json!({
        "messaging_product": "whatsapp",
        "url": file.elsewhere.clone().unwrap_or(own),
        "mime_type": file.media_type,
        "sha256": digits.concat(),
        // A text here and a number there: the documentation has both.
        "file_size": size.to_string(),
        "id": id
    })
}

/// The file itself.
pub(super) fn content(file: &File) -> Answer {
    Answer {
        status: 200,
        headers: vec![("content-type", file.media_type.clone())],
        body: Bytes::from(file.content.clone()),
    }
}
