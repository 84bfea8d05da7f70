//! The table at the end: what was sent, what arrived, and what was found where it must not be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use super::client::Shown;
use super::scenario::Scenario;
use super::search::Needles;
use super::story::{Device, Facts, Sent};
use super::world::{GHOST, GHOSTS};
use crate::failure::{Failure, Result};

/// Characters of the first column.
const WIDTH: usize = 50;

/// A line of the table.
#[derive(Debug)]
pub(crate) struct Line {
    what: String,
    must_be: String,
    is: String,
    right: bool,
}

impl Line {
    fn exactly(what: &str, must_be: usize, is: usize) -> Self {
        Self {
            what: what.into(),
            must_be: must_be.to_string(),
            is: is.to_string(),
            right: must_be == is,
        }
    }

    fn at_least(what: &str, least: usize, is: usize) -> Self {
        Self {
            what: what.into(),
            must_be: format!("≥ {least}"),
            is: is.to_string(),
            right: is >= least,
        }
    }

    fn yes(what: &str, is: bool) -> Self {
        Self {
            what: what.into(),
            must_be: "yes".into(),
            is: if is { "yes" } else { "no" }.into(),
            right: is,
        }
    }

    fn note(what: impl Into<String>, is: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            must_be: String::new(),
            is: is.into(),
            right: true,
        }
    }
}

/// Judges everything.
pub(crate) fn lines(scenario: &Scenario, folder: &Path, facts: &Facts) -> Result<Vec<Line>> {
    let mut lines = delivery_lines(facts);
    lines.extend(ghost_lines(folder)?);
    lines.extend(search_lines(scenario, folder, facts)?);
    for (step, took) in &facts.times {
        lines.push(Line::note(*step, format!("{:.1} s", took.as_secs_f64())));
    }
    Ok(lines)
}

/// Prints the table; says whether every line is right.
pub(crate) fn print(lines: &[Line], took: Duration) -> bool {
    println!("\n{:<WIDTH$} {:>8} {:>9}", "", "must be", "is");
    for line in lines {
        let mark = if line.right { "" } else { "  WRONG" };
        println!(
            "{:<WIDTH$} {:>8} {:>9}{mark}",
            line.what, line.must_be, line.is
        );
    }
    println!(
        "{:<WIDTH$} {:>8} {:>7.1} s",
        "all together",
        "",
        took.as_secs_f64()
    );
    lines.iter().all(|line| line.right)
}

fn delivery_lines(facts: &Facts) -> Vec<Line> {
    let mut lines = vec![Line::note("messages sent", facts.sent.len().to_string())];
    let mut lost = 0;
    let mut duplicated = 0;
    let mut overheard = 0;
    for device in &facts.devices {
        let is_for_it = |sent: &&Sent| sent.present.contains(&device.name);
        let expected: Vec<&Sent> = facts.sent.iter().filter(is_for_it).collect();
        let delivered = delivered(&expected, &device.messages);
        let what = format!("delivered to {}", device.name);
        lines.push(Line::exactly(&what, expected.len(), delivered));
        lost += expected.len().saturating_sub(delivered);
        overheard += overheard_by(device, &facts.sent);
    }
    for device in facts.devices.iter().chain(&facts.joined) {
        duplicated += duplicates(&device.messages);
    }
    let (before, after) = facts.outbox_at_kill;
    lines.extend([
        Line::exactly("lost", 0, lost),
        Line::exactly("duplicated", 0, duplicated),
        Line::yes("order equal on all devices", orders_agree(facts)),
        Line::exactly("Alice's outbox after the kill", before, after),
        Line::exactly("read by a device before or after its time", 0, overheard),
        Line::yes(
            "Carol's writing refused after removal",
            !facts.carol_could_write,
        ),
    ]);
    let checks = facts.checks.iter();
    lines.extend(checks.map(|(what, holds)| Line::yes(what, *holds)));
    lines
}

