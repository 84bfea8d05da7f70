//! A random script: honest people talk while the server lies to them and a member misbehaves.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel::event::{Command, Reply};
use whimbrel::types::{
    Alarm, ClientId, ConversationId, ConversationState, OutboxItem, OutboxKind, Person, UserId,
};

use super::cast::Cast;
use super::check;
use super::lies::{Liar, Lie};
use super::middle::Middle;
use super::{absurd, member};
use crate::Puppet;
use crate::sim::origin::Origin;
use crate::sim::{DeviceIndex, Rng, World};

/// Honest people in a script.
const PEOPLE: usize = 4;
/// Has an account, and never comes.
const STRANGER: &str = "erin";
/// Things that happen in a script.
const ACTS: u64 = 22;
/// Virtual time in which everything has to come to rest once the server is honest.
const REST_MS_MAX: i64 = 180_000;
/// More steps in one wait are a client and a server that go round in circles.
const STEPS_MAX: usize = 20_000;
/// Marks are collected for less than this before they are sent.
const QUIET_MS: i64 = 1_500;

/// What somebody said.
#[derive(Debug, Clone)]
pub struct Said {
    /// By whom.
    pub author: DeviceIndex,
    /// Where.
    pub place: ConversationId,
    /// Its text, and those it was changed to.
    pub texts: BTreeSet<String>,
    /// It was taken back.
    pub withdrawn: bool,
}

/// What came of a script.
#[derive(Debug)]
pub struct Outcome {
    /// Its seed.
    pub seed: u64,
    /// Whether everything held.
    pub verdict: Result<(), String>,
    /// Which lies were told how often.
    pub told: BTreeMap<Lie, u64>,
    /// Visible marks at the end.
    pub marks: usize,
    /// What people did.
    pub history: Vec<String>,
}

/// A script under way.
pub struct Script {
    seed: u64,
    /// The world.
    pub world: World,
    /// The malicious server.
    pub middle: Middle,
    /// The hostile member.
    pub mallory: Puppet,
    /// The group that the hostile member is in.
    pub choir: ConversationId,
    /// Everybody.
    pub cast: Cast,
    /// What was said.
    pub said: BTreeMap<ClientId, Said>,
    rng: Rng,
    /// The member has made a commit against the policy; a puppet can do so once.
    has_overreached: bool,
    texts: u64,
    history: Vec<String>,
}

