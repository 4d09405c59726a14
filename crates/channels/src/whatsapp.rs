//! WhatsApp through Meta's Cloud API: what its webhooks report, and what is sent to it.