/// Texts on a device that were said while it was not in the conversation.
fn overheard_by(device: &Device, sent: &[Sent]) -> usize {
    let missed: BTreeSet<&str> = sent
        .iter()
        .filter(|sent| !sent.present.contains(&device.name))
        .map(|sent| sent.text.as_str())
        .collect();
    let overheard = device.messages.iter().filter(|message| {
        let text = message.text.as_deref();
        text.is_some_and(|text| missed.contains(text))
    });
    overheard.count()
}

/// Whether the ghost has come any further than to the client that was to let it in.
fn ghost_lines(folder: &Path) -> Result<[Line; 2]> {
    let ghost = Needles::of([GHOST]);
    let handed_out = ghost.search(&folder.join(GHOSTS))?;
    let let_in = ghost.search(&folder.join("frames"))?;
    Ok([
        Line::exactly("ghosts let in", 0, let_in.found),
        Line::at_least("control: ghosts handed out", 1, handed_out.found),
    ])
}

/// How many of these were delivered: there, with a number, and letter for letter.
fn delivered(sent: &[&Sent], shown: &[Shown]) -> usize {
    let shown: BTreeMap<&str, &Shown> = shown
        .iter()
        .filter(|message| message.seq > 0)
        .map(|message| (message.id.as_str(), message))
        .collect();
    let arrived = sent.iter().filter(|sent| {
        let message = shown.get(sent.id.as_str());
        message.is_some_and(|message| message.text.as_ref() == Some(&sent.text))
    });
    arrived.count()
}

/// Rows whose id or number, or whose text by the same author, is there already. The notice of
/// another identity has no number of its own: it stands with the row that was the last one then.
fn duplicates(shown: &[Shown]) -> usize {
    let mut ids = BTreeSet::new();
    let mut numbers = BTreeSet::new();
    let mut texts = BTreeSet::new();
    let again = shown.iter().filter(|message| {
        let new_id = ids.insert(&message.id);
        let has_number = message.seq > 0 && message.kind != "identity_changed";
        let new_number = !has_number || numbers.insert(message.seq);
        let new_text = message.text.is_none() || texts.insert((&message.sender, &message.text));
        !(new_id && new_number && new_text)
    });
    again.count()
}

/// Whether every device shows the same rows in the same order, each as far as it was a member.
fn orders_agree(facts: &Facts) -> bool {
    let Some((whole, others)) = facts.devices.split_first() else {
        return false;
    };
    let mut others = others.iter().chain(&facts.joined);
    others.all(|device| is_run_of(device, whole))
}

/// Texts that everybody shows; one that waits for a number is on its device alone.
fn texts(messages: &[Shown]) -> Vec<&Shown> {
    let texts = messages.iter();
    texts
        .filter(|message| message.kind == "text" && message.seq > 0)
        .collect()
}

/// Whether what a device shows is one run, without holes, of what another shows.
fn is_run_of(device: &Device, whole: &Device) -> bool {
    let part = texts(&device.messages);
    let whole = texts(&whole.messages);
    !part.is_empty() && whole.windows(part.len()).any(|run| run == part.as_slice())
}

