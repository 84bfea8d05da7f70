//! Lines from standard input, with a limit on their length.
//!
//! They are read on a thread of their own: an asynchronous read of standard input can't be
//! given up, and would keep the program from ending until another line came.

use std::io::BufRead;

use tokio::sync::mpsc;

/// Longest line: room for the longest text with every byte escaped.
const LINE_BYTES_MAX: usize = 256 * 1024;
/// Lines read ahead.
const LINES_AHEAD: usize = 64;

/// A line of input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Its text, without the line end.
    Text(String),
    /// Not UTF-8, or too long; it was skipped.
    Unusable(&'static str),
}

/// The lines of standard input; the channel closes at its end.
pub(crate) fn lines_of_stdin() -> mpsc::Receiver<Line> {
    let (sender, receiver) = mpsc::channel(LINES_AHEAD);
    std::thread::spawn(move || {
        let mut stdin = std::io::stdin().lock();
        while let Ok(Some(line)) = next_line(&mut stdin) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// The next line, or `None` at the end.
fn next_line(from: &mut impl BufRead) -> std::io::Result<Option<Line>> {
    let mut line = Vec::new();
    let mut too_long = false;
    loop {
        let available = from.fill_buf()?;
        if available.is_empty() && line.is_empty() && !too_long {
            return Ok(None);
        }
        let end = available.iter().position(|byte| *byte == b'\n');
        let (taken, used) = match end {
            Some(end) => (available.get(..end).unwrap_or_default(), end + 1),
            None => (available, available.len()),
        };
        too_long = too_long || line.len() + taken.len() > LINE_BYTES_MAX;
        if !too_long {
            line.extend_from_slice(taken);
        }
        let finished = end.is_some() || available.is_empty();
        from.consume(used);
        if finished {
            return Ok(Some(if too_long {
                Line::Unusable("the line is longer than 256 KiB")
            } else {
                as_text(line)
            }));
        }
    }
}

fn as_text(line: Vec<u8>) -> Line {
    match String::from_utf8(line) {
        Ok(text) => Line::Text(text.trim_end_matches('\r').to_owned()),
        Err(_) => Line::Unusable("the line is not UTF-8"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn lines(bytes: &[u8]) -> Vec<Line> {
        let mut from = std::io::BufReader::with_capacity(7, bytes);
        std::iter::from_fn(|| next_line(&mut from).unwrap()).collect()
    }

    #[test]
    fn lines_end_at_line_ends_and_at_the_end() {
        let text = |text: &str| Line::Text(text.into());
        assert_eq!(
            lines(b"one\r\n\ntwo, a longer one\nthree"),
            [
                text("one"),
                text(""),
                text("two, a longer one"),
                text("three")
            ]
        );
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn unusable_lines_are_skipped_whole() {
        let mut bytes = vec![b'x'; LINE_BYTES_MAX + 1];
        bytes.extend_from_slice(b"\n\xff\nok\n");
        let read = lines(&bytes);
        assert!(
            matches!(read.as_slice(), [Line::Unusable(_), Line::Unusable(_), Line::Text(ok)] if ok == "ok")
        );
    }
}
