//! Tables in Markdown.

use std::fmt::Write as _;

/// A table: a line of names, and lines of cells.
pub struct Table {
    text: String,
    columns: usize,
}

impl Table {
    /// One with these columns; the first `texts` of them are text, the others figures.
    pub fn new(columns: &[&str], texts: usize) -> Self {
        let mut text = format!("| {} |\n|", columns.join(" | "));
        for at in 0..columns.len() {
            text.push_str(if at < texts { " --- |" } else { " ---: |" });
        }
        Self { text, columns: columns.len() }
    }

    /// Adds a line.
    pub fn line(&mut self, cells: &[String]) {
        assert_eq!(cells.len(), self.columns, "a cell for each column");
        write!(self.text, "\n| {} |", cells.join(" | ")).expect("memory to write in");
    }

    /// Prints it under this heading.
    pub fn print(&self, heading: &str) {
        println!("\n### {heading}\n\n{}", self.text);
    }
}

/// A figure with three digits that count, and its thousands apart.
pub fn figure(value: f64) -> String {
    match value.abs() {
        // A cell that has nothing to say.
        _ if value.is_nan() => "–".to_owned(),
        size if size >= 100.0 => thousands(value),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// A whole number, its thousands apart.
pub fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut apart = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            apart.push(',');
        }
        apart.push(digit);
    }
    if value < 0.0 { format!("-{apart}") } else { apart }
}