fn search_lines(scenario: &Scenario, folder: &Path, facts: &Facts) -> Result<Vec<Line>> {
    let control = folder.join("control");
    let planted = format!("\0\u{1}{}\0", scenario.canary);
    fs::write(&control, planted).map_err(Failure::file("write", &control))?;

    let secrets = facts.sent.iter().map(|sent| sent.text.as_str());
    let secrets = secrets.chain([scenario.conversation.as_str(), scenario.canary.as_str()]);
    let needles = Needles::of(secrets);
    let server = needles.search(&folder.join("server"))?;
    let clients = needles.search(&folder.join("clients"))?;
    let logs = needles.search(&folder.join("logs"))?;
    let frames = needles.search(&folder.join("frames"))?;
    let canary = needles.search(&control)?;
    // The name is no secret: Alice asks the server who that is. It shows that the frames are
    // really readable here.
    let names = Needles::of(["bob"]).search(&folder.join("frames"))?;
    let sized = |what: &str, bytes: usize| format!("{what} ({} kB)", bytes / 1000);
    Ok(vec![
        Line::exactly(
            &sized("plaintext in server files", server.bytes),
            0,
            server.found,
        ),
        Line::exactly(
            &sized("plaintext in client files", clients.bytes),
            0,
            clients.found,
        ),
        Line::exactly(&sized("plaintext in logs", logs.bytes), 0, logs.found),
        Line::exactly(
            &sized("plaintext in frames after TLS", frames.bytes),
            0,
            frames.found,
        ),
        Line::at_least("control: canary found by the same search", 1, canary.found),
        Line::at_least("control: a public name found in frames", 1, names.found),
        Line::at_least(
            "control: files of server and clients",
            4,
            server.files + clients.files,
        ),
    ])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests")]

    use super::*;

    fn row(seq: u64, text: &str) -> Shown {
        Shown {
            seq,
            id: format!("id of {text}"),
            kind: "text".into(),
            text: Some(text.into()),
            sender: "alice".into(),
        }
    }

    fn device(name: &str, rows: &[Shown]) -> Device {
        Device {
            name: name.into(),
            messages: rows.to_vec(),
        }
    }

    fn sent(text: &str, present: &[&str]) -> Sent {
        Sent {
            id: format!("id of {text}"),
            text: text.into(),
            present: present.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn facts() -> Facts {
        let all = [row(1, "a"), row(2, "b"), row(4, "c")];
        let some = all.get(1..2).unwrap_or_default();
        Facts {
            sent: vec![
                sent("a", &["alice", "bob"]),
                sent("b", &["alice", "bob", "carol"]),
                sent("c", &["alice", "bob"]),
            ],
            devices: vec![
                device("bob", &all),
                device("alice", &all),
                device("carol", some),
            ],
            joined: None,
            checks: vec![("the sky is blue", true)],
            carol_could_write: false,
            outbox_at_kill: (3, 3),
            times: Vec::new(),
        }
    }

    fn wrong(facts: &Facts) -> Vec<String> {
        let lines = delivery_lines(facts).into_iter();
        lines
            .filter(|line| !line.right)
            .map(|line| line.what)
            .collect()
    }

    #[test]
    fn a_good_end_is_right() {
        assert_eq!(wrong(&facts()), Vec::<String>::new());
    }

    #[test]
    fn what_was_looked_at_on_the_way_is_in_the_table() {
        assert_eq!(wrong(&facts()), Vec::<String>::new());
        let mut failed = facts();
        failed.checks.push(("the moon is made of cheese", false));
        assert_eq!(wrong(&failed), ["the moon is made of cheese"]);
    }

    #[test]
    fn every_fault_makes_its_line_wrong() {
        let mut lost = facts();
        lost.devices[1].messages.pop();
        assert!(wrong(&lost).contains(&"lost".into()));

        let mut garbled = facts();
        garbled.devices[1].messages[0].text = Some("A".into());
        assert!(wrong(&garbled).contains(&"lost".into()));

        let mut doubled = facts();
        doubled.devices[1].messages.push(row(5, "c"));
        assert!(wrong(&doubled).contains(&"duplicated".into()));

        let mut reordered = facts();
        reordered.devices[1].messages.swap(0, 1);
        assert_eq!(wrong(&reordered), ["order equal on all devices"]);

        let mut waiting = facts();
        waiting.devices[1].messages.push(row(0, "never sent"));
        assert_eq!(wrong(&waiting), Vec::<String>::new());

        let mut overheard = facts();
        overheard.devices[2].messages.push(row(4, "c"));
        assert_eq!(
            wrong(&overheard),
            ["read by a device before or after its time"]
        );

        let mut wrote = facts();
        wrote.carol_could_write = true;
        assert_eq!(wrong(&wrote), ["Carol's writing refused after removal"]);

        let mut forgotten = facts();
        forgotten.outbox_at_kill = (3, 2);
        assert_eq!(wrong(&forgotten), ["Alice's outbox after the kill"]);
    }
}
