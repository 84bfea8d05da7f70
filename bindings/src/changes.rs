//! Notices of what changed, pulled in batches.

use whimbrel::client::Changes;

use crate::error::Result;
use crate::guard;
use crate::ids::count;
use crate::types::Change;

/// A subscription to what changes, from the moment it was made.
///
/// Notices carry ids only: read again what is on screen. Two equal notices that wait become one,
/// and when more wait than are kept, one notice of `Everything` stands for all.
#[derive(uniffi::Object)]
pub struct NativeChanges {
    inner: Changes,
}

impl NativeChanges {
    pub(crate) fn new(inner: Changes) -> Self {
        Self { inner }
    }
}

#[uniffi::export]
impl NativeChanges {
    /// Waits until something has changed, and gives what has: at least one notice, at most `max`.
    /// One caller at a time; use a subscription for each.
    ///
    /// Errors: `shut_down` after `finish`, and after the client's shutdown once everything was
    /// taken: the subscription has ended. `invalid_argument` for a `max` below 1.
    pub async fn next_batch(&self, max: i32) -> Result<Vec<Change>> {
        guard::wait(async {
            let max = usize::try_from(count("max", max)?).unwrap_or(usize::MAX);
            let batch = self.inner.next_batch(max).await?;
            Ok(batch.into_iter().map(Change::from).collect())
        })
        .await
    }

    /// Ends the subscription: whoever waits in `next_batch` gets `shut_down`. May be called again.
    pub fn finish(&self) -> Result<()> {
        guard::now(|| {
            self.inner.finish();
            Ok(())
        })
    }
}
