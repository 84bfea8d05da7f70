//! Servers in this process, each on a folder of its own, and what all of them log.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use whimbrel_protocol::account::from_hex;
use whimbrel_server::config::{Config, LogConfig, LogFormat, LogLevel, Rate, Within};
use whimbrel_server::logging;
use whimbrel_server::runtime::{Running, Server};

use crate::PATIENCE;

/// A server that can be stopped, killed and started again on the same folder and port.
pub(crate) struct TestServer {
    running: Option<Running>,
    config: Config,
    pub(crate) fingerprint: [u8; 32],
    _folder: tempfile::TempDir,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        logs();
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config {
            data: folder.path().join("server"),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            ..Config::default()
        };
        // As cheap as the configuration allows: what passwords cost is not looked at here.
        config.auth.argon2.memory_kib = Within::nearest(0);
        config.auth.argon2.passes = Within::nearest(0);
        config.limits.address.registrations = Rate::of(1_000, 1_000);
        config.drain.time_ms = Within::nearest(1_000);
        change(&mut config);
        let running = Server::start(config.clone()).await.unwrap();
        config.listen = running.address;
        let fingerprint = from_hex(&running.fingerprint).unwrap();
        Self {
            running: Some(running),
            config,
            fingerprint: fingerprint.try_into().unwrap(),
            _folder: folder,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.address().port())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.config.listen
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.config.data.clone()
    }

    /// Ends without a word to anybody.
    pub(crate) fn kill(&mut self) {
        drop(self.running.take().expect("a running server"));
    }

    /// Ends as it does on SIGTERM.
    pub(crate) async fn stop(&mut self) {
        let running = self.running.take().expect("a running server");
        running.shutdown().await;
    }

    /// Starts again, as soon as what was there before has let go of folder and port.
    pub(crate) async fn start_again(&mut self) {
        assert!(self.running.is_none(), "it runs");
        let deadline = Instant::now() + PATIENCE;
        loop {
            match Server::start(self.config.clone()).await {
                Ok(running) => {
                    assert_eq!(running.address, self.config.listen);
                    self.running = Some(running);
                    return;
                }
                Err(error) => assert!(Instant::now() < deadline, "not started again: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// What every server of this process has written, at its most talkative.
#[derive(Clone, Default)]
pub(crate) struct Logs(Arc<Mutex<Vec<u8>>>);

impl Logs {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The lines; collected from the first call on.
pub(crate) fn logs() -> Logs {
    static LOGS: OnceLock<Logs> = OnceLock::new();
    LOGS.get_or_init(|| {
        let config = LogConfig {
            format: LogFormat::Json,
            level: LogLevel::Trace,
        };
        let logs = Logs::default();
        let writer = logs.clone();
        let lines = logging::subscriber(&config, move || writer.clone());
        tracing::subscriber::set_global_default(lines).unwrap();
        logs
    })
    .clone()
}
