//! Making conversations, and changing who is in them.

use std::collections::BTreeMap;

use whimbrel_mls::is_valid_username;
use whimbrel_protocol::{Chain, ConversationId, UserId, limits};

use super::{Done, Scope};
use crate::engine::Me;
use crate::error::{Error, ErrorCode, Result};
use crate::event::Reply;
use crate::outbox::Intent;
use crate::store::{ConversationRow, Tx};
use crate::types::{ConversationState, Person, Role};

pub(super) fn create_direct(tx: &Tx<'_>, scope: &mut Scope<'_>, peer: Person) -> Result<Done> {
    let me = scope.me()?;
    check_people(std::slice::from_ref(&peer))?;
    let (user, username) = match known(tx, peer)? {
        Person::Id(user) => (Some(user), None),
        Person::Username(name) => (None, Some(name)),
    };
    if user == Some(me.user) || username.as_ref() == Some(&me.username) {
        return Err(Error::invalid(
            "a direct conversation is with somebody else",
        ));
    }
    let there = match (user, &username) {
        (Some(user), _) => tx.direct_conversations(user)?.into_iter().next(),
        (None, Some(name)) => tx.direct_by_username(name)?,
        (None, None) => None,
    };
    if let Some(there) = there {
        return Ok(Done::nothing_to_send(Reply::Conversation(there.id)));
    }
    let person = match (user, &username) {
        (Some(user), _) => Person::Id(user),
        (None, name) => Person::Username(name.clone().unwrap_or_default()),
    };
    let mut row = new_conversation(scope);
    row.direct = true;
    row.peer = user;
    row.peer_username = username;
    found(tx, scope, &row, vec![vec![person]])
}

pub(super) fn create_group(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    name: String,
    members: Vec<Person>,
) -> Result<Done> {
    let me = scope.me()?;
    check_name(&name)?;
    check_people(&members)?;
    let mut people = Vec::with_capacity(members.len());
    for person in members {
        people.push(known(tx, person)?);
    }
    people.sort_unstable();
    people.dedup();
    people.retain(|person| !is_me(me, person));
    let mut row = new_conversation(scope);
    row.name = name;
    let adds = people
        .chunks(limits::COMMIT_ADDS_MAX)
        .map(<[Person]>::to_vec)
        .collect();
    found(tx, scope, &row, adds)
}

fn is_me(me: &Me, person: &Person) -> bool {
    match person {
        Person::Id(user) => *user == me.user,
        Person::Username(name) => *name == me.username,
    }
}

fn new_conversation(scope: &mut Scope<'_>) -> ConversationRow {
    ConversationRow {
        id: scope.random.conversation_id(),
        direct: false,
        peer: None,
        peer_username: None,
        state: ConversationState::Creating,
        name: String::new(),
        name_seq: 0,
        incarnation: 0,
        applied_seq: 0,
        chain: Chain::START,
        own_counter: 0,
        own_read_seq: 0,
        last_activity_ms: scope.now.wall_ms,
    }
}

fn found(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    row: &ConversationRow,
    adds: Vec<Vec<Person>>,
) -> Result<Done> {
    let me = scope.me()?;
    tx.put_conversation(row)?;
    tx.set_members(row.id, &[(me.user, Role::Owner)])?;
    tx.see_contact(me.user, &me.username, &me.device.certificate.identity_key.0)?;
    let id = scope.random.client_id(scope.now);
    scope.enqueue(tx, row.id, id, &Intent::Create)?;
    for people in adds {
        let id = scope.random.client_id(scope.now);
        scope.enqueue(tx, row.id, id, &Intent::Add { people })?;
    }
    Ok(Done::to_send(Reply::Conversation(row.id), row.id))
}

