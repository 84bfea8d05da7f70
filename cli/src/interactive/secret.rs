//! Asking for passwords and codes without showing what is typed.

use std::io::IsTerminal as _;
use std::process::{Command, Stdio};

use tokio::sync::mpsc;
use whimbrel::Error;

use super::wrong;
use crate::input::Line;
use crate::show::say;

/// Asks for something that nobody else is to see.
pub(super) async fn ask(what: &str, lines: &mut mpsc::Receiver<Line>) -> Result<String, Error> {
    let quiet = Quiet::begin();
    let warning = if quiet.is_visible() {
        " (it is shown as you type)"
    } else {
        ""
    };
    say(&format!("  {what}{warning}:"));
    match lines.recv().await {
        Some(Line::Text(text)) => Ok(text),
        _ => Err(wrong("nothing was given")),
    }
}

/// The terminal does not show what is typed as long as this lives.
struct Quiet {
    is_terminal: bool,
    is_quiet: bool,
}

impl Quiet {
    fn begin() -> Self {
        let is_terminal = std::io::stdin().is_terminal();
        Self {
            is_terminal,
            is_quiet: is_terminal && stty("-echo"),
        }
    }

    fn is_visible(&self) -> bool {
        self.is_terminal && !self.is_quiet
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        if self.is_quiet {
            stty("echo");
        }
    }
}

/// Every Unix has `stty`; elsewhere what is typed is shown, and that is said.
fn stty(setting: &str) -> bool {
    let status = Command::new("stty")
        .arg(setting)
        .stdin(Stdio::inherit())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[tokio::test]
    async fn what_is_asked_for_is_the_next_line() {
        let (sender, mut lines) = mpsc::channel(4);
        sender
            .send(Line::Text(" with spaces \t".into()))
            .await
            .unwrap();
        sender.send(Line::Unusable("not UTF-8")).await.unwrap();
        assert_eq!(
            ask("password", &mut lines).await.unwrap(),
            " with spaces \t"
        );
        assert!(ask("password", &mut lines).await.is_err());
        drop(sender);
        assert!(ask("password", &mut lines).await.is_err());
    }
}
