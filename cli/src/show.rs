//! What a person sees: lines of text, safe for a terminal.

use std::collections::BTreeMap;
use std::io::Write as _;

use whimbrel::types::{
    ClientState, Conversation, ConversationState, Delivery, Member, Message, MessageKind,
    OutboxItem, OutboxKind, Role, UserId,
};

use crate::shape;

/// Names of users, as far as they are known.
pub(crate) type Names = BTreeMap<UserId, String>;

/// Prints a line.
pub(crate) fn say(line: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

/// Prints a line for trouble.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Text of others must not steer the terminal: control characters and marks that turn the
/// direction of everything after them are shown as a replacement character.
pub(crate) fn harmless(text: &str) -> String {
    let steers = |c: char| {
        let turns_direction = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        (c.is_control() && c != '\n') || turns_direction
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
            format!("{}{edited}", harmless(text))
        }
        MessageKind::Deleted => "[deleted]".into(),
        MessageKind::Created => "[founded the conversation]".into(),
        MessageKind::Added(users) => format!("[added {}]", name_list(users, names)),
        MessageKind::Removed(users) => format!("[removed {}]", name_list(users, names)),
        MessageKind::Renamed(name) => format!("[named it \u{201c}{}\u{201d}]", harmless(name)),
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
    let blocked = conversation
        .blocked
        .map_or_else(String::new, |code| format!("  stopped: {code}"));
    let title = title(conversation);
    format!("{number:>4}  {title}{unread}{queued}{state}{blocked}")
}

/// What a conversation is called.
pub(crate) fn title(conversation: &Conversation) -> String {
    if conversation.name.is_empty() {
        "(no name)".into()
    } else {
        harmless(&conversation.name)
    }
}

/// A member as a list shows it.
pub(crate) fn member(member: &Member) -> String {
    let role = match member.role {
        Role::Owner => "  owner",
        Role::Admin => "  admin",
        Role::Member => "",
    };
    format!("      {}{role}", harmless(&member.username))
}

/// An outbox item as a list shows it.
pub(crate) fn outbox_item(number: usize, item: &OutboxItem, names: &Names) -> String {
    let what = match &item.kind {
        OutboxKind::Create => "found the conversation".into(),
        OutboxKind::Add(people) => format!("add {} people", people.len()),
        OutboxKind::Remove(user) => format!("remove {}", name(*user, names)),
        OutboxKind::Rename(name) => format!("rename to {}", harmless(name)),
        OutboxKind::Text(text) => harmless(text),
        OutboxKind::Edit { text, .. } => format!("edit to: {}", harmless(text)),
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

/// The state of the client in one line.
pub(crate) fn state(state: &ClientState) -> String {
    let who = state
        .account
        .as_ref()
        .map_or("nobody signed in", |account| account.username.as_str());
    let alarm = state.alarm.map_or_else(String::new, |alarm| {
        format!("  ALARM: {}", shape::alarm(alarm))
    });
    let error = state
        .last_error
        .map_or_else(String::new, |code| format!("  last error: {code}"));
    let connection = shape::connection(state.connection);
    let waiting = state.queued;
    format!("{who}  {connection}  {waiting} waiting{alarm}{error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_can_not_steer_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\rc"), "a\u{fffd}[2Jb\u{fffd}c");
        assert_eq!(harmless("x\u{202e}y"), "x\u{fffd}y");
        let fine = "two\nlines, नमस्ते, مرحبا, 👩‍👩‍👧";
        assert_eq!(harmless(fine), fine);
    }
}