pub(super) fn add(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    conversation: ConversationId,
    people: Vec<Person>,
) -> Result<Done> {
    let me = scope.me()?;
    let row = open_group(tx, scope, conversation)?;
    require_role(tx, scope, row.id, Role::Admin)?;
    check_people(&people)?;
    if people.is_empty() {
        return Err(Error::invalid("nobody to add"));
    }
    if people.len() > limits::COMMIT_ADDS_MAX {
        return Err(Error::new(
            ErrorCode::TooLarge,
            format!(
                "at most {} people can be added at once",
                limits::COMMIT_ADDS_MAX
            ),
        ));
    }
    let people = people
        .into_iter()
        .map(|person| known(tx, person))
        .collect::<Result<Vec<_>>>()?;
    if people.iter().any(|person| is_me(me, person)) {
        return Err(Error::invalid("one can't add oneself"));
    }
    let id = scope.random.client_id(scope.now);
    scope.enqueue(tx, row.id, id, &Intent::Add { people })?;
    Ok(Done::to_send(Reply::Item(id), row.id))
}

pub(super) fn remove(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    conversation: ConversationId,
    user: UserId,
) -> Result<Done> {
    let me = scope.me()?;
    let row = open_group(tx, scope, conversation)?;
    if user == me.user {
        return Err(Error::invalid("removing oneself is leaving: use leave"));
    }
    let role = role_of(tx, row.id, user)?;
    require_role(tx, scope, row.id, role.min(Role::Admin))?;
    let id = scope.random.client_id(scope.now);
    scope.enqueue(tx, row.id, id, &Intent::Remove { user: user.into() })?;
    Ok(Done::to_send(Reply::Item(id), row.id))
}

pub(super) fn set_roles(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    conversation: ConversationId,
    roles: Vec<(UserId, Role)>,
) -> Result<Done> {
    scope.me()?;
    let row = open_group(tx, scope, conversation)?;
    require_role(tx, scope, row.id, Role::Owner)?;
    if roles.is_empty() || roles.len() > limits::CONVERSATION_USERS_MAX {
        return Err(Error::invalid(
            "roles for one user at least, and for each once",
        ));
    }
    let mut after: BTreeMap<UserId, Role> = tx.member_roles(row.id)?.into_iter().collect();
    for (user, role) in &roles {
        role_of(tx, row.id, *user)?;
        after.insert(*user, *role);
    }
    if !after.values().any(|role| *role == Role::Owner) {
        return Err(last_owner());
    }
    let id = scope.random.client_id(scope.now);
    let roles = roles
        .into_iter()
        .map(|(user, role)| (user.into(), role))
        .collect();
    scope.enqueue(tx, row.id, id, &Intent::SetRoles { roles })?;
    Ok(Done::to_send(Reply::Item(id), row.id))
}

pub(super) fn leave(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    conversation: ConversationId,
) -> Result<Done> {
    let me = scope.me()?.user;
    let row = open_group(tx, scope, conversation)?;
    let mut others = tx.member_roles(row.id)?;
    let own = role_of(tx, row.id, me)?;
    others.retain(|(user, _)| *user != me);
    if own == Role::Owner && !others.iter().any(|(_, role)| *role == Role::Owner) {
        return Err(last_owner());
    }
    let id = scope.random.client_id(scope.now);
    scope.enqueue(tx, row.id, id, &Intent::Leave)?;
    tx.put_leaving(row.id, me, &[])?;
    Ok(Done::to_send(Reply::Item(id), row.id))
}

/// Who has said to leave has nothing more to say.
pub(super) fn require_staying(
    tx: &Tx<'_>,
    scope: &Scope<'_>,
    conversation: ConversationId,
) -> Result<()> {
    if tx.leaving(conversation, scope.me()?.user)?.is_none() {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::WrongState,
        "this user is leaving the conversation",
    ))
}

fn last_owner() -> Error {
    Error::new(
        ErrorCode::LastOwner,
        "a group always has an owner: make somebody else one first",
    )
}

