//! The JSON form of every record, as docs/CLI.md describes it.

use serde_json::{Value, json};
use whimbrel::Error;
use whimbrel::client::SyncOutcome;
use whimbrel::error::Remedy;
use whimbrel::types::{
    Account, Alarm, Change, ClientState, Connection, Contact, Conversation, ConversationKind,
    ConversationState, Defect, Delivery, Device, DeviceState, Devices, IdentityChange, Member,
    Message, MessageKind, OutboxItem, OutboxKind, OutboxState, Person, Role, UserId,
};

/// A list of records.
pub(crate) fn list<T>(records: &[T], shape: fn(&T) -> Value) -> Value {
    records.iter().map(shape).collect()
}

/// An error, with what can be done about it.
pub(crate) fn error(error: &Error) -> Value {
    json!({
        "code": error.code.name(),
        "reason": error.reason,
        "retryable": error.code.is_retryable(),
        "remedy": remedy(error.code.remedy()),
    })
}

fn remedy(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Wait => "wait",
        Remedy::TryAgain => "try_again",
        Remedy::ChangeInput => "change_input",
        Remedy::CheckIdentity => "check_identity",
        Remedy::SignIn => "sign_in",
        Remedy::UpdateApp => "update_app",
        Remedy::FreeSpace => "free_space",
        Remedy::ReEnrol => "re_enrol",
        Remedy::Report => "report",
    }
}

pub(crate) fn account(account: &Account) -> Value {
    json!({
        "user": account.user.to_string(),
        "username": account.username,
        "device": account.device.to_string(),
    })
}

pub(crate) fn conversation(conversation: &Conversation) -> Value {
    json!({
        "id": conversation.id.to_string(),
        "kind": match conversation.kind {
            ConversationKind::Direct => "direct",
            ConversationKind::Group => "group",
        },
        "state": conversation_state(conversation.state),
        "name": conversation.name,
        "peer": conversation.peer.map(|peer| peer.to_string()),
        "unread": conversation.unread,
        "last_message": conversation.last_message.as_ref().map(message),
        "applied_seq": conversation.applied_seq,
        "queued": conversation.queued,
        "blocked": conversation.blocked.map(whimbrel::ErrorCode::name),
        "forked": conversation.forked,
        "last_activity_ms": conversation.last_activity_ms,
    })
}

fn conversation_state(state: ConversationState) -> &'static str {
    match state {
        ConversationState::Creating => "creating",
        ConversationState::Active => "active",
        ConversationState::Removed => "removed",
        ConversationState::NeedsUpdate => "needs_update",
        ConversationState::NeedsResync => "needs_resync",
        ConversationState::Diverged => "diverged",
    }
}

pub(crate) fn member(member: &Member) -> Value {
    json!({
        "user": member.user.to_string(),
        "username": member.username,
        "role": role(member.role),
        "delivered_seq": member.delivered_seq,
        "read_seq": member.read_seq,
    })
}

/// Rights of a user, in one word.
pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Admin => "admin",
        Role::Member => "member",
    }
}

pub(crate) fn contact(contact: &Contact) -> Value {
    json!({
        "user": contact.user.to_string(),
        "username": contact.username,
        "verified": contact.verified,
        "identity_change": contact.identity_change.map(|change| match change {
            IdentityChange::ByRecovery => "by_recovery",
            IdentityChange::Unproven => "unproven",
            IdentityChange::Announced => "announced",
        }),
        "conflict": contact.conflict,
        "safety_number": contact.safety_number.to_string(),
        "qr": contact.safety_number.to_qr(),
    })
}

pub(crate) fn devices(devices: &Devices) -> Value {
    json!({
        "version": devices.version,
        "conflict": devices.conflict,
        "devices": list(&devices.devices, device),
    })
}

fn device(device: &Device) -> Value {
    json!({
        "id": device.id.to_string(),
        "is_this_one": device.is_this_one,
        "state": device_state(device.state),
        "conversations_left": device.conversations_left,
    })
}

/// How far a device has come, in one word.
pub(crate) fn device_state(state: DeviceState) -> &'static str {
    match state {
        DeviceState::Coming => "coming",
        DeviceState::Listed => "listed",
        DeviceState::Going => "going",
        DeviceState::Revoked => "revoked",
    }
}

pub(crate) fn message(message: &Message) -> Value {
    let mut shape = json!({
        "id": message.id.to_string(),
        "conversation": message.conversation.to_string(),
        "sender": message.sender.to_string(),
        "seq": message.seq,
        "composed_ms": message.composed_ms,
        "server_time_ms": message.server_time_ms,
        "delivery": delivery(message.delivery),
        "gap_before": message.gap_before,
    });
    extend(&mut shape, message_kind(&message.kind));
    shape
}

