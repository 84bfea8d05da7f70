//! The processes of the demo: one server, one recording proxy in front of it, the clients, and
//! for a while a server that lies.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::client::{Client, Place};
use crate::failure::{Failure, Result};
use crate::server::{self, end};
use crate::workspace;

/// File in the demo's folder with the key packages of ghosts that were handed out.
pub(crate) const GHOSTS: &str = "ghosts";
/// What the id of every ghost says.
pub(crate) const GHOST: &str = "ghost-of-a-phone";

/// Everything that runs.
#[derive(Debug)]
pub(crate) struct World {
    folder: PathBuf,
    server: Option<Child>,
    /// Where the server listened first, to come back to the same place.
    address: String,
    recorder: Child,
    place: Place,
    liar: Option<Child>,
    clients: BTreeMap<String, Client>,
}

impl World {
    /// Starts server and proxy, with all their files in a folder.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        for name in ["clients", "logs"] {
            let path = folder.join(name);
            fs::create_dir(&path).map_err(Failure::file("make", path))?;
        }
        let mut server = server::start(folder, "127.0.0.1:0")?;
        let started = server::ready(folder, &mut server).and_then(|(address, fingerprint)| {
            let record = folder.join("frames");
            let (recorder, own) = start_middle("recorder", &address, &fingerprint, &record)?;
            Ok((address, recorder, own))
        });
        let (address, recorder, (proxy, fingerprint)) = match started {
            Ok(started) => started,
            Err(failure) => {
                end(&mut server);
                return Err(failure);
            }
        };
        Ok(Self {
            place: Place {
                server: format!("https://{proxy}"),
                fingerprint,
                clients: folder.join("clients"),
            },
            folder: folder.to_path_buf(),
            server: Some(server),
            address,
            recorder,
            liar: None,
            clients: BTreeMap::new(),
        })
    }

    /// Kills the server without a warning.
    pub(crate) fn kill_server(&mut self) {
        if let Some(mut server) = self.server.take() {
            end(&mut server);
        }
    }

    /// Starts the server again, at the same address with the same folder.
    pub(crate) fn start_server_again(&mut self) -> Result<()> {
        // The old address must not be taken for the new server's.
        let file = self.folder.join("server").join("address");
        fs::remove_file(&file).map_err(Failure::file("remove", file))?;
        let mut server = server::start(&self.folder, &self.address)?;
        let started = server::ready(&self.folder, &mut server);
        self.server = Some(server);
        started.map(|_| ())
    }

    /// Starts a person's client, for the first time or again.
    pub(crate) fn start_client(&mut self, name: &str) -> Result<()> {
        let place = self.place.clone();
        self.start_client_at(name, &place)
    }

    fn start_client_at(&mut self, name: &str, place: &Place) -> Result<()> {
        let log = self.folder.join("logs").join(format!("{name}.log"));
        let client = Client::start(place, name, &log)?;
        self.clients.insert(name.to_owned(), client);
        Ok(())
    }

    /// Starts a client again, at a server that slips in ghosts.
    pub(crate) fn start_client_at_liar(&mut self, name: &str) -> Result<()> {
        let upstream = self.place.server.trim_start_matches("https://");
        let record = self.folder.join(GHOSTS);
        let fingerprint = &self.place.fingerprint;
        let (liar, own) = start_middle("liar", upstream, fingerprint, &record)?;
        self.liar = Some(liar);
        let (address, fingerprint) = own;
        let place = Place {
            server: format!("https://{address}"),
            fingerprint,
            clients: self.place.clients.clone(),
        };
        self.start_client_at(name, &place)
    }

    /// The server that lies is gone.
    pub(crate) fn end_liar(&mut self) {
        if let Some(mut liar) = self.liar.take() {
            end(&mut liar);
        }
    }

    /// A person's running client.
    pub(crate) fn client(&mut self, name: &str) -> Result<&mut Client> {
        self.clients
            .get_mut(name)
            .ok_or_else(|| Failure::Wrong(format!("{name} has no running client")))
    }

    /// Takes a client out of the world, to end it.
    pub(crate) fn take_client(&mut self, name: &str) -> Result<Client> {
        self.clients
            .remove(name)
            .ok_or_else(|| Failure::Wrong(format!("{name} has no running client")))
    }

    /// The client program for a person, to be run in the terminal.
    pub(crate) fn terminal_client(&self, name: &str) -> Result<Command> {
        self.place.command(name)
    }

    /// Ends everything: clients by their leave, then the server as a crash would.
    pub(crate) fn end(mut self) -> Result<()> {
        while let Some((_, client)) = self.clients.pop_first() {
            client.quit()?;
        }
        Ok(())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.clients.clear();
        self.end_liar();
        end(&mut self.recorder);
        self.kill_server();
    }
}

/// Starts a program that stands between clients and a server and writes to a file what it is
/// there for; gives its own address and fingerprint.
fn start_middle(
    program: &str,
    upstream: &str,
    upstream_fingerprint: &str,
    record: &Path,
) -> Result<(Child, (String, String))> {
    let mut process = Command::new(workspace::program(program)?)
        .args(["--upstream", upstream])
        .args(["--upstream-fingerprint", upstream_fingerprint])
        .arg("--record")
        .arg(record)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|source| Failure::Start {
            program: program.into(),
            source,
        })?;
    let mut line = String::new();
    let read = process
        .stdout
        .take()
        .map(|stdout| BufReader::new(stdout).read_line(&mut line));
    match (read, line.trim().split_once(' ')) {
        (Some(Ok(_)), Some((address, fingerprint))) => {
            let own = (address.to_owned(), fingerprint.to_owned());
            Ok((process, own))
        }
        _ => {
            end(&mut process);
            Err(Failure::Wrong(format!("{program} did not start")))
        }
    }
}
