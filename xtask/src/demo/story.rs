//! What happens, step by step: messages and kills here, people and their devices in [`identity`].

mod identity;

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Telling;
use super::client::{Client, Shown, field};
use super::scenario::Scenario;
use super::world::World;
use crate::failure::{Failure, Result};

/// Messages that pile up while Bob is away, and how many Bob writes meanwhile.
const PILE_FOR_BOB: usize = 50;
const BOB_WRITES_AWAY: usize = 5;
/// Messages before and after the server is killed in the middle of them.
const BEFORE_KILL: usize = 25;
const AFTER_KILL: usize = 15;
/// Messages in Alice's outbox when she is killed.
const OUTBOX_AT_KILL: usize = 30;
/// How long Carol stays connected after her removal, in case something still reaches her.
const CAROL_LINGERS: Duration = Duration::from_millis(800);
/// Who joins in the terminal.
const YOU: &str = "you";

/// A text that was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    /// The message's id.
    pub(crate) id: String,
    /// What was sent.
    pub(crate) text: String,
    /// The devices that were in the conversation.
    pub(crate) present: BTreeSet<String>,
}

/// What one device shows at the end.
#[derive(Debug)]
pub(crate) struct Device {
    /// Whose it is.
    pub(crate) name: String,
    /// Its messages in its order.
    pub(crate) messages: Vec<Shown>,
}

