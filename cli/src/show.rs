//! What a person sees: lines of text, safe for a terminal.

use std::collections::BTreeMap;
use std::io::Write as _;

use whimbrel::types::{
    Alarm, ClientState, Contact, Conversation, ConversationState, Delivery, Device, DeviceState,
    IdentityChange, Member, Message, MessageKind, OutboxItem, OutboxKind, Role, UserId,
};

use crate::shape;

/// Groups of digits of a safety number in one line.
const GROUPS_PER_ROW: usize = 4;

/// Names of users, as far as they are known.
pub(crate) type Names = BTreeMap<UserId, String>;

/// Prints a line, or several. Whatever is in it, it does not steer the terminal.
pub(crate) fn say(line: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{}", harmless(line)).and_then(|()| stdout.flush());
}

/// Prints a line for trouble, in which the server may have had a word.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", harmless(line));
}

/// Text of others must not steer the terminal: control characters and marks that turn the
/// direction of everything after them are shown as a replacement character.
pub(crate) fn harmless(text: &str) -> String {
    let steers = |c: char| {
        let turns_direction = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let ends_line = matches!(c, '\u{2028}' | '\u{2029}');
        (c.is_control() && c != '\n') || turns_direction || ends_line
    };
    text.chars()
        .map(|c| {
            if steers(c) {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

/// A name stays on its line.
pub(crate) fn name_of(text: &str) -> String {
    harmless(text).replace('\n', "\u{fffd}")
}

/// The lines of a text after the first are set in, so that none can pass for a line of this
/// program or for somebody else's message.
fn set_in(text: &str) -> String {
    harmless(text).replace('\n', "\n      | ")
}

/// A message as one line, or several where its text has several.
pub(crate) fn message(
    number: usize,
    message: &Message,
    names: &Names,
    own: Option<UserId>,
) -> String {
    let sender = name(message.sender, names);
    let mark = if own == Some(message.sender) {
        mark(message.delivery)
    } else {
        ""
    };
    let gap = if message.gap_before {
        "[something is missing here] "
    } else {
        ""
    };
    let what = match &message.kind {
        MessageKind::Text { text, edited } => {
            let edited = if *edited { " (edited)" } else { "" };
            format!("{}{edited}", set_in(text))
        }
        MessageKind::Deleted => "[deleted]".into(),
        MessageKind::Created => "[founded the conversation]".into(),
        MessageKind::Added(users) => format!("[added {}]", name_list(users, names)),
        MessageKind::Removed(users) => format!("[removed {}]", name_list(users, names)),
        MessageKind::Renamed(name) => format!("[named it \u{201c}{}\u{201d}]", name_of(name)),
        MessageKind::RoleChanged { user, role: new } => {
            format!("[made {} {}]", name(*user, names), role(*new))
        }
        MessageKind::Left(user) => format!("[{} has left]", name(*user, names)),
        MessageKind::IdentityChanged(user) => format!(
            "[{} goes by another identity key: compare /safety-number, then /accept]",
            name(*user, names)
        ),
        MessageKind::Forked => {
            "[was shown another history than this device: the server lies to one of the two]".into()
        }
        MessageKind::Missed { from_seq, to_seq } => {
            format!("[this device missed the numbers {from_seq} to {to_seq}]")
        }
        MessageKind::Unsupported => "[needs a newer version of this program]".into(),
        MessageKind::Unreadable(why) => format!("[not readable: {}]", shape::defect(*why)),
    };
    format!("{number:>4}  {gap}{sender}: {what} {mark}")
        .trim_end()
        .to_owned()
}

/// The sign for how far an own message has come.
fn mark(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Queued => "(waiting)",
        Delivery::Failed => "(failed, see /outbox)",
        Delivery::Sent => "(sent)",
        Delivery::Delivered => "(delivered)",
        Delivery::Read => "(read)",
    }
}

fn name(user: UserId, names: &Names) -> String {
    names
        .get(&user)
        .cloned()
        .unwrap_or_else(|| user.to_string().chars().take(8).collect())
}

fn name_list(users: &[UserId], names: &Names) -> String {
    let names: Vec<String> = users.iter().map(|user| name(*user, names)).collect();
    names.join(", ")
}

/// A conversation as a list shows it.
pub(crate) fn conversation(number: usize, conversation: &Conversation) -> String {
    let unread = match conversation.unread {
        0 => String::new(),
        unread => format!("  {unread} unread"),
    };
    let queued = match conversation.queued {
        0 => String::new(),
        queued => format!("  {queued} waiting"),
    };
    let state = match conversation.state {
        ConversationState::Active => "",
        ConversationState::Creating => "  not yet at the server",
        ConversationState::Removed => "  you are not in it any more",
        ConversationState::NeedsUpdate => "  needs a newer version of this program",
        ConversationState::NeedsResync => "  has lost its encryption state",
        ConversationState::Diverged => "  the server has lost messages",
    };
    let forked = if conversation.forked {
        "  NOT THE SAME FOR ALL: the server lies"
    } else {
        ""
    };
    let blocked = conversation
        .blocked
        .map_or_else(String::new, |code| format!("  stopped: {code}"));
    let title = title(conversation);
    format!("{number:>4}  {title}{unread}{queued}{state}{forked}{blocked}")
}

/// What a conversation is called.
pub(crate) fn title(conversation: &Conversation) -> String {
    if conversation.name.is_empty() {
        "(no name)".into()
    } else {
        name_of(&conversation.name)
    }
}

/// A member as a list shows it.
pub(crate) fn member(member: &Member) -> String {
    let role = match member.role {
        Role::Owner => "  owner",
        Role::Admin => "  admin",
        Role::Member => "",
    };
    format!("      {}{role}", name_of(&member.username))
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "an owner",
        Role::Admin => "an admin",
        Role::Member => "a member without special rights",
    }
}

/// The safety number of somebody, as two people compare it.
pub(crate) fn contact(contact: &Contact) -> String {
    let name = name_of(&contact.username);
    let verified = if contact.verified { ", verified" } else { "" };
    let mut lines = format!("  safety number with {name}{verified}:");
    let digits = contact.safety_number.to_string();
    let groups: Vec<&str> = digits.split(' ').collect();
    for row in groups.chunks(GROUPS_PER_ROW) {
        lines.push_str(&format!("\n      {}", row.join(" ")));
    }
    lines.push_str(&format!(
        "\n  as a picture: {}",
        contact.safety_number.to_qr()
    ));
    if let Some(change) = contact.identity_change {
        lines.push_str(&format!("\n  {}", identity_change(&name, change)));
    }
    if contact.conflict {
        lines.push_str(&format!(
            "\n  {name} has signed two different device lists of one version: somebody else may have \
             the key"
        ));
    }
    lines
}

/// What is to be known and done about another identity key.
pub(crate) fn identity_change(name: &str, change: IdentityChange) -> String {
    let name = name_of(name);
    let how = match change {
        IdentityChange::ByRecovery => "signed with the recovery code",
        IdentityChange::Unproven => "NOTHING BUT THE SERVER SAYS THAT IT IS THE SAME PERSON",
        IdentityChange::Announced => {
            return format!(
                "{name} may have started anew: the server shows another identity key, and no \
                 conversation goes by it. Ask {name} in person. /accept {name} sends what waits to \
                 the devices that are there"
            );
        }
    };
    format!(
        "{name} goes by another identity key ({how}): compare /safety-number {name}, then /accept {name}"
    )
}

/// A device of this user as a list shows it.
pub(crate) fn device(number: usize, device: &Device) -> String {
    let this = if device.is_this_one { "  this one" } else { "" };
    let state = match device.state {
        DeviceState::Listed => "",
        DeviceState::Coming => "  not yet known to the server",
        DeviceState::Going => "  being removed, not yet known to the server",
        DeviceState::Revoked => "  removed",
    };
    let left = match device.conversations_left {
        0 => String::new(),
        left => format!("  {left} conversations to go"),
    };
    format!("{number:>4}  {}{this}{state}{left}", device.id)
}

/// An outbox item as a list shows it.
pub(crate) fn outbox_item(number: usize, item: &OutboxItem, names: &Names) -> String {
    let what = match &item.kind {
        OutboxKind::Create => "found the conversation".into(),
        OutboxKind::Add(people) => format!("add {} people", people.len()),
        OutboxKind::Remove(user) => format!("remove {}", name(*user, names)),
        OutboxKind::SetRoles(roles) => {
            let each = roles.iter();
            let each =
                each.map(|(user, new)| format!("make {} {}", name(*user, names), role(*new)));
            each.collect::<Vec<_>>().join(", ")
        }
        OutboxKind::Leave => "leave".into(),
        OutboxKind::Rename(name) => format!("rename to {}", name_of(name)),
        OutboxKind::Text(text) => set_in(text),
        OutboxKind::Edit { text, .. } => format!("edit to: {}", set_in(text)),
        OutboxKind::Delete { .. } => "delete a message".into(),
        OutboxKind::ReadMark { .. } => "tell what was read".into(),
        OutboxKind::Upkeep => "upkeep of the group".into(),
    };
    let state = shape::outbox_state(item.state);
    let failure = item
        .failure
        .map_or_else(String::new, |code| format!(": {code}"));
    format!("{number:>4}  {what}  ({state}{failure})")
}

/// What stops a client, and what to do about it.
pub(crate) fn alarm(alarm: Alarm) -> &'static str {
    match alarm {
        Alarm::RolledBack => {
            "this is an old copy and sends nothing; /re-enrol goes on as a new device"
        }
        Alarm::Revoked => "this device was removed; /sign-out anyway wipes it",
        Alarm::SignInNeeded => "the session has ended; /login NAME",
        Alarm::DiskFull => "the disk is full",
        Alarm::UpdateNeeded => "this program is too old for the server",
    }
}

/// The state of the client in one line.
pub(crate) fn state(state: &ClientState) -> String {
    let who = state
        .account
        .as_ref()
        .map_or("nobody signed in", |account| account.username.as_str());
    let alarm = state
        .alarm
        .map_or_else(String::new, |stops| format!("  ALARM: {}", alarm(stops)));
    let error = state
        .last_error
        .map_or_else(String::new, |code| format!("  last error: {code}"));
    let connection = shape::connection(state.connection);
    let waiting = state.queued;
    format!("{who}  {connection}  {waiting} waiting{alarm}{error}")
}

#[cfg(test)]
mod tests {
    use whimbrel::types::{ClientId, ConversationId};

    use super::*;

    #[test]
    fn text_can_not_steer_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\rc"), "a\u{fffd}[2Jb\u{fffd}c");
        assert_eq!(harmless("x\u{202e}y\u{2028}z"), "x\u{fffd}y\u{fffd}z");
        let fine = "two\nlines, नमस्ते, مرحبا, 👩‍👩‍👧";
        assert_eq!(harmless(fine), fine);
    }

    fn message_of(kind: MessageKind) -> Message {
        Message {
            id: ClientId::from_bytes([1; 16]),
            conversation: ConversationId::from_bytes([2; 16]),
            sender: UserId::from_bytes([3; 16]),
            seq: Some(4),
            kind,
            composed_ms: 0,
            server_time_ms: None,
            delivery: Delivery::Sent,
            gap_before: false,
        }
    }

    #[test]
    fn a_name_neither_turns_the_terminal_around_nor_makes_a_line() {
        let evil = "\u{202e}eve\n   7  bob: send me money";
        let group = message_of(MessageKind::Renamed(evil.into()));
        let line = message(3, &group, &Names::new(), None);
        assert_eq!(line.lines().count(), 1);
        assert!(!line.contains('\u{202e}'), "{line}");
        assert!(line.contains("\u{fffd}eve\u{fffd}"), "{line}");
        assert_eq!(name_of("\u{202e}\u{2066}\u{7}"), "\u{fffd}\u{fffd}\u{fffd}");
        let change = identity_change(evil, IdentityChange::Unproven);
        assert_eq!(change.lines().count(), 1);
    }

    #[test]
    fn a_text_can_not_pass_for_another_message() {
        let text = MessageKind::Text {
            text: "hello\n   5  bob: send me money".into(),
            edited: false,
        };
        let shown = message(4, &message_of(text), &Names::new(), None);
        let second = shown.lines().nth(1);
        assert_eq!(second, Some("      |    5  bob: send me money"));
    }
}
