//! `cargo xtask demo`: real client processes with real SQLite files talk through a real server
//! over TLS, go offline, are killed, come back, and end with the same conversation.
//!
//! [`scenario`] is what people say, [`world`] the processes, [`story`] what happens, [`verdict`]
//! the table at the end. Clients reach the server through a recording proxy, so that the frames
//! as the server sees them after TLS can be searched ([`search`]) for what was said.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use crate::failure::{Failure, Result};
use crate::folder::Folder;
use crate::{setup, workspace};

mod scenario;

mod world;

pub(crate) mod client;

mod story;

mod search;

mod verdict;

use scenario::Scenario;
use story::Story;
use world::World;

/// Options of `cargo xtask demo`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Join the conversation as a fourth person, in this terminal.
    #[arg(long)]
    interactive: bool,
    /// Keep all files of the demo in this folder, which must not exist yet.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
}

/// How much is told while it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Telling {
    /// Every step.
    All,
    /// The table at the end.
    TableOnly,
}

/// Builds everything and plays the demo.
pub(crate) fn run(options: &Options) -> Result<()> {
    setup::ensure()?;
    println!("building; from cold this takes some minutes, the demo itself less than one");
    workspace::build_programs()?;
    let folder = match &options.keep {
        Some(path) => Folder::kept(path)?,
        None => Folder::temporary()?,
    };
    play(&folder, Telling::All, options.interactive)
}

/// Plays the demo with programs that are built already, as a part of the test command.
pub(crate) fn quiet() -> Result<()> {
    play(&Folder::temporary()?, Telling::TableOnly, false)
}

fn play(folder: &Folder, telling: Telling, interactive: bool) -> Result<()> {
    let started = Instant::now();
    let scenario = Scenario::read()?;
    let world = World::start(folder.path())?;
    let mut story = Story::begin(&scenario, world, telling)?;
    story.tell(interactive)?;
    let facts = story.end()?;
    let lines = verdict::lines(&scenario, folder.path(), &facts)?;
    let passed = verdict::print(&lines, started.elapsed());
    if passed {
        Ok(())
    } else {
        Err(Failure::Wrong(
            "the demo ended otherwise than it must: see the lines marked WRONG".into(),
        ))
    }
}
