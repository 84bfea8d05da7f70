//! What people do in a random run.

use whimbrel::Result;
use whimbrel::event::{Command, Reply};
use whimbrel::types::{
    ClientId, ConversationId, OutboxItem, OutboxKind, OutboxState, Person, Role, UserId,
};

use super::Run;
use crate::sim::check::Verdict;
use crate::sim::check::gather;
use crate::sim::device::DeviceIndex;
use crate::sim::options::index_below;
use crate::sim::origin::NAMES;

/// How likely each action is, of the sum of all.
const WEIGHTS: [(Action, u64); 16] = [
    (Action::Send, 38),
    (Action::SendMany, 5),
    (Action::Edit, 8),
    (Action::Delete, 4),
    (Action::MarkRead, 9),
    (Action::CreateDirect, 2),
    (Action::CreateGroup, 1),
    (Action::Add, 5),
    (Action::Remove, 4),
    (Action::Rename, 4),
    (Action::SetRole, 4),
    (Action::Leave, 1),
    (Action::SwitchNetwork, 4),
    (Action::Restart, 3),
    (Action::TidyOutbox, 9),
    (Action::Focus, 2),
];

#[derive(Debug, Clone, Copy)]
enum Action {
    Send,
    SendMany,
    Edit,
    Delete,
    MarkRead,
    CreateDirect,
    CreateGroup,
    Add,
    Remove,
    Rename,
    SetRole,
    Leave,
    SwitchNetwork,
    Restart,
    TidyOutbox,
    Focus,
}

/// What a command did, as far as its author knows.
type Answer = Option<Result<Reply>>;

impl Run {
    /// The conversations that a run begins with.
    pub(super) fn found(&mut self) -> Verdict {
        for number in 0..self.options.conversations {
            let who = Self::somebody(&mut self.acting, self.options.people);
            if number % 2 == 0 {
                self.create_group(who)?;
            } else {
                self.create_direct(who)?;
            }
        }
        Ok(())
    }

    /// Somebody does something.
    pub(super) fn act(&mut self) -> Verdict {
        let who = Self::somebody(&mut self.acting, self.options.people);
        let sum = WEIGHTS.iter().map(|(_, weight)| weight).sum();
        let mut at = self.acting.below(sum);
        let mut chosen = Action::Send;
        for (action, weight) in WEIGHTS {
            chosen = action;
            match at.checked_sub(weight) {
                Some(rest) => at = rest,
                None => break,
            }
        }
        if !self.world.is_running(who) {
            return Ok(());
        }
        match chosen {
            Action::Send => self.send(who),
            Action::SendMany => (0..2 + self.acting.below(8)).try_for_each(|_| self.send(who)),
            Action::Edit => self.edit(who),
            Action::Delete => self.delete(who),
            Action::MarkRead => self.mark_read(who),
            Action::CreateDirect => self.create_direct(who),
            Action::CreateGroup => self.create_group(who),
            Action::Add => self.add(who),
            Action::Remove => self.remove(who),
            Action::Rename => self.rename(who),
            Action::SetRole => self.set_role(who),
            Action::Leave => self.leave(who),
            Action::SwitchNetwork => self.switch_network(who),
            Action::Restart => self.restart(who),
            Action::TidyOutbox => self.tidy_outbox(who),
            Action::Focus => self.focus(who),
        }
    }

    /// Runs a command and writes down what came of it. `Ok(None)` where the process died.
    fn command(&mut self, who: DeviceIndex, what: &str, command: Command) -> Verdict<Answer> {
        let answer = self.world.try_run(who, command);
        let outcome = match &answer {
            None => "dies over it",
            Some(Ok(_)) => "ok",
            Some(Err(error)) => error.code.name(),
        };
        let name = self.name(who);
        self.note(&format!("{name} {what}: {outcome}"));
        Ok(answer)
    }

    /// What comes after a command and its entry in the book.
    fn after_command(&mut self, who: DeviceIndex) -> Verdict {
        self.note_outbox(who);
        self.observe()
    }

    fn send(&mut self, who: DeviceIndex) -> Verdict {
        let Some(place) = self.some_place(who) else {
            return Ok(());
        };
        let text = self.new_text();
        let what = format!(
            "says {} in {}",
            self.shorten(&text),
            self.history.place(place)
        );
        let command = Command::Send {
            conversation: place,
            text: text.clone(),
        };
        match self.command(who, &what, command)? {
            Some(Ok(Reply::Item(id))) => self.book.sent(who, place, id, &text),
            None => self.book.maybe_sent(who, place, &text),
            Some(_) => {}
        }
        self.after_command(who)
    }