impl Script {
    /// Four people who know each other, three of them with a hostile member in a group.
    ///
    /// # Panics
    /// Where that does not work with an honest server.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut world = World::from_origin(seed, Origin::plain(), PEOPLE);
        world.drive();
        let mut mallory = Puppet::register(&mut world, "mallory");
        let alice = DeviceIndex(0);
        world.group(alice, "lobby", &["bob", "carol", "dave"]);
        let choir = world.group(alice, "choir", &["bob", "carol", "mallory"]);
        world.direct(alice, "bob");
        world.drive();
        mallory.join(&mut world);
        let cast = Cast::of(&world, &mallory);
        let mut rng = Rng::new(seed, "script");
        let mut repertoire = BTreeSet::new();
        for _ in 0..1 + rng.below(5) {
            repertoire.extend(absurd::one_of(&mut rng, &Lie::ALL).copied());
        }
        let per_mille = 60 + rng.below(400);
        let liar = Liar::new(
            seed,
            cast.clone(),
            repertoire.into_iter().collect(),
            per_mille,
        );
        Self {
            seed,
            world,
            middle: Middle::new(liar),
            mallory,
            choir,
            cast,
            said: BTreeMap::new(),
            rng,
            has_overreached: false,
            texts: 0,
            history: Vec::new(),
        }
    }

    /// Plays it and judges.
    ///
    /// # Errors
    /// What does not hold.
    pub fn play(&mut self) -> Result<(), String> {
        self.note(format!("lies {:?}", self.middle.liar.repertoire));
        for _ in 0..ACTS {
            self.let_time_pass();
            self.act();
        }
        self.heal()?;
        check::check(self)
    }

    /// What came of it.
    #[must_use]
    pub fn finish(self, verdict: Result<(), String>) -> Outcome {
        Outcome {
            seed: self.seed,
            marks: match &verdict {
                Ok(()) => check::marks(&self.world).len(),
                Err(_) => 0,
            },
            verdict,
            told: self.middle.liar.told,
            history: self.history,
        }
    }

    fn note(&mut self, what: String) {
        self.history
            .push(format!("{:>8} {what}", self.world.mono_ms));
    }

    fn let_time_pass(&mut self) {
        let ms = match self.rng.below(10) {
            0..=4 => self.rng.below(100),
            5..=8 => self.rng.below(1_500),
            _ => self.rng.below(20_000),
        };
        self.wait(i64::try_from(ms).unwrap_or(0));
    }

    /// Lets so much time pass.
    pub fn wait(&mut self, ms: i64) {
        let until = self.world.mono_ms + ms;
        let mut steps = 0;
        while self.middle.step(&mut self.world, until) {
            steps += 1;
            assert!(
                steps < STEPS_MAX,
                "it goes round in circles:{}",
                self.world.what_is_left()
            );
        }
    }

    fn somebody(&mut self) -> DeviceIndex {
        DeviceIndex(usize::try_from(self.rng.below(PEOPLE as u64)).unwrap_or(0))
    }

    fn act(&mut self) {
        let who = self.somebody();
        match self.rng.below(22) {
            0..=7 => self.say(who),
            8 => self.change(who),
            9 => self.take_back(who),
            10 => self.read(who),
            11 | 12 => self.manage(who),
            13 => {
                self.note(format!("{who:?} starts anew"));
                self.world.restart_device(who);
            }
            14 => {
                self.note(format!("{who:?} reconnects"));
                self.world.cut(who);
            }
            15..=17 => {
                let others: Vec<ClientId> = self.said.keys().copied().collect();
                self.note("mallory acts".to_owned());
                let (pool, rng) = (&mut self.middle.liar.pool, &mut self.rng);
                member::act(
                    &mut self.mallory,
                    &mut self.world,
                    (self.choir, &others),
                    (&self.cast, pool, rng),
                    &mut self.has_overreached,
                );
            }
            _ => {
                if let Some(frame) = self.middle.liar.invent(who) {
                    self.note(format!(
                        "the server pushes to {who:?}: {:?}",
                        kind_of(&frame.message)
                    ));
                    self.middle.push(&self.world, who, &frame);
                }
            }
        }
    }

    fn some_place(&mut self, who: DeviceIndex) -> Option<ConversationId> {
        let places = self.world.conversations(who);
        let places: Vec<ConversationId> = places.iter().map(|place| place.id).collect();
        absurd::one_of(&mut self.rng, &places).copied()
    }

    fn next_text(&mut self) -> String {
        self.texts += 1;
        format!("canary {} {}", self.seed, self.texts)
    }

    fn say(&mut self, who: DeviceIndex) {
        if let Some(place) = self.some_place(who) {
            self.say_in(who, place);
        }
    }

    fn say_in(&mut self, who: DeviceIndex, place: ConversationId) {
        let text = self.next_text();
        let answer = self.world.try_say(who, place, &text);
        self.note(format!(
            "{who:?} says {text:?} in {place}: {}",
            outcome(&answer)
        ));
        if let Ok(Reply::Item(id)) = answer {
            let said = Said {
                author: who,
                place,
                texts: BTreeSet::from([text]),
                withdrawn: false,
            };
            self.said.insert(id, said);
        }
    }

    fn own(&mut self, who: DeviceIndex) -> Option<(ClientId, ConversationId)> {
        let mine = self.said.iter().filter(|(_, said)| said.author == who);
        let mine: Vec<_> = mine.map(|(id, said)| (*id, said.place)).collect();
        absurd::one_of(&mut self.rng, &mine).copied()
    }

    fn change(&mut self, who: DeviceIndex) {
        let Some((message, conversation)) = self.own(who) else {
            return;
        };
        let text = self.next_text();
        let command = Command::Edit {
            conversation,
            message,
            text: text.clone(),
        };
        if self.world.run(who, command).is_ok()
            && let Some(said) = self.said.get_mut(&message)
        {
            said.texts.insert(text);
        }
    }

    fn take_back(&mut self, who: DeviceIndex) {
        let Some((message, conversation)) = self.own(who) else {
            return;
        };
        let command = Command::Delete {
            conversation,
            message,
        };
        if self.world.run(who, command).is_ok()
            && let Some(said) = self.said.get_mut(&message)
        {
            said.withdrawn = true;
        }
    }

    fn read(&mut self, who: DeviceIndex) {
        let Some(conversation) = self.some_place(who) else {
            return;
        };
        let last = self.world.messages(who, conversation).pop();
        if let Some(message) = last.map(|message| message.id) {
            let command = Command::MarkRead {
                conversation,
                message,
            };
            let _ = self.world.run(who, command);
        }
    }

    /// Members come and go, names change, new places open.
    fn manage(&mut self, who: DeviceIndex) {
        let conversation = self.some_place(who).unwrap_or(self.choir);
        let other = self.somebody();
        let (user, name) = {
            let device = self.world.device(other);
            // Somebody whom nobody has met, so that the server is asked who it is.
            let lies = self.middle.liar.repertoire.contains(&Lie::Names);
            let is_new = self.rng.per_mille(250) || lies;
            let name = if is_new {
                STRANGER
            } else {
                device.name.as_str()
            };
            (device.user, name.to_owned())
        };
        let command = match self.rng.below(6) {
            0 => Command::Add {
                conversation,
                people: vec![Person::Username(name)],
            },
            2 => Command::Remove { conversation, user },
            3 => Command::Rename {
                conversation,
                name: format!("name {}", self.texts),
            },
            4 => Command::CreateDirect {
                peer: Person::Id(user),
            },
            _ => Command::CreateGroup {
                name: "new".to_owned(),
                members: vec![Person::Username(name)],
            },
        };
        let what = format!("{who:?} {command:?}");
        let answer = self.world.run(who, command);
        self.note(format!("{what}: {}", outcome(&answer)));
    }

    /// The server is honest from now on; everybody connects anew and says one more thing.
    fn heal(&mut self) -> Result<(), String> {
        self.note("the server turns honest".to_owned());
        self.middle.turn_honest();
        for who in self.everybody() {
            self.world.set_online(who, false);
            self.world.set_online(who, true);
        }
        self.rest()?;
        for who in self.everybody() {
            for place in self.world.conversations(who) {
                if place.state == ConversationState::Active && place.blocked.is_none() {
                    self.say_in(who, place.id);
                }
            }
        }
        self.rest()
    }

    fn everybody(&self) -> Vec<DeviceIndex> {
        self.cast.people.iter().map(|person| person.index).collect()
    }

    fn is_at_rest(&self) -> bool {
        let mut engines = self.world.devices.iter().flat_map(|device| &device.engine);
        self.middle.is_empty()
            && engines.all(|engine| engine.is_settled() || engine.state().alarm.is_some())
    }

    /// Whether whoever is not done waits with a named error, or for key packages of somebody whose
    /// devices the server has misnamed.
    fn is_waiting_visibly(&self) -> bool {
        self.everybody().into_iter().all(|who| {
            let engine = self.world.device(who).engine.as_ref();
            let outbox = self.world.outbox(who);
            let waits = |item: &OutboxItem| {
                item.failure.is_some() || matches!(item.kind, OutboxKind::Upkeep)
            };
            engine.is_some_and(|engine| engine.is_settled()) || outbox.iter().any(waits)
        })
    }

    /// Who is not done, and what waits there.
    fn unrest(&self) -> String {
        let mut text = String::new();
        for who in self.everybody() {
            let engine = self.world.device(who).engine.as_ref();
            if engine.is_some_and(|engine| engine.is_settled()) {
                continue;
            }
            text += &format!("\n{who:?}: {:?}", engine.map(|engine| engine.state()));
            for item in self.world.outbox(who) {
                let place = self.world.conversation(who, item.conversation);
                text += &format!(
                    "\n  {item:?} in {:?}",
                    (place.state, place.applied_seq, place.forked)
                );
            }
        }
        text
    }

    fn rest(&mut self) -> Result<(), String> {
        let deadline = self.world.mono_ms + REST_MS_MAX;
        loop {
            while !self.is_at_rest() {
                self.sign_in_where_needed();
                if self.world.mono_ms >= deadline && self.is_waiting_visibly() {
                    return Ok(());
                }
                if self.world.mono_ms >= deadline {
                    return Err(format!("no rest with an honest server: {}", self.unrest()));
                }
                self.middle.step(&mut self.world, deadline);
            }
            self.wait(QUIET_MS);
            if self.is_at_rest() {
                return Ok(());
            }
        }
    }

    fn sign_in_where_needed(&mut self) {
        for who in self.everybody() {
            let engine = self.world.device(who).engine.as_ref();
            if engine.is_some_and(|engine| engine.state().alarm == Some(Alarm::SignInNeeded)) {
                let _ = self.world.try_sign_in(who);
            }
        }
    }

    /// The name of a user.
    #[must_use]
    pub fn name(&self, user: UserId) -> &str {
        let person = self.cast.person(user);
        person.map_or("mallory or nobody", |person| person.name.as_str())
    }
}

fn outcome(answer: &whimbrel::Result<Reply>) -> &'static str {
    match answer {
        Ok(_) => "ok",
        Err(error) => error.code.name(),
    }
}

fn kind_of(message: &whimbrel_protocol::frame::ServerMessage) -> String {
    let text = format!("{message:?}");
    text.split([' ', '(', '{'])
        .next()
        .unwrap_or_default()
        .to_owned()
}
