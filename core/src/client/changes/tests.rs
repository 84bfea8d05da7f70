//! Tests of the change notices: merged, bounded, ended.
#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

use std::time::Duration;

use whimbrel_protocol::ConversationId;

use super::*;

fn conversation(number: u16) -> Change {
    let [high, low] = number.to_be_bytes();
    let mut id = [0; 16];
    id[0] = high;
    id[1] = low;
    Change::Conversation(ConversationId::from_bytes(id))
}

fn taken(changes: &Changes, max: usize) -> Vec<Change> {
    changes.mailbox.take(max).unwrap().unwrap_or_default()
}

#[test]
fn each_change_is_told_once_and_in_order() {
    let hub = ChangeHub::default();
    let changes = hub.subscribe();
    hub.publish([Change::Outbox].into());
    hub.publish([conversation(1), Change::Outbox].into());
    hub.publish([conversation(1)].into());
    assert_eq!(taken(&changes, 10), [Change::Outbox, conversation(1)]);
    assert_eq!(taken(&changes, 10), []);
    hub.publish([Change::Outbox].into());
    assert_eq!(taken(&changes, 10), [Change::Outbox]);
}

#[test]
fn batches_are_no_larger_than_asked_for() {
    let hub = ChangeHub::default();
    let changes = hub.subscribe();
    hub.publish((0..5).map(conversation).collect());
    assert_eq!(taken(&changes, 2), [conversation(0), conversation(1)]);
    assert_eq!(taken(&changes, 10).len(), 3);
}

#[test]
fn too_many_become_everything() {
    let hub = ChangeHub::default();
    let changes = hub.subscribe();
    let most = u16::try_from(CHANGES_MAX).unwrap();
    hub.publish((0..most).map(conversation).collect());
    // One that is known already takes no room.
    hub.publish([conversation(0)].into());
    assert_eq!(changes.mailbox.waiting().changes.len(), CHANGES_MAX);
    hub.publish([Change::Outbox].into());
    hub.publish([conversation(0)].into());
    assert_eq!(taken(&changes, 10), [Change::Everything]);
    hub.publish([conversation(0)].into());
    assert_eq!(taken(&changes, 10), [conversation(0)]);
}

#[test]
fn everything_swallows_the_rest() {
    let hub = ChangeHub::default();
    let changes = hub.subscribe();
    hub.publish([conversation(1), Change::Everything].into());
    hub.publish([Change::Outbox].into());
    assert_eq!(taken(&changes, 10), [Change::Everything]);
}

#[test]
fn every_subscription_hears_everything_from_its_start_on() {
    let hub = ChangeHub::default();
    let early = hub.subscribe();
    hub.publish([Change::Outbox].into());
    let late = hub.subscribe();
    hub.publish([Change::Account].into());
    assert_eq!(taken(&early, 10), [Change::Outbox, Change::Account]);
    assert_eq!(taken(&late, 10), [Change::Account]);
    drop(early);
    drop(hub.subscribe());
    hub.publish([Change::Account].into());
    let again = hub.subscribe();
    assert_eq!(hub.state().mailboxes.len(), 2);
    drop((late, again));
}

#[tokio::test]
async fn a_waiting_call_is_woken() {
    let hub = Arc::new(ChangeHub::default());
    let changes = hub.subscribe();
    let waiting = tokio::spawn(async move { changes.next_batch(10).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    hub.publish([Change::Outbox].into());
    assert_eq!(waiting.await.unwrap().unwrap(), [Change::Outbox]);
}

#[tokio::test]
async fn a_dropped_call_loses_nothing() {
    let hub = ChangeHub::default();
    let changes = hub.subscribe();
    let call = changes.next_batch(10);
    assert!(
        tokio::time::timeout(Duration::from_millis(5), call)
            .await
            .is_err()
    );
    hub.publish([Change::Outbox].into());
    assert_eq!(changes.next_batch(10).await.unwrap(), [Change::Outbox]);
    assert_eq!(
        changes.next_batch(0).await.unwrap_err().code,
        ErrorCode::InvalidArgument
    );
}

#[tokio::test]
async fn finish_wakes_and_ends() {
    let hub = ChangeHub::default();
    let changes = Arc::new(hub.subscribe());
    let shared = Arc::clone(&changes);
    let waiting = tokio::spawn(async move { shared.next_batch(10).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    changes.finish();
    let error = waiting.await.unwrap().unwrap_err();
    assert_eq!(error.code, ErrorCode::ShutDown);
    hub.publish([Change::Outbox].into());
    assert!(changes.next_batch(10).await.is_err());
}

#[tokio::test]
async fn after_shutdown_the_rest_can_be_taken() {
    let hub = ChangeHub::default();
    let changes = hub.subscribe();
    hub.publish([Change::Outbox].into());
    hub.finish();
    assert_eq!(changes.next_batch(10).await.unwrap(), [Change::Outbox]);
    assert_eq!(
        changes.next_batch(10).await.unwrap_err().code,
        ErrorCode::ShutDown
    );
    let later = hub.subscribe();
    assert_eq!(
        later.next_batch(10).await.unwrap_err().code,
        ErrorCode::ShutDown
    );
}
