//! The table: one line a figure, one column an engine.

use std::io::{self, Write};

use crate::arguments::Engine;
use crate::samples::Samples;

/// Something measured.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// What, under which load.
    pub(crate) name: String,
    /// What one of it is (`µs CPU a message`).
    pub(crate) unit: &'static str,
    /// What it should reach; empty where nothing was set.
    pub(crate) target: &'static str,
    /// What was measured.
    pub(crate) samples: Samples,
}

impl Figure {
    /// A figure without a target.
    pub(crate) fn new(name: impl Into<String>, unit: &'static str, samples: Samples) -> Self {
        Self {
            name: name.into(),
            unit,
            target: "",
            samples,
        }
    }

    /// A figure of one value without a target.
    pub(crate) fn one(name: impl Into<String>, unit: &'static str, value: f64) -> Self {
        Self::new(name, unit, Samples::one(value))
    }

    /// The same with a target.
    pub(crate) const fn target(mut self, target: &'static str) -> Self {
        self.target = target;
        self
    }
}

/// All figures, by engine.
#[derive(Debug)]
pub(crate) struct Report {
    engines: Vec<Engine>,
    figures: Vec<(Engine, Figure)>,
}

impl Report {
    /// An empty table with a column for each of these.
    pub(crate) const fn new(engines: Vec<Engine>) -> Self {
        Self {
            engines,
            figures: Vec::new(),
        }
    }

    /// Adds what was measured with an engine.
    pub(crate) fn add(&mut self, engine: Engine, figures: Vec<Figure>) {
        self.figures
            .extend(figures.into_iter().map(|figure| (engine, figure)));
    }

    /// Writes the table in Markdown.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let names: Vec<_> = self.engines.iter().map(|engine| engine.name()).collect();
        writeln!(out, "| work | unit | target | {} |", names.join(" | "))?;
        writeln!(out, "|---|---|---|{}", "---|".repeat(names.len()))?;
        let mut written: Vec<&str> = Vec::new();
        for (_, figure) in &self.figures {
            if written.contains(&figure.name.as_str()) {
                continue;
            }
            written.push(&figure.name);
            let cells: Vec<_> = self
                .engines
                .iter()
                .map(|&engine| self.cell(engine, &figure.name))
                .collect();
            writeln!(
                out,
                "| {} | {} | {} | {} |",
                figure.name,
                figure.unit,
                figure.target,
                cells.join(" | ")
            )?;
        }
        writeln!(
            out,
            "\nMedian of the rounds, their lowest in brackets. CPU is the hub's alone, user and system."
        )
    }

    fn cell(&self, engine: Engine, name: &str) -> String {
        self.figures
            .iter()
            .find(|(of, figure)| *of == engine && figure.name == name)
            .map_or_else(|| "–".to_owned(), |(_, figure)| cell(&figure.samples))
    }
}

fn cell(samples: &Samples) -> String {
    match (samples.median(), samples.lowest()) {
        (Some(median), Some(lowest)) if samples.len() > 1 => {
            format!("{} ({})", rounded(median), rounded(lowest))
        }
        (Some(only), _) => rounded(only),
        _ => "–".to_owned(),
    }
}

/// Three digits where they are few, no fraction where they are many.
fn rounded(value: f64) -> String {
    match value.abs() {
        small if small < 10.0 => format!("{value:.2}"),
        middle if middle < 1000.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_has_one_line_and_a_column_for_each_engine() {
        let mut report = Report::new(vec![Engine::Sled, Engine::Fjall]);
        let mut samples = Samples::one(12.345);
        samples.push(11.0);
        samples.push(13.0);
        report.add(
            Engine::Sled,
            vec![Figure::new("chat", "µs", samples).target("≤ 9")],
        );
        report.add(Engine::Fjall, vec![Figure::one("chat", "µs", 1234.5)]);
        report.add(Engine::Fjall, vec![Figure::one("idle", "KB", 4.2)]);
        let mut out = Vec::new();
        report.write(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains("| chat | µs | ≤ 9 | 12.3 (11.0) | 1234 |"),
            "{text}"
        );
        assert!(text.contains("| idle | KB |  | – | 4.20 |"), "{text}");
    }
}
