//! The example sentences, one file an intent, one sentence a line; part of the binary.

use switchboard_domain::analysis::Intent;

/// A sentence and what its writer wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// What the writer wanted; [`Intent::Uncategorized`] for sentences no business is asked.
    pub intent: Intent,
    /// The sentence.
    pub text: &'static str,
}

/// All examples, by intent in the order of [`Intent::ALL`].
pub fn examples() -> impl Iterator<Item = Example> {
    let of = |intent| file(intent).lines().map(move |text| Example { intent, text });
    Intent::ALL
        .into_iter()
        .flat_map(of)
        .filter(|example| !example.text.trim().is_empty())
}

const fn file(intent: Intent) -> &'static str {
    match intent {
        Intent::Greeting => include_str!("../../data/intents/greeting.txt"),
        Intent::Inquiry => include_str!("../../data/intents/inquiry.txt"),
        Intent::OrderInquiry => include_str!("../../data/intents/order_inquiry.txt"),
        Intent::OrderStatus => include_str!("../../data/intents/order_status.txt"),
        Intent::Complaint => include_str!("../../data/intents/complaint.txt"),
        Intent::Feedback => include_str!("../../data/intents/feedback.txt"),
        Intent::Support => include_str!("../../data/intents/support.txt"),
        Intent::AgentRequest => include_str!("../../data/intents/agent_request.txt"),
        Intent::Thanks => include_str!("../../data/intents/thanks.txt"),
        Intent::Goodbye => include_str!("../../data/intents/goodbye.txt"),
        Intent::Uncategorized => include_str!("../../data/intents/uncategorized.txt"),
    }
}