/// What is known when all is over.
#[derive(Debug)]
pub(crate) struct Facts {
    /// Every text sent by the script.
    pub(crate) sent: Vec<Sent>,
    /// All devices, before all others one that was in the conversation all the time.
    pub(crate) devices: Vec<Device>,
    /// The device of somebody who joined in the terminal.
    pub(crate) joined: Option<Device>,
    /// What was looked at on the way, and whether it was as it must be.
    pub(crate) checks: Vec<(&'static str, bool)>,
    /// Whether Carol's client took a message after her removal.
    pub(crate) carol_could_write: bool,
    /// Items in Alice's outbox just before she was killed, and messages of it shown just after.
    pub(crate) outbox_at_kill: (usize, usize),
    /// Steps and the time they took.
    pub(crate) times: Vec<(&'static str, Duration)>,
}

/// The demo while it runs.
pub(crate) struct Story<'a> {
    scenario: &'a Scenario,
    world: World,
    telling: Telling,
    conversation: String,
    recovery_code: String,
    sent: Vec<Sent>,
    /// The devices that are in the conversation now.
    present: BTreeSet<String>,
    /// Devices that are gone, as they were last.
    gone: Vec<Device>,
    checks: Vec<(&'static str, bool)>,
    carol_could_write: bool,
    outbox_at_kill: (usize, usize),
    times: Vec<(&'static str, Duration)>,
    joined: bool,
}

impl<'a> Story<'a> {
    /// Makes three accounts and a conversation of Alice and Bob.
    pub(crate) fn begin(scenario: &'a Scenario, world: World, telling: Telling) -> Result<Self> {
        let mut story = Self {
            scenario,
            world,
            telling,
            conversation: String::new(),
            recovery_code: String::new(),
            sent: Vec::new(),
            present: BTreeSet::new(),
            gone: Vec::new(),
            checks: Vec::new(),
            carol_could_write: false,
            outbox_at_kill: (0, 0),
            times: Vec::new(),
            joined: false,
        };
        story.step("three accounts, one conversation", Self::make_accounts)?;
        Ok(story)
    }

    /// Plays everything.
    pub(crate) fn tell(&mut self, interactive: bool) -> Result<()> {
        self.step("the first words, in six scripts", Self::open)?;
        let you = if interactive {
            Some(self.join()?)
        } else {
            None
        };
        self.step("Bob is offline, 50 messages pile up", Self::pile_up)?;
        self.step("the server is killed mid-delivery", Self::kill_server)?;
        self.step("Alice is killed with a full outbox", Self::kill_alice)?;
        self.step(
            "Carol comes, speaks, is removed",
            Self::carol_comes_and_goes,
        )?;
        self.tell_who_is_who()?;
        if let Some(you) = you {
            self.keep_company(you)?;
        }
        Ok(())
    }

    /// Reads what every device shows, and ends all processes.
    pub(crate) fn end(mut self) -> Result<Facts> {
        if self.joined {
            self.fetch_what_you_missed()?;
        }
        let mut devices = vec![self.device("bob")?];
        devices.append(&mut self.gone);
        for name in ["alice", "alice-again", "carol", "dave"] {
            devices.push(self.device(name)?);
        }
        let joined = if self.joined {
            Some(self.device(YOU)?)
        } else {
            None
        };
        self.world.end()?;
        Ok(Facts {
            sent: self.sent,
            devices,
            joined,
            checks: self.checks,
            carol_could_write: self.carol_could_write,
            outbox_at_kill: self.outbox_at_kill,
            times: self.times,
        })
    }

    /// Starts the client of whoever sat at the terminal once more, and waits until all that was
    /// written there has gone out and everybody shows one last message behind it.
    fn fetch_what_you_missed(&mut self) -> Result<()> {
        self.world.start_client(YOU)?;
        let you = self.world.client(YOU)?;
        you.wait_until("your outbox is empty", |you| Ok(you.waiting()? == 0))?;
        self.send("bob", &self.scenario.joined.farewell)?;
        let conversation = self.conversation.clone();
        let last = self.sent.last().map(|sent| sent.id.clone());
        for name in self.present.clone().iter().map(String::as_str).chain([YOU]) {
            let client = self.world.client(name)?;
            client.wait_until("the last message is there", |client| {
                let messages = client.messages(&conversation)?;
                let mut numbered = messages.iter().filter(|message| message.seq > 0);
                Ok(numbered.any(|message| Some(&message.id) == last.as_ref()))
            })?;
        }
        Ok(())
    }

    fn step(
        &mut self,
        name: &'static str,
        play: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        self.say(&format!("\n== {name}"));
        let started = Instant::now();
        play(self)?;
        self.times.push((name, started.elapsed()));
        Ok(())
    }

    fn say(&self, line: &str) {
        if self.telling == Telling::All {
            println!("{line}");
        }
    }

    /// Notes whether something is as it must be.
    fn check(&mut self, what: &'static str, holds: bool) {
        self.checks.push((what, holds));
    }

    fn make_accounts(&mut self) -> Result<()> {
        for name in ["alice", "bob", "carol"] {
            self.world.start_client(name)?;
            register(self.world.client(name)?)?;
            self.say(&format!("   {name} has an account"));
        }
        let alice = self.world.client("alice")?;
        let code = alice.call(json!({ "cmd": "recovery_code" }))?;
        self.recovery_code = field(&code, "code")
            .ok_or_else(|| Failure::Wrong("no recovery code for a new account".into()))?;
        let created = alice.call(json!({
            "cmd": "create",
            "name": self.scenario.conversation,
            "members": ["bob"],
        }))?;
        self.conversation = field(&created, "conversation")
            .ok_or_else(|| Failure::Wrong("a conversation without an id".into()))?;
        self.wait_for_conversation("bob", "active")?;
        self.present.extend(["alice".into(), "bob".into()]);
        self.say("   alice writes a recovery code on paper");
        Ok(())
    }

    fn open(&mut self) -> Result<()> {
        for line in &self.scenario.opening {
            self.send(&line.from, &line.text)?;
            self.say(&format!("   {}: {}", line.from, line.text));
        }
        self.wait_for_everything()
    }

    fn pile_up(&mut self) -> Result<()> {
        self.world.client("bob")?.set_network("down")?;
        self.send_pile("alice", PILE_FOR_BOB)?;
        self.send_pile("bob", BOB_WRITES_AWAY)?;
        let alice = self.world.client("alice")?;
        alice.wait_until(
            "the server has taken all",
            |alice| Ok(alice.waiting()? == 0),
        )?;
        let bob = self.world.client("bob")?;
        let waiting = bob.waiting()?;
        self.say(&format!(
            "   {PILE_FOR_BOB} messages wait for Bob at the server, {waiting} of his own in his outbox"
        ));
        Ok(())
    }

    fn kill_server(&mut self) -> Result<()> {
        self.world.client("bob")?.set_network("up")?;
        self.send_pile("alice", BEFORE_KILL)?;
        self.world.kill_server();
        let waiting = self.world.client("alice")?.waiting()?;
        self.say(&format!(
            "   killed, with {waiting} of {BEFORE_KILL} messages not known to be stored"
        ));
        self.send_pile("alice", AFTER_KILL)?;
        self.say(&format!("   Alice has written {AFTER_KILL} more to nobody"));
        self.world.start_server_again()?;
        self.say("   the server is back");
        self.wait_for_everything()
    }

    fn kill_alice(&mut self) -> Result<()> {
        self.world.client("alice")?.set_network("down")?;
        self.send_pile("alice", OUTBOX_AT_KILL)?;
        let before = self.world.client("alice")?.waiting()?;
        self.world.take_client("alice")?.kill();
        self.say(&format!("   killed, with {before} items in the outbox"));
        self.world.start_client("alice")?;
        let conversation = self.conversation.clone();
        let pile = self.sent.iter().rev().take(OUTBOX_AT_KILL);
        let ids: Vec<String> = pile.map(|sent| sent.id.clone()).collect();
        let messages = self.world.client("alice")?.messages(&conversation)?;
        let after = messages.iter().filter(|message| ids.contains(&message.id));
        self.outbox_at_kill = (before, after.count());
        self.say(&format!(
            "   started again; {} of them are there",
            self.outbox_at_kill.1
        ));
        self.wait_for_everything()
    }

    fn carol_comes_and_goes(&mut self) -> Result<()> {
        let conversation = self.conversation.clone();
        self.world.client("alice")?.call(json!({
            "cmd": "add",
            "conversation": conversation,
            "people": ["carol"],
        }))?;
        self.wait_for_conversation("carol", "active")?;
        self.present.insert("carol".into());
        self.say("   Carol is in");
        let part = &self.scenario.carol;
        for (hears, says) in part.hears.iter().zip(&part.says) {
            self.send("alice", hears)?;
            self.send("carol", says)?;
            self.say(&format!("   alice: {hears}\n   carol: {says}"));
        }
        self.wait_for_everything()?;
        self.world.client("alice")?.call(json!({
            "cmd": "remove",
            "conversation": conversation,
            "user": "carol",
        }))?;
        self.wait_for_conversation("carol", "removed")?;
        self.present.remove("carol");
        self.say("   Carol is out");
        for text in &part.misses {
            self.send("bob", text)?;
            self.say(&format!("   bob: {text}"));
        }
        self.wait_for_everything()?;
        std::thread::sleep(CAROL_LINGERS);
        let carol = self.world.client("carol")?;
        self.carol_could_write = carol.send(&conversation, "May I still?").is_ok();
        Ok(())
    }

    /// Makes an account for whoever sits at the terminal and starts the client there.
    fn join(&mut self) -> Result<Child> {
        self.joined = true;
        self.world.start_client(YOU)?;
        register(self.world.client(YOU)?)?;
        self.world.client("alice")?.call(json!({
            "cmd": "add",
            "conversation": self.conversation,
            "people": [YOU],
        }))?;
        self.wait_for_conversation(YOU, "active")?;
        let hears = &self.scenario.joined.hears;
        self.send("alice", hears)?;
        self.world.take_client(YOU)?.quit()?;
        println!("\n== you are in: /list, then /open 1, and type; the rest goes on meanwhile");
        let mut command: Command = self.world.terminal_client(YOU)?;
        command
            .stdin(Stdio::inherit())
            .stdout(Stdio::inherit())
            .stderr(Stdio::inherit());
        command.spawn().map_err(|source| Failure::Start {
            program: "the client in this terminal".into(),
            source,
        })
    }

    /// Answers whoever sits at the terminal until they leave.
    fn keep_company(&mut self, mut you: Child) -> Result<()> {
        println!("\n== the story is over; Bob answers you; /quit shows the table");
        let answers = &self.scenario.joined.answers;
        let conversation = self.conversation.clone();
        let mut answered = 0;
        while matches!(you.try_wait(), Ok(None)) {
            let members = self.world.client("bob")?.call(json!({
                "cmd": "members",
                "conversation": conversation,
            }))?;
            let yours = user_of(&members, YOU);
            let messages = self.world.client("bob")?.messages(&conversation)?;
            let heard = messages.iter().filter(|message| {
                message.kind == "text" && Some(&message.sender) == yours.as_ref()
            });
            if heard.count() > answered {
                let answer = answers.get(answered % answers.len().max(1));
                let answer = answer.map_or("…", String::as_str);
                self.world.client("bob")?.send(&conversation, answer)?;
                answered += 1;
            }
            std::thread::sleep(Duration::from_millis(250));
        }
        for name in &self.present {
            let client = self.world.client(name)?;
            client.wait_until("the outbox is empty", |client| Ok(client.waiting()? == 0))?;
        }
        Ok(())
    }

    fn send(&mut self, name: &str, text: &str) -> Result<()> {
        let id = self.world.client(name)?.send(&self.conversation, text)?;
        self.sent.push(Sent {
            id,
            text: text.to_owned(),
            present: self.present.clone(),
        });
        Ok(())
    }

    fn send_pile(&mut self, name: &str, count: usize) -> Result<()> {
        for _ in 0..count {
            let text = self.scenario.piling_up(self.sent.len());
            self.send(name, &text)?;
        }
        Ok(())
    }

    /// Waits until a person's conversation is in a state.
    fn wait_for_conversation(&mut self, name: &str, state: &str) -> Result<()> {
        let conversation = self.conversation.clone();
        let client = self.world.client(name)?;
        client.wait_until(&format!("the conversation is {state}"), |client| {
            let found = client.conversations()?;
            Ok(found.iter().any(|record| {
                field(record, "id").as_ref() == Some(&conversation)
                    && field(record, "state").as_deref() == Some(state)
            }))
        })
    }

    /// Waits until every device in the conversation shows every text that was sent while it was
    /// there with its number, and no outbox has anything left.
    fn wait_for_everything(&mut self) -> Result<()> {
        let conversation = self.conversation.clone();
        for name in &self.present {
            let sent = self.sent.iter();
            let expected = sent.filter(|sent| sent.present.contains(name)).count();
            let client = self.world.client(name)?;
            let what = format!("{expected} messages are there and the outbox is empty");
            client.wait_until(&what, |client| {
                let messages = client.messages(&conversation)?;
                let numbered = messages
                    .iter()
                    .filter(|message| message.kind == "text" && message.seq > 0);
                Ok(numbered.count() >= expected && client.waiting()? == 0)
            })?;
        }
        Ok(())
    }

    fn device(&mut self, name: &str) -> Result<Device> {
        let messages = self.world.client(name)?.messages(&self.conversation)?;
        Ok(Device {
            name: name.to_owned(),
            messages,
        })
    }
}

fn register(client: &mut Client) -> Result<()> {
    let command = json!({
        "cmd": "register",
        "username": client.name,
        "password": password_of(&client.name),
    });
    client.call(command)?;
    Ok(())
}

fn password_of(name: &str) -> String {
    format!("the long password of {name}")
}

fn user_of(members: &Value, name: &str) -> Option<String> {
    let members = members.as_array()?;
    let found = members
        .iter()
        .find(|member| field(member, "username").as_deref() == Some(name))?;
    field(found, "user")
}
