//! Accepting a commit: the group follows, members come and go, Welcomes go out.

use rusqlite::{Connection, params};
use whimbrel_mls::{CommitSummary, FollowError, FollowedCommit, Member};
use whimbrel_protocol::envelope::authenticated_data;
use whimbrel_protocol::frame::{
    Head, InboxItem, InboxKind, Refusal, SendItem, Welcome, WelcomeOut,
};
use whimbrel_protocol::limits::{COMMIT_ADDS_MAX, TREE_BYTES_MAX};
use whimbrel_protocol::{Chain, ConversationId, DeviceId};

use super::append::{Context, Placed, Stop, Target, envelope, insert};
use super::members::{self, End, Position};
use super::sql::{Doing, to_sql};
use super::{Delivery, Gone, LogError, accounts, create, inbox, voiding};

/// Accepts a commit of the current epoch.
pub(super) fn accept(
    connection: &Connection,
    context: &mut Context<'_>,
    target: Target,
    position: Position,
    item: &SendItem,
) -> Result<Placed, Stop> {
    let conversation = target.conversation;
    let follower = context
        .followers
        .at_epoch(connection, conversation, position.epoch)?;
    let staged = follower
        .stage(context.crypto, &item.payload)
        .map_err(refusal_of)?;
    check_sender(target, item, &staged)?;
    let summary = staged.summary.clone();
    let welcome = check_welcome(item, &summary)?;
    check_newcomers(connection, conversation, &summary)?;
    follower.merge(staged).map_err(refusal_of)?;
    let state = follower.state().map_err(refusal_of)?;
    let tree = match welcome {
        Some(_) => follower.tree().map_err(refusal_of)?,
        None => Vec::new(),
    };
    if tree.len() > TREE_BYTES_MAX {
        return Err(Refusal::TooLarge.into());
    }
    let envelope = envelope(context, target, position.head, item);
    let chain = insert(connection, target, position, &envelope, &item.payload)?;
    voiding::keep(connection, target, position, envelope.seq)?;
    store_group(connection, conversation, &state)?;
    let after = Head {
        conversation,
        incarnation: context.incarnation,
        head: envelope.seq,
        epoch: position.epoch.saturating_add(1),
    };
    let gone = change_members(connection, after, &summary)?;
    let deliveries = match welcome {
        Some(welcome) => {
            let admission = Admission {
                welcome,
                tree: &tree,
                chain,
            };
            admit(connection, target, after, &admission)?
        }
        None => Vec::new(),
    };
    Ok(Placed {
        envelope,
        gone,
        deliveries,
    })
}

/// What a client is told about a commit or a founding that the follower does not take.
pub(super) fn refusal_of(error: FollowError) -> Stop {
    match error {
        FollowError::Policy(_) | FollowError::GroupPolicy(_) => Refusal::Policy.into(),
        FollowError::Malformed(_)
        | FollowError::NotACommit
        | FollowError::NotForThisGroup
        | FollowError::WrongEpoch { .. }
        | FollowError::InvalidCommit(_)
        | FollowError::Founding(_)
        | FollowError::InvalidGroup(_)
        | FollowError::Library(..) => Refusal::BadCommit.into(),
        FollowError::Storage(_) | FollowError::State(_) => Stop::Failed(LogError::Damaged("group")),
    }
}

/// The commit must be this device's own, made for this very item.
fn check_sender(target: Target, item: &SendItem, staged: &FollowedCommit) -> Result<(), Refusal> {
    let claimed = authenticated_data(target.conversation, item.client_id, item.counter, item.kind);
    if staged.committer == (target.user, target.device) && staged.aad == claimed {
        Ok(())
    } else {
        Err(Refusal::BadCommit)
    }
}

/// Devices that get a new leaf, and so need a Welcome.
fn newcomers(summary: &CommitSummary) -> impl Iterator<Item = &Member> {
    summary.added.iter().chain(&summary.re_added)
}

/// There must be a Welcome for exactly the devices that the commit adds.
fn check_welcome<'a>(
    item: &'a SendItem,
    summary: &CommitSummary,
) -> Result<Option<&'a WelcomeOut>, Refusal> {
    let mut added: Vec<DeviceId> = newcomers(summary).map(|member| member.device).collect();
    added.sort();
    let Some(welcome) = &item.welcome else {
        return if added.is_empty() {
            Ok(None)
        } else {
            Err(Refusal::Malformed)
        };
    };
    let mut named = welcome.devices.clone();
    named.sort();
    if named != added || added.is_empty() || welcome.welcome.is_empty() {
        return Err(Refusal::Malformed);
    }
    if summary.users_added.len() > COMMIT_ADDS_MAX {
        return Err(Refusal::TooLarge);
    }
    Ok(Some(welcome))
}

