//! What people say: read from `xtask/demo/scenario.toml`.

use serde::Deserialize;

use crate::failure::{Failure, Result};

/// The whole script.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// Name of the conversation.
    pub(crate) conversation: String,
    /// What the search must find in a control file.
    pub(crate) canary: String,
    /// The first words, in several scripts.
    pub(crate) opening: Vec<Line>,
    /// What piles up while somebody is away.
    piling_up: PilingUp,
    /// Carol's part.
    pub(crate) carol: Carol,
    /// What is said while Alice's devices come and go.
    pub(crate) devices: Devices,
    /// What happens when somebody joins.
    pub(crate) joined: Joined,
}

/// A line with its speaker.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    /// `alice` or `bob`.
    pub(crate) from: String,
    /// What is said.
    pub(crate) text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PilingUp {
    texts: Vec<String>,
}

/// What Carol hears, says, and must not hear.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Carol {
    /// Said to her while she is in.
    pub(crate) hears: Vec<String>,
    /// Said by her.
    pub(crate) says: Vec<String>,
    /// Said after she was removed.
    pub(crate) misses: Vec<String>,
}

/// What is said while Alice's devices come and go.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Devices {
    /// By Bob, to the phone and the tablet.
    pub(crate) to_both: String,
    /// By Alice on the phone.
    pub(crate) from_phone: String,
    /// By Alice on the tablet.
    pub(crate) from_tablet: String,
    /// On the lost phone, and never to arrive.
    pub(crate) stray: String,
    /// Said when the phone is removed.
    pub(crate) after_loss: String,
    /// To Dave, who has just come in.
    pub(crate) to_dave: String,
    /// By Dave.
    pub(crate) from_dave: String,
    /// Said while Alice has no device.
    pub(crate) while_away: String,
    /// To Alice when she is back.
    pub(crate) to_the_returned: String,
    /// By Alice when she is back.
    pub(crate) from_the_returned: String,
}

/// What is said to somebody who joins in the terminal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Joined {
    /// When coming in.
    pub(crate) hears: String,
    /// In turn, to each message.
    pub(crate) answers: Vec<String>,
    /// The last message of all.
    pub(crate) farewell: String,
}

impl Scenario {
    /// Reads the script that is built in.
    pub(crate) fn read() -> Result<Self> {
        toml::from_str(include_str!("../../demo/scenario.toml"))
            .map_err(|error| Failure::Wrong(format!("xtask/demo/scenario.toml: {error}")))
    }

    /// The text of this number among those that pile up; no two numbers give the same.
    pub(crate) fn piling_up(&self, number: usize) -> String {
        let texts = &self.piling_up.texts;
        let template = texts
            .get(number % texts.len().max(1))
            .map_or("{n}", String::as_str);
        template.replace("{n}", &format!("{number:04}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_script_is_complete() {
        let scenario = Scenario::read().unwrap();
        assert!(scenario.opening.len() > 5);
        let scripts = ["é", "ال", "ह", "好", "\u{200d}", "\u{301}"];
        for script in scripts {
            let mut opening = scenario.opening.iter();
            assert!(opening.any(|line| line.text.contains(script)), "{script}");
        }
        assert_ne!(scenario.piling_up(1), scenario.piling_up(7));
        let long_enough = |text: &String| text.len() > 20;
        assert!(scenario.carol.misses.iter().all(long_enough));
    }
}
