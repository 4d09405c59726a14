//! Hearing what was said in a recording: by the paid provider, within the budget and a limit of time.
//!
//! Called for recordings that callers send and for voice messages of channels. Invariant: whatever fails here leaves the
//! recording as it is, for an agent to hear.

use switchboard_domain::audio::AudioFormat;
use switchboard_domain::cost::Service;
use switchboard_domain::customer::Channel;
use switchboard_domain::id::OrganizationId;

use crate::services::Services;

impl Services {
    /// The words of a recording; none without a provider that hears, without money for it, or when it fails.
    pub(crate) async fn hear(
        &self,
        organization: OrganizationId,
        channel: Channel,
        format: AudioFormat,
        bytes: Vec<u8>,
    ) -> Option<String> {
        let provider = self.ports.provider.as_deref()?;
        if !provider.transcribes() {
            return None;
        }
        let bounds = [(Service::OpenaiAudio, provider.audio_bound(bytes.len()))];
        let opened = self.budgets.open(organization, channel, &bounds);
        let mut tab = opened
            .inspect_err(|error| tracing::warn!(%organization, %error, "a recording was not transcribed"))
            .ok()?;
        let limit = self.settings.assistant.timeout / 2;
        let called = tokio::time::timeout(limit, provider.transcribe(bytes, format))
            .await
            .ok()?;
        tab.charge(Service::OpenaiAudio, called.usage);
        tab.close().await;
        called
            .result
            .inspect_err(|error| tracing::warn!(%organization, %error, "a recording was not transcribed"))
            .ok()
    }
}
