//! How far a long command is, on a terminal; nothing where there is none.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

const REDRAW: Duration = Duration::from_millis(100);

/// A counter that moves.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Begins at zero; `what` stands behind the number.
    pub(super) fn start(what: &'static str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(what);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} {msg} ({per_sec}, {elapsed})")
        {
            bar.set_style(style);
        }
        bar.enable_steady_tick(REDRAW);
        Self { bar }
    }

    /// So many are done.
    pub(super) fn at(&mut self, count: u64) {
        self.bar.set_position(count);
    }

    /// Takes the line away.
    pub(super) fn end(self) {
        self.bar.finish_and_clear();
    }
}
