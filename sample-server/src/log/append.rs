//! Appending: the one way in which a conversation grows.
//!
//! Of a revoked device nothing is taken. Of each item else these are checked, in this order: whether it is known already (then the first
//! answer is given again), membership, counter, epoch, size and shape, and what MLS and the
//! policy of the group say. Nothing is written before all checks of an item have passed, and
//! nothing of a refusal is remembered.

use rusqlite::{
    Connection, ErrorCode, OptionalExtension as _, Transaction, TransactionBehavior, params,
};
use whimbrel_mls::Crypto;
use whimbrel_protocol::envelope::{Body, Envelope, sha256};
use whimbrel_protocol::frame::{ItemResult, Refusal, SendItem};
use whimbrel_protocol::limits::{PAYLOAD_BYTES_MAX, SEND_BYTES_MAX, WELCOME_BYTES_MAX};
use whimbrel_protocol::{Chain, ConversationId, DeviceId, ItemKind, UserId};

use super::followers::Followers;
use super::members::{self, Position};
use super::sql::{Doing, number, to_sql};
use super::types::item_bytes;
use super::{
    AppendOutcome, AppendRequest, Appended, BATCH_BYTES_MAX, BATCH_ITEMS_MAX, Delivery, Gone,
    LogError,
};
use super::{accounts, commit, create};
use crate::Now;

/// What an append works with besides the database.
pub(super) struct Context<'a> {
    pub(super) crypto: &'a Crypto,
    pub(super) followers: &'a mut Followers,
    pub(super) incarnation: u64,
    pub(super) now: Now,
    /// Counts items that damage in their conversation kept out.
    pub(super) damaged: &'a mut u64,
}

/// Whose item it is and where it is to go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) user: UserId,
    pub(super) device: DeviceId,
    pub(super) conversation: ConversationId,
}

/// Why an item did not get in.
pub(super) enum Stop {
    /// This item is refused; the batch goes on.
    Refused(Refusal),
    /// The whole batch is off.
    Failed(LogError),
}

