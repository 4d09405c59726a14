//! Files of messages on the wire: Base64 in JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::Deserialize;
use switchboard_domain::ports::transport::OutgoingFile;

use crate::http::body::FieldError;

/// A file of a message.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileIn {
    #[serde(alias = "name")]
    #[schemars(example = &"invoice.pdf", length(min = 1, max = 255))]
    filename: String,
    #[serde(alias = "mediaType")]
    #[schemars(example = &"application/pdf", length(min = 3, max = 255))]
    content_type: String,
    /// Its bytes in Base64.
    #[schemars(example = &"JVBERi0xLjcK")]
    content: String,
}

/// The files as the hub takes them, which decides whether it does.
pub(super) fn into_files(files: Vec<FileIn>) -> Result<Vec<OutgoingFile>, FieldError> {
    files.into_iter().map(FileIn::into_file).collect()
}

impl FileIn {
    fn into_file(self) -> Result<OutgoingFile, FieldError> {
        let content = STANDARD.decode(self.content);
        Ok(OutgoingFile {
            name: self.filename,
            media_type: self.content_type,
            content: content.map_err(|_| FieldError::new("attachments.content", "Base64"))?,
        })
    }
}