/// The role of a user who is in the conversation.
fn role_of(tx: &Tx<'_>, conversation: ConversationId, user: UserId) -> Result<Role> {
    let roles = tx.member_roles(conversation)?;
    let found = roles.into_iter().find(|(member, _)| *member == user);
    found
        .map(|(_, role)| role)
        .ok_or_else(|| Error::new(ErrorCode::NotMember, "this user is not in the conversation"))
}

/// Says early what the group would say when the commit is made: this user has no right to it.
/// Roles are sorted from the highest to the lowest.
fn require_role(
    tx: &Tx<'_>,
    scope: &Scope<'_>,
    conversation: ConversationId,
    least: Role,
) -> Result<()> {
    let own = role_of(tx, conversation, scope.me()?.user)?;
    if own <= least {
        return Ok(());
    }
    let who = match least {
        Role::Owner => "an owner",
        Role::Admin | Role::Member => "an owner or admin",
    };
    Err(Error::new(
        ErrorCode::NotAllowed,
        format!("only {who} of the group may do this"),
    ))
}

pub(super) fn rename(
    tx: &Tx<'_>,
    scope: &mut Scope<'_>,
    conversation: ConversationId,
    name: String,
) -> Result<Done> {
    scope.me()?;
    let row = open_group(tx, scope, conversation)?;
    require_role(tx, scope, row.id, Role::Admin)?;
    check_name(&name)?;
    let id = scope.random.client_id(scope.now);
    scope.enqueue(tx, row.id, id, &Intent::Rename { name })?;
    Ok(Done::to_send(Reply::Item(id), row.id))
}

/// A group in which this user still is.
fn open_group(
    tx: &Tx<'_>,
    scope: &Scope<'_>,
    conversation: ConversationId,
) -> Result<ConversationRow> {
    let row = tx.conversation(conversation)?;
    if row.direct {
        return Err(Error::new(
            ErrorCode::NotAllowed,
            "a direct conversation keeps its two members and has no name of its own",
        ));
    }
    if row.state == ConversationState::Removed {
        return Err(Error::new(
            ErrorCode::NotMember,
            "this user was removed from the conversation",
        ));
    }
    require_staying(tx, scope, row.id)?;
    Ok(row)
}

fn check_name(name: &str) -> Result<()> {
    let most = limits::CONVERSATION_NAME_BYTES_MAX;
    if name.len() > most {
        return Err(Error::new(
            ErrorCode::TooLarge,
            format!("a name has at most {most} bytes"),
        ));
    }
    if name
        .chars()
        .any(|each| each.is_control() || is_invisible(each))
    {
        return Err(Error::invalid(
            "a name has no control characters and none that change the direction of text",
        ));
    }
    Ok(())
}

/// Marks that change the direction of what stands around them (Unicode Standard Annex 9), and
/// spaces without width: a name with them looks like another one.
const fn is_invisible(each: char) -> bool {
    matches!(
        each,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
    ) || matches!(each, '\u{61c}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn check_people(people: &[Person]) -> Result<()> {
    if people.len() >= limits::CONVERSATION_USERS_MAX {
        return Err(Error::new(
            ErrorCode::TooLarge,
            format!(
                "a conversation has at most {} members",
                limits::CONVERSATION_USERS_MAX
            ),
        ));
    }
    for person in people {
        if let Person::Username(name) = person
            && !is_valid_username(name)
        {
            // Not the name itself: the reason may reach a log.
            return Err(Error::invalid(
                "a user name has 3 to 32 of a to z, 0 to 9, dot, underscore and hyphen",
            ));
        }
    }
    Ok(())
}

/// The person by id, where a name is known from the groups this device is in.
fn known(tx: &Tx<'_>, person: Person) -> Result<Person> {
    Ok(match person {
        Person::Username(name) => match tx.contact_by_username(&name)? {
            Some(user) => Person::Id(user),
            None => Person::Username(name),
        },
        id @ Person::Id(_) => id,
    })
}
