//! The works that are measured, by the names they are asked for with.

mod assistant;
mod crowd;
mod dispatch;
mod durable;
mod fanout;
mod growth;
mod idle;
mod intake;
mod mails;
mod start;

use anyhow::Result;
use clap::ValueEnum;

use crate::context::Context;
use crate::report::Figure;

/// One thing to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Work {
    /// Start of an empty hub, memory it then takes, size of its binary.
    Start,
    /// Memory of an idle connection.
    Idle,
    /// One sender, many readers.
    Fanout,
    /// A message stored, acknowledged and delivered.
    Durable,
    /// The same where the disk takes 4 ms to sync.
    SlowDisk,
    /// The assistant's answers.
    Assistant,
    /// The way of a request through a family.
    Dispatch,
    /// WhatsApp's calls with customers' messages.
    Intake,
    /// Mails read from a mailbox.
    Mails,
    /// A healthy pair beside clients that read nothing or send nothing.
    Crowd,
    /// Pages, memory, disk and start with a million messages.
    Growth,
}

impl Work {
    /// Its name on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Measures it.
    ///
    /// # Errors
    /// When the hub does not do what is asked of it.
    pub(crate) async fn measure(self, context: &Context) -> Result<Vec<Figure>> {
        match self {
            Self::Start => start::measure(context).await,
            Self::Idle => idle::measure(context).await,
            Self::Fanout => fanout::measure(context).await,
            Self::Durable => durable::measure(context).await,
            Self::SlowDisk => durable::measure_slow_disk(context).await,
            Self::Assistant => assistant::measure(context).await,
            Self::Dispatch => dispatch::measure(context).await,
            Self::Intake => intake::measure(context).await,
            Self::Mails => mails::measure(context).await,
            Self::Crowd => crowd::measure(context).await,
            Self::Growth => growth::measure(context).await,
        }
    }
}