fn message_kind(kind: &MessageKind) -> Value {
    match kind {
        MessageKind::Text { text, edited } => {
            json!({ "kind": "text", "text": text, "edited": edited })
        }
        MessageKind::Deleted => json!({ "kind": "deleted" }),
        MessageKind::Created => json!({ "kind": "created" }),
        MessageKind::Added(added) => json!({ "kind": "added", "users": users(added) }),
        MessageKind::Removed(removed) => json!({ "kind": "removed", "users": users(removed) }),
        MessageKind::Renamed(name) => json!({ "kind": "renamed", "name": name }),
        MessageKind::RoleChanged { user, role: new } => {
            json!({ "kind": "role_changed", "user": user.to_string(), "role": role(*new) })
        }
        MessageKind::Left(user) => json!({ "kind": "left", "user": user.to_string() }),
        MessageKind::IdentityChanged(user) => {
            json!({ "kind": "identity_changed", "user": user.to_string() })
        }
        MessageKind::Forked => json!({ "kind": "forked" }),
        MessageKind::Missed { from_seq, to_seq } => {
            json!({ "kind": "missed", "from_seq": from_seq, "to_seq": to_seq })
        }
        MessageKind::Unsupported => json!({ "kind": "unsupported" }),
        MessageKind::Unreadable(why) => json!({ "kind": "unreadable", "defect": defect(*why) }),
    }
}

fn users(users: &[UserId]) -> Vec<String> {
    users.iter().map(UserId::to_string).collect()
}

/// Why something can't be shown, in one word.
pub(crate) fn defect(defect: Defect) -> &'static str {
    match defect {
        Defect::Undecryptable => "undecryptable",
        Defect::Forged => "forged",
        Defect::AgainstPolicy => "against_policy",
        Defect::Malformed => "malformed",
        Defect::Voided => "voided",
        Defect::Unprocessable => "unprocessable",
    }
}

fn delivery(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Queued => "queued",
        Delivery::Failed => "failed",
        Delivery::Sent => "sent",
        Delivery::Delivered => "delivered",
        Delivery::Read => "read",
    }
}

pub(crate) fn outbox_item(item: &OutboxItem) -> Value {
    let mut shape = json!({
        "id": item.id.to_string(),
        "conversation": item.conversation.to_string(),
        "state": outbox_state(item.state),
        "attempts": item.attempts,
        "failure": item.failure.map(whimbrel::ErrorCode::name),
    });
    extend(&mut shape, outbox_kind(&item.kind));
    shape
}

/// How far an outbox item has come, in one word.
pub(crate) fn outbox_state(state: OutboxState) -> &'static str {
    match state {
        OutboxState::Queued => "queued",
        OutboxState::InDoubt => "in_doubt",
        OutboxState::Accepted => "accepted",
        OutboxState::Failed => "failed",
    }
}

fn outbox_kind(kind: &OutboxKind) -> Value {
    match kind {
        OutboxKind::Create => json!({ "kind": "create" }),
        OutboxKind::Add(people) => {
            let people: Vec<String> = people.iter().map(person).collect();
            json!({ "kind": "add", "people": people })
        }
        OutboxKind::Remove(user) => json!({ "kind": "remove", "user": user.to_string() }),
        OutboxKind::SetRoles(roles) => {
            let roles = roles
                .iter()
                .map(|(user, new)| json!({ "user": user.to_string(), "role": role(*new) }));
            json!({ "kind": "set_roles", "roles": roles.collect::<Vec<_>>() })
        }
        OutboxKind::Leave => json!({ "kind": "leave" }),
        OutboxKind::Rename(name) => json!({ "kind": "rename", "name": name }),
        OutboxKind::Text(text) => json!({ "kind": "text", "text": text }),
        OutboxKind::Edit { target, text } => {
            json!({ "kind": "edit", "target": target.to_string(), "text": text })
        }
        OutboxKind::Delete { target } => json!({ "kind": "delete", "target": target.to_string() }),
        OutboxKind::ReadMark { seq } => json!({ "kind": "read_mark", "seq": seq }),
        OutboxKind::Upkeep => json!({ "kind": "upkeep" }),
    }
}

fn person(person: &Person) -> String {
    match person {
        Person::Id(user) => format!("id:{user}"),
        Person::Username(name) => name.clone(),
    }
}

pub(crate) fn state(state: &ClientState) -> Value {
    json!({
        "connection": connection(state.connection),
        "account": state.account.as_ref().map(account),
        "alarm": state.alarm.map(alarm),
        "queued": state.queued,
        "last_error": state.last_error.map(whimbrel::ErrorCode::name),
    })
}

