//! `omnichannel`: campaigns, FAQs and what FAQs could be written.

mod campaigns;
mod extraction;
mod faq;
