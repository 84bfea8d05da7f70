//! Panics become errors, and work that was begun goes on.
#![allow(clippy::panic, reason = "what is tested")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::*;

fn code<T>(result: Result<T>) -> Option<ErrorCode> {
    result.err().map(|error| error.code())
}

#[tokio::test]
async fn a_panic_becomes_an_error_and_the_next_call_works() {
    let asynchronous = run::<()>(async { panic!("on purpose") }).await;
    assert_eq!(code(asynchronous), Some(ErrorCode::Internal));
    let waiting = wait::<()>(async { panic!("on purpose") }).await;
    assert_eq!(code(waiting), Some(ErrorCode::Internal));
    let blocked = blocking::<()>(|| panic!("on purpose")).await;
    assert_eq!(code(blocked), Some(ErrorCode::Internal));
    assert_eq!(
        code(now::<()>(|| panic!("on purpose"))),
        Some(ErrorCode::Internal)
    );
    assert_eq!(code(crate::library::panic_now()), Some(ErrorCode::Internal));
    assert_eq!(
        code(crate::library::panic_async().await),
        Some(ErrorCode::Internal)
    );
    assert_eq!(run(async { Ok(7) }).await.ok(), Some(7));
}

#[tokio::test]
async fn what_was_begun_goes_on_when_nobody_waits() {
    let (done, begun) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let work = {
        let (done, begun) = (Arc::clone(&done), Arc::clone(&begun));
        async move {
            begun.store(true, Ordering::Release);
            tokio::time::sleep(Duration::from_millis(50)).await;
            done.store(true, Ordering::Release);
            Ok(())
        }
    };
    let waited = tokio::time::timeout(Duration::from_millis(10), run(work)).await;
    assert!(waited.is_err(), "it was cancelled");
    for _ in 0..500 {
        if done.load(Ordering::Acquire) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(begun.load(Ordering::Acquire) && done.load(Ordering::Acquire));
}

#[test]
fn no_other_runtime_is_needed() {
    let result = futures_util::FutureExt::now_or_never(run(async { Ok(1) }));
    // Either it was quick, or it goes on; it does not ask for a runtime of the caller's.
    assert!(result.is_none_or(|result| result.ok() == Some(1)));
}

#[tokio::test]
async fn work_that_only_waits_ends_with_whoever_waited() {
    let is_dropped = Arc::new(AtomicBool::new(false));
    let flag = OnDrop(Arc::clone(&is_dropped));
    let waiting = run_while_awaited::<()>(async move {
        let _flag = flag;
        std::future::pending().await
    });
    let ended = tokio::time::timeout(Duration::from_millis(50), waiting).await;
    assert!(ended.is_err(), "it waits");
    for _ in 0..500 {
        if is_dropped.load(Ordering::Acquire) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it goes on");
}

struct OnDrop(Arc<AtomicBool>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Where nobody waits for the calls, only their beginning keeps them in order.
#[tokio::test]
async fn calls_begin_in_the_order_in_which_they_are_made() {
    const CALLS: usize = 20_000;
    let begun = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut calls = Vec::new();
    for number in 0..CALLS {
        let begun = Arc::clone(&begun);
        let call = async move {
            if let Ok(mut begun) = begun.lock() {
                begun.push(number);
            }
            // Comes back to it as it does after the engine's answer.
            tokio::task::yield_now().await;
        };
        calls.extend(runtime().ok().map(|runtime| runtime.spawn(call)));
    }
    for call in calls {
        assert!(call.await.is_ok());
    }
    let begun = begun.lock().map(|begun| begun.clone()).unwrap_or_default();
    assert_eq!(begun.len(), CALLS);
    assert!(begun.is_sorted());
}