    fn edit(&mut self, who: DeviceIndex) -> Verdict {
        let Some((id, place)) = self.some_text(who) else {
            return Ok(());
        };
        let text = self.new_text();
        let old = self
            .book
            .find(id)
            .map(|said| said.text.clone())
            .unwrap_or_default();
        let what = format!("changes {} to {}", self.shorten(&old), self.shorten(&text));
        let command = Command::Edit {
            conversation: place,
            message: id,
            text: text.clone(),
        };
        let answer = self.command(who, &what, command)?;
        if !matches!(answer, Some(Err(_))) {
            self.book.edited(id, &text);
        }
        self.after_command(who)
    }

    fn delete(&mut self, who: DeviceIndex) -> Verdict {
        let Some((id, place)) = self.some_text(who) else {
            return Ok(());
        };
        let old = self
            .book
            .find(id)
            .map(|said| said.text.clone())
            .unwrap_or_default();
        let what = format!("takes back {}", self.shorten(&old));
        let command = Command::Delete {
            conversation: place,
            message: id,
        };
        let answer = self.command(who, &what, command)?;
        if !matches!(answer, Some(Err(_))) {
            self.book.withdrawn(id);
        }
        self.after_command(who)
    }

    fn mark_read(&mut self, who: DeviceIndex) -> Verdict {
        let Some(place) = self.some_place(who) else {
            return Ok(());
        };
        let rows = self.world.device(who).engine.as_ref().and_then(|engine| {
            gather::glance(engine.store().connection(), place)
                .ok()
                .flatten()
        });
        let rows = rows.map(|glance| glance.rows).unwrap_or_default();
        let back = index_below(&mut self.acting, rows.len().min(4));
        let Some(row) = rows.iter().rev().nth(back) else {
            return Ok(());
        };
        let what = format!("has read {} up to {:?}", self.history.place(place), row.seq);
        let command = Command::MarkRead {
            conversation: place,
            message: row.id,
        };
        self.command(who, &what, command)?;
        self.after_command(who)
    }

    fn create_direct(&mut self, who: DeviceIndex) -> Verdict {
        let peer = self.somebody_else(who);
        let what = format!("opens a direct chat with {}", self.name(peer));
        let peer = self.person(peer);
        self.command(who, &what, Command::CreateDirect { peer })?;
        self.after_command(who)
    }

    fn create_group(&mut self, who: DeviceIndex) -> Verdict {
        let mut members = Vec::new();
        for other in self.devices().filter(|other| *other != who) {
            if self.acting.per_mille(700) {
                members.push(self.person(other));
            }
        }
        let name = self.new_name();
        let what = format!("makes {} for {}", self.shorten(&name), members.len());
        self.command(who, &what, Command::CreateGroup { name, members })?;
        self.after_command(who)
    }

    fn add(&mut self, who: DeviceIndex) -> Verdict {
        let Some(place) = self.some_place(who) else {
            return Ok(());
        };
        let whom = self.somebody_else(who);
        let what = format!("adds {} to {}", self.name(whom), self.history.place(place));
        let people = vec![self.person(whom)];
        self.command(
            who,
            &what,
            Command::Add {
                conversation: place,
                people,
            },
        )?;
        self.after_command(who)
    }

    fn remove(&mut self, who: DeviceIndex) -> Verdict {
        let Some(place) = self.some_place(who) else {
            return Ok(());
        };
        let whom = self.somebody_else(who);
        let what = format!(
            "removes {} from {}",
            self.name(whom),
            self.history.place(place)
        );
        let user = self.world.device(whom).user;
        self.command(
            who,
            &what,
            Command::Remove {
                conversation: place,
                user,
            },
        )?;
        self.after_command(who)
    }

    fn rename(&mut self, who: DeviceIndex) -> Verdict {
        let Some(place) = self.some_place(who) else {
            return Ok(());
        };
        let name = self.new_name();
        let what = format!(
            "names {} {}",
            self.history.place(place),
            self.shorten(&name)
        );
        self.command(
            who,
            &what,
            Command::Rename {
                conversation: place,
                name,
            },
        )?;
        self.after_command(who)
    }

    fn set_role(&mut self, who: DeviceIndex) -> Verdict {
        let Some(place) = self.some_place(who) else {
            return Ok(());
        };
        let whom = Self::somebody(&mut self.acting, self.options.people);
        let role = match self.acting.below(4) {
            0 => Role::Member,
            1 => Role::Owner,
            _ => Role::Admin,
        };
        let what = format!(
            "makes {} {role:?} in {}",
            self.name(whom),
            self.history.place(place)
        );
        let roles = vec![(self.world.device(whom).user, role)];
        self.command(
            who,
            &what,
            Command::SetRoles {
                conversation: place,
                roles,
            },
        )?;
        self.after_command(who)
    }

    fn leave(&mut self, who: DeviceIndex) -> Verdict {
        let Some(place) = self.some_place(who) else {
            return Ok(());
        };
        let what = format!("leaves {}", self.history.place(place));
        let command = Command::Leave {
            conversation: place,
        };
        self.command(who, &what, command)?;
        self.after_command(who)
    }