/// Added devices must have an account here under the identity key and name of their certificate, and in a
/// direct conversation they must belong to one of its two users.
fn check_newcomers(
    connection: &Connection,
    conversation: ConversationId,
    summary: &CommitSummary,
) -> Result<(), Stop> {
    let pair = create::direct_pair(connection, conversation)?;
    for member in newcomers(summary) {
        let is_one_of_two = pair.is_none_or(|(low, high)| [low, high].contains(&member.user));
        if !is_one_of_two || !accounts::is_genuine(connection, member)? {
            return Err(Refusal::Policy.into());
        }
    }
    Ok(())
}

fn store_group(
    connection: &Connection,
    conversation: ConversationId,
    state: &[u8],
) -> Result<(), LogError> {
    connection
        .prepare_cached("UPDATE follower SET state = ?2 WHERE conversation = ?1")
        .doing("prepare to store a group")?
        .execute(params![conversation.as_bytes(), state])
        .doing("store a group")?;
    Ok(())
}

/// Ends and begins stays at the commit. A device that was added again has its stay ended and
/// another begun, so that it needs its Welcome before it is served on.
fn change_members(
    connection: &Connection,
    after: Head,
    summary: &CommitSummary,
) -> Result<Vec<Gone>, LogError> {
    let end = End {
        seq: after.head,
        epoch: after.epoch,
    };
    let mut gone = Vec::new();
    for member in summary.removed.iter().chain(&summary.re_added) {
        members::leave(connection, after.conversation, member.device, end)?;
        gone.push(Gone {
            device: member.device,
            head: after,
        });
    }
    for member in newcomers(summary) {
        let who = (member.user, member.device);
        members::enter(connection, after.conversation, who, after.head)?;
    }
    Ok(gone)
}

/// What a commit gives to the devices it adds.
struct Admission<'a> {
    welcome: &'a WelcomeOut,
    tree: &'a [u8],
    chain: Chain,
}

/// Stores Welcome and tree once, and an item in the inbox of each added device.
fn admit(
    connection: &Connection,
    target: Target,
    after: Head,
    admission: &Admission<'_>,
) -> Result<Vec<Delivery>, LogError> {
    connection
        .prepare_cached(
            "INSERT INTO admission (conversation, seq, epoch, welcome, tree)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .doing("prepare to store a Welcome")?
        .execute(params![
            after.conversation.as_bytes(),
            to_sql(after.head),
            to_sql(after.epoch),
            admission.welcome.welcome,
            admission.tree
        ])
        .doing("store a Welcome")?;
    let mut deliveries = Vec::with_capacity(admission.welcome.devices.len());
    for device in &admission.welcome.devices {
        let entry = inbox::Entry::Welcome {
            conversation: after.conversation,
            commit_seq: after.head,
            adder: (target.user, target.device),
        };
        let seq = inbox::put(connection, *device, entry)?;
        deliveries.push(Delivery {
            device: *device,
            item: InboxItem {
                seq,
                kind: InboxKind::Welcome(Welcome {
                    conversation: after.conversation,
                    incarnation: after.incarnation,
                    seq: after.head,
                    epoch: after.epoch,
                    adder_user: target.user,
                    adder_device: target.device,
                    welcome: admission.welcome.welcome.clone(),
                    chain: *admission.chain.as_bytes(),
                }),
            },
        });
    }
    Ok(deliveries)
}

#[cfg(test)]
mod tests {
    use whimbrel_mls::PolicyViolation;

    use super::*;

    #[test]
    fn faults_of_the_client_are_refusals_and_damage_is_not() {
        let refused = |error, expected| {
            assert!(matches!(refusal_of(error), Stop::Refused(refusal) if refusal == expected));
        };
        let violation = PolicyViolation::ExternalCommit;
        refused(FollowError::Policy(violation), Refusal::Policy);
        refused(FollowError::NotACommit, Refusal::BadCommit);
        let (ours, theirs) = (1, 2);
        refused(FollowError::WrongEpoch { ours, theirs }, Refusal::BadCommit);
        let damaged = refusal_of(FollowError::State("tree"));
        assert!(matches!(damaged, Stop::Failed(LogError::Damaged(_))));
    }
}
