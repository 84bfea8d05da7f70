//! The key of a database, from key stores of every temper.

use std::sync::Mutex;

use super::*;

/// A key store in memory that answers as it is told.
#[derive(Default)]
struct Keys {
    key: Mutex<Option<Vec<u8>>>,
    is_locked: bool,
    is_full: bool,
}

impl KeyStore for Keys {
    fn load_key(&self) -> std::result::Result<Option<Vec<u8>>, PlatformError> {
        if self.is_locked {
            return Err(PlatformError::Failed {
                reason: "locked".into(),
            });
        }
        Ok(self.key.lock().map_or(None, |key| key.clone()))
    }

    fn store_key(&self, key: Vec<u8>) -> std::result::Result<(), PlatformError> {
        if self.is_full {
            return Err(UnexpectedUniFFICallbackError::new("a stack trace with a secret").into());
        }
        if let Ok(mut kept) = self.key.lock() {
            *kept = Some(key);
        }
        Ok(())
    }
}

fn find(keys: Keys, folder_is_new: bool) -> (Result<[u8; 32]>, Arc<dyn KeyStore>) {
    let keys: Arc<dyn KeyStore> = Arc::new(keys);
    (find_key(&keys, folder_is_new), keys)
}

fn failure(result: Result<[u8; 32]>) -> Option<(ErrorCode, String)> {
    result
        .err()
        .map(|error| (error.code(), error.reason().to_owned()))
}

#[test]
fn a_new_key_is_kept_before_it_is_used_and_found_again() {
    let (first, keys) = find(Keys::default(), true);
    let first = first.ok();
    assert!(first.is_some_and(|key| key != [0; 32]));
    assert_eq!(find_key(&keys, false).ok(), first);
    assert_eq!(find_key(&keys, true).ok(), first);
    let (other, _) = find(Keys::default(), true);
    assert_ne!(other.ok(), first);
}

#[test]
fn a_folder_that_is_there_gets_no_new_key() {
    let (result, keys) = find(Keys::default(), false);
    assert_eq!(
        failure(result).map(|(code, _)| code),
        Some(ErrorCode::WrongKey)
    );
    assert_eq!(keys.load_key(), Ok(None));
}

#[test]
fn what_the_key_store_throws_is_said_without_what_it_holds() {
    let locked = Keys {
        is_locked: true,
        ..Keys::default()
    };
    let expected = (
        ErrorCode::KeyStore,
        "the key store failed: locked".to_owned(),
    );
    assert_eq!(failure(find(locked, true).0), Some(expected));
    let full = Keys {
        is_full: true,
        ..Keys::default()
    };
    let reason = "the key store failed: the app's code threw an unexpected exception";
    assert_eq!(
        failure(find(full, true).0),
        Some((ErrorCode::KeyStore, reason.to_owned()))
    );
}

#[test]
fn a_key_has_32_bytes() {
    for length in [0, 31, 33] {
        let keys = Keys {
            key: Mutex::new(Some(vec![1; length])),
            ..Keys::default()
        };
        let reason = format!("the key store gave {length} bytes; a key has 32");
        let failure = failure(find(keys, false).0);
        assert_eq!(failure, Some((ErrorCode::KeyStore, reason)));
    }
}