impl From<LogError> for Stop {
    fn from(error: LogError) -> Self {
        Self::Failed(error)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// An item that got in.
pub(super) struct Placed {
    pub(super) envelope: Envelope,
    pub(super) gone: Vec<Gone>,
    pub(super) deliveries: Vec<Delivery>,
}

impl Placed {
    /// An item that changes no membership.
    pub(super) fn plain(envelope: Envelope) -> Self {
        Self {
            envelope,
            gone: Vec::new(),
            deliveries: Vec::new(),
        }
    }
}

/// An item that is known already, or got in now.
enum Step {
    Known(ItemResult),
    New(Box<Placed>),
}

/// Appends a batch in one transaction.
pub(super) fn append(
    connection: &mut Connection,
    context: &mut Context<'_>,
    batch: &[AppendRequest],
) -> Result<Vec<AppendOutcome>, LogError> {
    check_size(batch)?;
    let mut transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .doing("begin to append")?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for request in batch {
        outcomes.push(append_request(&mut transaction, context, request)?);
    }
    transaction.commit().doing("commit appended items")?;
    Ok(outcomes)
}

fn check_size(batch: &[AppendRequest]) -> Result<(), LogError> {
    let items = batch.iter().map(|request| request.items.len()).sum();
    let bytes = batch.iter().map(AppendRequest::bytes).sum();
    if batch.len() > 1 && (items > BATCH_ITEMS_MAX || bytes > BATCH_BYTES_MAX) {
        return Err(LogError::BatchTooLarge { items, bytes });
    }
    Ok(())
}

fn append_request(
    transaction: &mut Transaction<'_>,
    context: &mut Context<'_>,
    request: &AppendRequest,
) -> Result<AppendOutcome, LogError> {
    if accounts::is_revoked(transaction, request.device)? {
        return Ok(refuse_all(request, Refusal::NotMember));
    }
    raise_sealed_no(transaction, request.device, request.sealed_no)?;
    let target = Target {
        user: request.user,
        device: request.device,
        conversation: request.conversation,
    };
    let mut results = Vec::with_capacity(request.items.len());
    let mut placed: Vec<Placed> = Vec::new();
    let (mut bytes, mut refused) = (0_usize, false);
    for item in &request.items {
        if refused {
            results.push(ItemResult::NotTried);
            continue;
        }
        bytes = bytes.saturating_add(item_bytes(item));
        match append_on_savepoint(transaction, context, target, item, bytes)? {
            Ok(Step::Known(result)) => results.push(result),
            Ok(Step::New(new)) => {
                results.push(accepted(&new.envelope));
                placed.push(*new);
            }
            Err(refusal) => {
                results.push(ItemResult::Refused(refusal));
                refused = true;
            }
        }
    }
    let appended = appended(transaction, context, target, placed)?;
    Ok(AppendOutcome { results, appended })
}

/// Nothing of this device is taken any more.
fn refuse_all(request: &AppendRequest, refusal: Refusal) -> AppendOutcome {
    let mut results = vec![ItemResult::NotTried; request.items.len()];
    if let Some(first) = results.first_mut() {
        *first = ItemResult::Refused(refusal);
    }
    AppendOutcome {
        results,
        appended: None,
    }
}

fn append_on_savepoint(
    transaction: &mut Transaction<'_>,
    context: &mut Context<'_>,
    target: Target,
    item: &SendItem,
    bytes: usize,
) -> Result<Result<Step, Refusal>, LogError> {
    let savepoint = transaction.savepoint().doing("begin an item")?;
    match append_item(&savepoint, context, target, item, bytes) {
        Ok(step) => {
            savepoint.commit().doing("keep an item")?;
            Ok(Ok(step))
        }
        Err(Stop::Refused(refusal)) => {
            savepoint.finish().doing("drop an item")?;
            context.followers.forget(target.conversation);
            Ok(Err(refusal))
        }
        Err(Stop::Failed(error)) if concerns_one_conversation(&error) => {
            savepoint.finish().doing("drop an item")?;
            context.followers.forget(target.conversation);
            *context.damaged = context.damaged.saturating_add(1);
            Ok(Err(Refusal::Unavailable))
        }
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// Whether only one conversation is damaged. Everybody else in the batch must not suffer for it.
fn concerns_one_conversation(error: &LogError) -> bool {
    match error {
        LogError::Damaged(_) => true,
        LogError::Sqlite { source, .. } => {
            source.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
        }
        _ => false,
    }
}

fn append_item(
    connection: &Connection,
    context: &mut Context<'_>,
    target: Target,
    item: &SendItem,
    bytes: usize,
) -> Result<Step, Stop> {
    if let Some(known) = known_item(connection, target, item)? {
        return Ok(Step::Known(known));
    }
    let position = members::position(connection, target.conversation)?;
    let placed = match (position, item.kind) {
        (None, ItemKind::Create) => {
            check_shape(item, bytes)?;
            create::found(connection, context, target, item)?
        }
        (None, _) => return Err(Refusal::NoSuchConversation.into()),
        (Some(_), ItemKind::Create) => return Err(Refusal::ConversationExists.into()),
        (Some(position), kind) => {
            check_member(connection, target)?;
            check_counter(connection, target, item)?;
            if item.epoch != position.epoch {
                return Err(Stop::Refused(Refusal::StaleEpoch {
                    epoch: position.epoch,
                    head: position.head,
                }));
            }
            check_shape(item, bytes)?;
            if kind == ItemKind::Commit {
                commit::accept(connection, context, target, position, item)?
            } else {
                let envelope = envelope(context, target, position.head, item);
                insert(connection, target, position, &envelope, &item.payload)?;
                Placed::plain(envelope)
            }
        }
    };
    Ok(Step::New(Box::new(placed)))
}

pub(super) const KNOWN: &str = "SELECT seq, server_time_ms, payload_sha256 FROM envelope
     WHERE conversation = ?1 AND sender_user = ?2 AND client_id = ?3 AND voided = 0";

fn known_item(
    connection: &Connection,
    target: Target,
    item: &SendItem,
) -> Result<Option<ItemResult>, LogError> {
    connection
        .prepare_cached(KNOWN)
        .doing("prepare to look for a repeat")?
        .query_row(
            params![
                target.conversation.as_bytes(),
                target.user.as_bytes(),
                item.client_id.as_bytes()
            ],
            |row| {
                Ok(ItemResult::Accepted {
                    seq: number(row, "seq")?,
                    server_time_ms: row.get("server_time_ms")?,
                    payload_sha256: row.get("payload_sha256")?,
                })
            },
        )
        .optional()
        .doing("look for a repeat")
}

/// A stranger learns nothing, not even that there is such a conversation.
fn check_member(connection: &Connection, target: Target) -> Result<(), Stop> {
    let stays = members::stays(connection, target.conversation, target.device)?;
    match stays.last() {
        Some(stay) if stay.to.is_none() => Ok(()),
        Some(_) => Err(Refusal::NotMember.into()),
        None => Err(Refusal::NoSuchConversation.into()),
    }
}

pub(super) const COUNTER: &str =
    "SELECT last_counter, may_commit FROM participant WHERE conversation = ?1 AND device = ?2";

/// The counter must be the next one. A device whose commit was void makes no further ones.
fn check_counter(connection: &Connection, target: Target, item: &SendItem) -> Result<(), Stop> {
    let (last, may_commit) = connection
        .prepare_cached(COUNTER)
        .doing("prepare to read a counter")?
        .query_row(
            params![target.conversation.as_bytes(), target.device.as_bytes()],
            |row| {
                Ok((
                    number(row, "last_counter")?,
                    row.get::<_, bool>("may_commit")?,
                ))
            },
        )
        .doing("read a counter")?;
    let expected = last.saturating_add(1);
    if item.counter != expected {
        return Err(Refusal::BadCounter { expected }.into());
    }
    if item.kind == ItemKind::Commit && !may_commit {
        return Err(Refusal::Policy.into());
    }
    Ok(())
}

/// Sizes, and that an item carries what its kind carries and nothing else.
fn check_shape(item: &SendItem, bytes: usize) -> Result<(), Refusal> {
    let welcome_bytes = item.welcome.as_ref().map_or(0, |w| w.welcome.len());
    if item.payload.len() > PAYLOAD_BYTES_MAX
        || welcome_bytes > WELCOME_BYTES_MAX
        || bytes > SEND_BYTES_MAX
    {
        return Err(Refusal::TooLarge);
    }
    let fits = match item.kind {
        ItemKind::Create => item.founding.is_some() && item.welcome.is_none(),
        ItemKind::Commit => item.founding.is_none(),
        ItemKind::Message => item.founding.is_none() && item.welcome.is_none(),
    };
    if fits && !item.payload.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Malformed)
    }
}

/// The envelope that an item becomes after `head`.
pub(super) fn envelope(
    context: &Context<'_>,
    target: Target,
    head: u64,
    item: &SendItem,
) -> Envelope {
    Envelope {
        seq: head.saturating_add(1),
        kind: item.kind,
        sender_user: target.user,
        sender_device: target.device,
        client_id: item.client_id,
        counter: item.counter,
        epoch: item.epoch,
        server_time_ms: context.now.wall_ms,
        silent: item.silent,
        voided: false,
        body: Body::Payload(item.payload.clone()),
    }
}

/// Writes an envelope, moves the conversation on and counts the item. Returns the transcript
/// value after it. A commit moves the epoch on.
pub(super) fn insert(
    connection: &Connection,
    target: Target,
    position: Position,
    envelope: &Envelope,
    payload: &[u8],
) -> Result<Chain, LogError> {
    let chain = position.chain.then(target.conversation, envelope);
    let epoch = match envelope.kind {
        ItemKind::Commit => position.epoch.saturating_add(1),
        ItemKind::Create | ItemKind::Message => position.epoch,
    };
    let moved = connection
        .prepare_cached(
            "UPDATE conversation SET head = ?2, epoch = ?3, chain = ?4, moved_ms = ?5
             WHERE conversation = ?1 AND head = ?2 - 1",
        )
        .doing("prepare to move a conversation on")?
        .execute(params![
            target.conversation.as_bytes(),
            to_sql(envelope.seq),
            to_sql(epoch),
            chain.as_bytes(),
            envelope.server_time_ms
        ])
        .doing("move a conversation on")?;
    if moved != 1 {
        return Err(LogError::Damaged("conversation with a gap"));
    }
    insert_envelope(connection, target, envelope, payload, chain)?;
    connection
        .prepare_cached(
            "UPDATE participant SET last_counter = ?3 WHERE conversation = ?1 AND device = ?2",
        )
        .doing("prepare to count an item")?
        .execute(params![
            target.conversation.as_bytes(),
            target.device.as_bytes(),
            to_sql(envelope.counter)
        ])
        .doing("count an item")?;
    Ok(chain)
}

fn insert_envelope(
    connection: &Connection,
    target: Target,
    envelope: &Envelope,
    payload: &[u8],
    chain: Chain,
) -> Result<(), LogError> {
    connection
        .prepare_cached(
            "INSERT INTO envelope (conversation, seq, kind, sender_user, sender_device, client_id,
                 counter, epoch, server_time_ms, silent, payload_sha256, chain, payload)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )
        .doing("prepare to insert an envelope")?
        .execute(params![
            target.conversation.as_bytes(),
            to_sql(envelope.seq),
            envelope.kind.code(),
            envelope.sender_user.as_bytes(),
            envelope.sender_device.as_bytes(),
            envelope.client_id.as_bytes(),
            to_sql(envelope.counter),
            to_sql(envelope.epoch),
            envelope.server_time_ms,
            envelope.silent,
            sha256(payload),
            chain.as_bytes(),
            payload
        ])
        .doing("insert an envelope")?;
    Ok(())
}

/// Keeps the highest count of sealed items that a device ever stated.
pub(super) fn raise_sealed_no(
    connection: &Connection,
    device: DeviceId,
    sealed_no: u64,
) -> Result<(), LogError> {
    connection
        .prepare_cached("UPDATE device SET sealed_no = ?2 WHERE device = ?1 AND sealed_no < ?2")
        .doing("prepare to keep the count of sealed items")?
        .execute(params![device.as_bytes(), to_sql(sealed_no)])
        .doing("keep the count of sealed items")?;
    Ok(())
}

fn accepted(envelope: &Envelope) -> ItemResult {
    ItemResult::Accepted {
        seq: envelope.seq,
        server_time_ms: envelope.server_time_ms,
        payload_sha256: envelope.body.payload_sha256(),
    }
}

fn appended(
    connection: &Connection,
    context: &Context<'_>,
    target: Target,
    placed: Vec<Placed>,
) -> Result<Option<Appended>, LogError> {
    if placed.is_empty() {
        return Ok(None);
    }
    let position = members::position(connection, target.conversation)?
        .ok_or(LogError::Damaged("conversation that vanished"))?;
    let mut appended = Appended {
        head: position.as_head(target.conversation, context.incarnation),
        envelopes: Vec::with_capacity(placed.len()),
        members: members::present_devices(connection, target.conversation)?,
        gone: Vec::new(),
        deliveries: Vec::new(),
    };
    for item in placed {
        appended.envelopes.push(item.envelope);
        appended.gone.extend(item.gone);
        appended.deliveries.extend(item.deliveries);
    }
    Ok(Some(appended))
}