/// How a sync has ended, in one word.
pub(crate) fn sync_outcome(outcome: SyncOutcome) -> &'static str {
    match outcome {
        SyncOutcome::Complete => "complete",
        SyncOutcome::OutOfTime => "out_of_time",
    }
}

/// The state of the connection, in one word.
pub(crate) const fn connection(connection: Connection) -> &'static str {
    match connection {
        Connection::Offline => "offline",
        Connection::Connecting => "connecting",
        Connection::CatchingUp => "catching_up",
        Connection::Live => "live",
        Connection::Paused => "paused",
    }
}

/// What stops a client, in one word.
pub(crate) fn alarm(alarm: Alarm) -> &'static str {
    match alarm {
        Alarm::RolledBack => "rolled_back",
        Alarm::Revoked => "revoked",
        Alarm::SignInNeeded => "sign_in_needed",
        Alarm::DiskFull => "disk_full",
        Alarm::UpdateNeeded => "update_needed",
    }
}

pub(crate) fn change(change: &Change) -> Value {
    match change {
        Change::Conversation(id) => json!({ "what": "conversation", "id": id.to_string() }),
        Change::Messages(id) => json!({ "what": "messages", "id": id.to_string() }),
        Change::Members(id) => json!({ "what": "members", "id": id.to_string() }),
        Change::Contact(id) => json!({ "what": "contact", "id": id.to_string() }),
        Change::Outbox => json!({ "what": "outbox" }),
        Change::Connection => json!({ "what": "connection" }),
        Change::Account => json!({ "what": "account" }),
        Change::Everything => json!({ "what": "everything" }),
    }
}

/// Adds the fields of one object to another.
fn extend(shape: &mut Value, more: Value) {
    if let (Value::Object(shape), Value::Object(more)) = (shape, more) {
        shape.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use whimbrel::types::DeviceId;

    use super::*;

    #[test]
    fn rows_about_people_have_the_words_of_the_manual() {
        let user = UserId::from_bytes([0xa7; 16]);
        let id = "a7".repeat(16);
        let role = Role::Admin;
        for (kind, expected) in [
            (
                MessageKind::RoleChanged { user, role },
                json!({ "kind": "role_changed", "user": id, "role": "admin" }),
            ),
            (
                MessageKind::Left(user),
                json!({ "kind": "left", "user": id }),
            ),
            (
                MessageKind::IdentityChanged(user),
                json!({ "kind": "identity_changed", "user": id }),
            ),
            (MessageKind::Forked, json!({ "kind": "forked" })),
            (
                MessageKind::Missed {
                    from_seq: 3,
                    to_seq: 9,
                },
                json!({ "kind": "missed", "from_seq": 3, "to_seq": 9 }),
            ),
        ] {
            assert_eq!(message_kind(&kind), expected);
        }
        assert_eq!(
            outbox_kind(&OutboxKind::SetRoles(vec![(user, Role::Owner)])),
            json!({ "kind": "set_roles", "roles": [{ "user": id, "role": "owner" }] })
        );
        assert_eq!(outbox_kind(&OutboxKind::Leave), json!({ "kind": "leave" }));
        let changed = change(&Change::Contact(user));
        assert_eq!(changed, json!({ "what": "contact", "id": id }));
    }

    #[test]
    fn devices_have_the_words_of_the_manual() {
        let device = |state| Device {
            id: DeviceId::from_bytes([0x0c; 16]),
            is_this_one: false,
            state,
            conversations_left: 7,
        };
        let shown = devices(&Devices {
            version: 4,
            conflict: true,
            devices: vec![device(DeviceState::Going)],
        });
        assert_eq!(
            shown,
            json!({
                "version": 4,
                "conflict": true,
                "devices": [{
                    "id": "0c".repeat(16),
                    "is_this_one": false,
                    "state": "going",
                    "conversations_left": 7,
                }],
            })
        );
    }

    /// Every word that a record may say stands in the manual.
    #[test]
    fn the_manual_knows_every_word() {
        let manual = include_str!("../../docs/CLI.md");
        let words = [
            alarm(Alarm::Revoked),
            remedy(Remedy::CheckIdentity),
            device_state(DeviceState::Coming),
            device_state(DeviceState::Listed),
            device_state(DeviceState::Going),
            device_state(DeviceState::Revoked),
            "by_recovery",
            "unproven",
            "identity_change",
            "safety_number",
            "forked",
        ];
        for word in words {
            assert!(manual.contains(&format!("`{word}`")), "{word}");
        }
    }
}