    fn switch_network(&mut self, who: DeviceIndex) -> Verdict {
        let online = !self.world.device(who).online;
        let name = self.name(who);
        self.note(&format!(
            "{name} goes {}",
            if online { "online" } else { "offline" }
        ));
        self.world.set_online(who, online);
        self.observe()
    }

    /// Closes the app as one should, and starts it again.
    fn restart(&mut self, who: DeviceIndex) -> Verdict {
        let name = self.name(who);
        self.note(&format!("{name} closes the app"));
        self.world.quit_device(who);
        self.device_is_down(who);
        self.observe()
    }

    /// Looks at what is stopped in the outbox, or at anything in it, and does something about it.
    fn tidy_outbox(&mut self, who: DeviceIndex) -> Verdict {
        let outbox = self.world.outbox(who);
        let failed = outbox
            .iter()
            .position(|item| item.state == OutboxState::Failed);
        let any = index_below(&mut self.acting, outbox.len());
        let any = self.acting.per_mille(300).then_some(any);
        let Some(item) = failed.or(any).and_then(|at| outbox.get(at)) else {
            return Ok(());
        };
        match self.acting.below(10) {
            0..=2 => {
                let command = Command::Retry { item: item.id };
                self.command(who, &format!("tries again {}", kind(item)), command)?;
                self.after_command(who)
            }
            _ => self.discard(who, item),
        }
    }

    fn discard(&mut self, who: DeviceIndex, item: &OutboxItem) -> Verdict {
        let command = Command::Discard { item: item.id };
        let answer = self.command(who, &format!("discards {}", kind(item)), command)?;
        let may_be_gone = !matches!(answer, Some(Err(_)));
        match item.kind {
            OutboxKind::Text(_) if may_be_gone => self.book.withdrawn(item.id),
            // With these a whole conversation may go.
            OutboxKind::Create | OutboxKind::Add(_) if may_be_gone => {
                let ids = self.place_ids(who);
                if !ids.contains(&item.conversation) {
                    self.book.abandoned(item.conversation);
                }
            }
            _ => {}
        }
        self.after_command(who)
    }

    fn focus(&mut self, who: DeviceIndex) -> Verdict {
        let place = self.some_place(who);
        self.command(who, "looks at a conversation", Command::Focus(place))?;
        self.observe()
    }

    // Choosing.

    /// The conversations of a device; none while its process is not there.
    fn place_ids(&self, who: DeviceIndex) -> Vec<ConversationId> {
        let engine = self.world.device(who).engine.as_ref();
        let ids = engine.map(|engine| gather::conversation_ids(engine.store().connection()));
        ids.and_then(std::result::Result::ok).unwrap_or_default()
    }

    fn some_place(&mut self, who: DeviceIndex) -> Option<ConversationId> {
        let ids = self.place_ids(who);
        ids.get(index_below(&mut self.acting, ids.len())).copied()
    }

    fn some_text(&mut self, who: DeviceIndex) -> Option<(ClientId, ConversationId)> {
        let recent: Vec<_> = self
            .book
            .recent(who)
            .map(|(id, said)| (id, said.place))
            .take(6)
            .collect();
        recent
            .get(index_below(&mut self.acting, recent.len()))
            .copied()
    }

    fn somebody_else(&mut self, who: DeviceIndex) -> DeviceIndex {
        let step = 1 + index_below(&mut self.acting, self.options.people - 1);
        DeviceIndex((who.0 + step) % self.options.people)
    }

    /// Somebody by id or by name.
    fn person(&mut self, who: DeviceIndex) -> Person {
        let user: UserId = self.world.device(who).user;
        match NAMES.get(who.0) {
            Some(name) if self.acting.per_mille(500) => Person::Username((*name).to_owned()),
            _ => Person::Id(user),
        }
    }

    /// A text like no other, of any length.
    fn new_text(&mut self) -> String {
        self.texts += 1;
        let filling = match self.acting.below(40) {
            0..=29 => self.acting.below(40),
            30..=36 => self.acting.below(600),
            37 | 38 => self.acting.below(4_000),
            _ => self.acting.below(16_000),
        };
        let filling = "·".repeat(usize::try_from(filling / 2).unwrap_or(0));
        format!("{} m{} {filling}", self.canary, self.texts)
    }

    fn new_name(&mut self) -> String {
        self.texts += 1;
        format!("{} g{}", self.canary, self.texts)
    }
}

fn kind(item: &OutboxItem) -> &'static str {
    match item.kind {
        OutboxKind::Create => "a create",
        OutboxKind::Add(_) => "an add",
        OutboxKind::Remove(_) => "a remove",
        OutboxKind::SetRoles(_) => "roles",
        OutboxKind::Leave => "a leave",
        OutboxKind::Rename(_) => "a rename",
        OutboxKind::Text(_) => "a text",
        OutboxKind::Edit { .. } => "an edit",
        OutboxKind::Delete { .. } => "a delete",
        OutboxKind::ReadMark { .. } => "a read mark",
        OutboxKind::Upkeep => "upkeep",
    }
}
