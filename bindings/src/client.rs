//! The client as the façades hold it.

use std::sync::Arc;

use tokio::sync::Mutex;
use whimbrel::Client;

use crate::changes::NativeChanges;
use crate::error::Result;
use crate::guard;
use crate::log::Log;
use crate::options::ClientOptions;
use crate::platform::{KeyStore, LogSink, find_key};
use crate::types::{Account, ClientState, Network};

mod session;

mod devices;

mod conversations;

mod messages;

mod people;

mod lifecycle;

/// A chat client: one account on this device.
///
/// Every call with an effect is in the database before it returns, whatever becomes of the
/// network. A call that is cancelled may have happened all the same, and never happens by half.
///
/// Each call can fail with `paused`, `shut_down`, `internal` and, where it takes an id,
/// `invalid_argument`, besides the errors that it lists. Ids are 32 hexadecimal digits.
///
/// Call `shutdown` before the client is let go, and before the process ends.
#[derive(uniffi::Object)]
pub struct NativeClient {
    inner: Arc<Client>,
    log: Log,
}

impl NativeClient {
    /// Has the client do something that may take time. What fails is in the log.
    async fn call<T: Send + 'static, F>(
        &self,
        name: &'static str,
        work: impl FnOnce(Client) -> F + Send + 'static,
    ) -> Result<T>
    where
        F: Future<Output = whimbrel::Result<T>> + Send + 'static,
    {
        let client = self.client();
        let result = guard::run(async move { Ok(work(client).await?) }).await;
        self.log.failure(name, &result);
        result
    }

    fn client(&self) -> Client {
        Client::clone(&self.inner)
    }
}

#[uniffi::export]
impl NativeClient {
    /// Opens the data folder and starts the client. It connects as soon as somebody is registered
    /// or signed in and there is a network.
    ///
    /// The key of the database comes from the key store, which keeps a new one for a new folder.
    ///
    /// Errors: `invalid_argument` for a server that is not an https address, a folder or a
    /// fingerprint that is none; `key_store`; `already_open` where another client or process has
    /// the folder open; `wrong_key`; `damaged`; `update_needed` where a newer version of this
    /// library has written the database; `disk_full`; `storage`.
    #[uniffi::constructor(default(log_sink = None))]
    pub async fn open(
        options: ClientOptions,
        key_store: Arc<dyn KeyStore>,
        log_sink: Option<Arc<dyn LogSink>>,
    ) -> Result<Arc<Self>> {
        let log = Log::start(log_sink)?;
        let opened = guard::run(open(options, key_store)).await;
        log.failure("open", &opened);
        let inner = Arc::new(opened?);
        log.follow(&inner)?;
        Ok(Arc::new(Self { inner, log }))
    }

    /// The state of the client as a whole. Never waits; also known while paused.
    pub fn state(&self) -> Result<ClientState> {
        guard::now(|| Ok(self.inner.state().into()))
    }

    /// Who is registered or signed in here. Never waits.
    pub fn account(&self) -> Result<Option<Account>> {
        guard::now(|| Ok(self.inner.account().map(Into::into)))
    }

    /// Begins to collect what changes from now on. Subscribe before the first query, so that
    /// nothing falls between. Never waits.
    pub fn subscribe(&self) -> Result<Arc<NativeChanges>> {
        guard::now(|| {
            let changes = self.inner.subscribe();
            Ok(Arc::new(NativeChanges::new(changes)))
        })
    }

    /// Tells whether there is a network. With `Up` it connects at once, with `Down` it does not try
    /// to; a client that is paused remembers it. Calls that ask the server themselves, such as
    /// `register`, `sign_in` and those for linking, try all the same.
    pub async fn set_network(&self, network: Network) -> Result<()> {
        self.call("set_network", move |client| async move {
            client.set_network(network.into()).await
        })
        .await
    }
}

/// Held while a client opens. Of two that are the first in a folder, the second is to find the key
/// of the first one, and not to put its own in that one's place.
static OPENING: Mutex<()> = Mutex::const_new(());

async fn open(options: ClientOptions, key_store: Arc<dyn KeyStore>) -> Result<Client> {
    let pinned = options.check()?;
    let _one_at_a_time = OPENING.lock().await;
    // The app's code may block.
    let (options, key) = guard::blocking(move || {
        let key = find_key(&key_store, options.folder_is_new()?)?;
        Ok((options, key))
    })
    .await?;
    Ok(Client::open(options.to_core(key, pinned)).await?)
}

impl Drop for NativeClient {
    /// Closing waits for the database, which the thread that lets go of the client must not.
    fn drop(&mut self) {
        let client = self.client();
        if let Ok(runtime) = guard::runtime() {
            runtime.spawn(async move { client.shutdown().await });
        }
    }
}

#[cfg(test)]
mod tests;
