//! A figure beside its target, and the table of them.

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Figure {
    /// What is measured.
    pub(crate) what: String,
    /// What came out.
    pub(crate) measured: Measured,
    /// What it is made of, for people.
    pub(crate) made_of: String,
}

/// What came out, and what it is to be.
#[derive(Debug)]
pub(crate) enum Measured {
    /// How many times as long as the least possible. Reported only.
    Ratio { times: f64, at_most: f64 },
    /// How many commits. Must be right.
    Commits { count: u64, at_most: u64 },
}

impl Figure {
    /// Whether this figure lets the run pass.
    pub(crate) fn is_acceptable(&self) -> bool {
        match self.measured {
            Measured::Ratio { .. } => true,
            Measured::Commits { count, at_most } => count <= at_most,
        }
    }

    fn row(&self) -> [String; 5] {
        let (measured, target, verdict) = match self.measured {
            Measured::Ratio { times, at_most } => {
                let verdict = if times <= at_most {
                    "ok"
                } else {
                    "over target"
                };
                (format!("{times:.2} ×"), format!("≤ {at_most} ×"), verdict)
            }
            Measured::Commits { count, at_most } => {
                let verdict = if count <= at_most { "ok" } else { "WRONG" };
                (count.to_string(), format!("≤ {at_most}"), verdict)
            }
        };
        let (what, made_of) = (self.what.clone(), self.made_of.clone());
        [what, measured, target, verdict.to_owned(), made_of]
    }
}

/// Prints the table, which is Markdown as well.
pub(crate) fn print(figures: &[Figure]) {
    let heading = ["what", "measured", "target", "", "made of"].map(str::to_owned);
    let rows: Vec<[String; 5]> = std::iter::once(heading)
        .chain(figures.iter().map(Figure::row))
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths = [0, 1, 2, 3, 4].map(width);
    println!();
    for (number, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        println!("| {} |", cells.join(" | "));
        if number == 0 {
            println!(
                "| {} |",
                widths.map(|width| "-".repeat(width.max(3))).join(" | ")
            );
        }
    }
}

/// The one in the middle, the upper one of two.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
