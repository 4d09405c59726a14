//! `omnichannel`: FAQs.

mod faq;
