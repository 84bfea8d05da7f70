//! Passwords: Argon2id (RFC 9106), a bounded number at a time, off the asynchronous threads.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use prometheus_client::metrics::counter::Counter;
use tokio::sync::Semaphore;

use crate::clock::random;
use crate::config::Argon2Config;

/// How long a request waits for its turn before the server counts as overloaded.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// Bytes of salt (RFC 9106, section 3.1).
const SALT_BYTES: usize = 16;

/// Too many passwords to hash, or no random bytes for a salt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked")]
pub struct Overloaded;

/// Hashes passwords and checks them.
#[derive(Debug, Clone)]
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    /// Checked where there is no account, so that it takes the same time.
    nobody: Arc<str>,
    computed: Counter,
}

impl PasswordHasher {
    /// A hasher of this cost, which counts the hashes it computes. The first one it computes,
    /// uncounted, is nobody's.
    ///
    /// # Errors
    /// [`Overloaded`] where the system gives no random bytes.
    pub fn new(config: &Argon2Config, computed: Counter) -> Result<Self, Overloaded> {
        let params = Params::new(
            config.memory_kib.get(),
            config.passes.get(),
            config.lanes.get(),
            None,
        )
        .map_err(|_| Overloaded)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon2, "the password of nobody")?.into();
        Ok(Self {
            argon2,
            turns: Arc::new(Semaphore::new(config.at_once.size())),
            nobody,
            computed,
        })
    }

    /// Hashes a password, as a PHC string.
    ///
    /// # Errors
    /// [`Overloaded`].
    pub async fn hash(&self, password: String) -> Result<String, Overloaded> {
        let argon2 = self.argon2.clone();
        self.in_turn(move || hash(&argon2, &password)).await?
    }

    /// Whether this is the password of that hash. Without a hash (there is no such account) the
    /// answer is no, after the same work.
    ///
    /// # Errors
    /// [`Overloaded`].
    pub async fn verify(
        &self,
        password: String,
        stored: Option<String>,
    ) -> Result<bool, Overloaded> {
        let argon2 = self.argon2.clone();
        let nobody = Arc::clone(&self.nobody);
        self.in_turn(move || {
            let known = stored.is_some();
            let hash = stored.as_deref().unwrap_or(&nobody);
            let fits = argon2.verify_password(password.as_bytes(), hash).is_ok();
            known && fits
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Overloaded> {
        let turn = tokio::time::timeout(WAIT_MAX, Arc::clone(&self.turns).acquire_owned())
            .await
            .map_err(|_| Overloaded)?
            .map_err(|_| Overloaded)?;
        let computed = self.computed.clone();
        tokio::task::spawn_blocking(move || {
            computed.inc();
            // Held by the work, not by the request: a client that goes away does not free it.
            let _turn = turn;
            work()
        })
        .await
        .map_err(|_| Overloaded)
    }
}

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<String, Overloaded> {
    let salt = random::<SALT_BYTES>().map_err(|_| Overloaded)?;
    argon2
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|_| Overloaded)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    #[tokio::test]
    async fn hash_and_verify() {
        let hasher = PasswordHasher::new(&Argon2Config::default(), Counter::default()).unwrap();
        let stored = hasher.hash("correct horse".to_owned()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_ne!(
            stored,
            hasher.hash("correct horse".to_owned()).await.unwrap()
        );

        let verify = |password: &str, stored: Option<String>| {
            let (hasher, password) = (hasher.clone(), password.to_owned());
            async move { hasher.verify(password, stored).await.unwrap() }
        };
        assert!(verify("correct horse", Some(stored.clone())).await);
        assert!(!verify("wrong horse", Some(stored)).await);
        assert!(!verify("the password of nobody", None).await);
        assert!(!verify("correct horse", Some("nonsense".to_owned())).await);
    }
}
