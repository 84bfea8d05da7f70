//! Joining by a Welcome, with the tree that the server keeps.

use openmls::prelude::tls_codec::Deserialize as _;
use openmls::prelude::*;
use openmls_traits::storage::StorageProvider as _;
use whimbrel_protocol::id::{ConversationId, DeviceId, UserId};
use whimbrel_protocol::limits;

use super::Group;
use crate::config::join_config;
use crate::device::Device;
use crate::error::MlsError;
use crate::overlay::{Overlay, Row};
use crate::policy::MemberView;
use crate::provider::{Crypto, Provider};
use crate::storage::StorageError;
use crate::view;

/// A group that was joined.
#[derive(Debug)]
pub struct Joined {
    /// The group. Its dirty rows include the deletion of the key package that was used up.
    pub group: Group,
    /// Who made the Welcome, as it is signed in it.
    pub added_by: Option<(UserId, DeviceId)>,
    /// True when the key package stays in use: the leaf should get new keys soon.
    pub last_resort_used: bool,
    /// The reference of the key package that opened the Welcome.
    pub reference: Vec<u8>,
}

impl Group {
    /// Joins a group. `key_rows` are the private rows of key packages of this device, at least of
    /// those that the Welcome names; `old_rows` are all rows of an older state of this group on
    /// this device, if there is one: they are replaced.
    ///
    /// # Errors
    /// Nothing is used up: there are no dirty rows. A group that breaks the rule is refused with
    /// [`MlsError::Policy`].
    pub fn join(
        crypto: &Crypto,
        device: &Device,
        conversation: ConversationId,
        welcome: &[u8],
        tree: &[u8],
        key_rows: Vec<Row>,
        old_rows: Vec<Row>,
    ) -> Result<Joined, MlsError> {
        let welcome = decode_welcome(welcome)?;
        let tree = decode_tree(tree)?;
        let rows = key_rows.into_iter().chain(old_rows).collect();
        let store = Overlay::with_rows(conversation.as_bytes(), rows);
        // Also the rows that OpenMLS would leave of an older epoch.
        store.delete_group();
        let used = find_key_package(&store, &welcome)?;
        let provider = Provider::new(crypto, &store);
        let invalid = |error: WelcomeError<StorageError>| MlsError::InvalidWelcome(error.into());
        let builder = StagedWelcome::build_from_welcome(&provider, &join_config(), welcome)
            .map_err(invalid)?;
        let group_info = builder.processed_welcome().unverified_group_info();
        if group_info.group_id().as_slice() != conversation.as_bytes() {
            return Err(MlsError::NotForThisGroup);
        }
        let staged = builder
            .with_ratchet_tree(tree)
            .skip_lifetime_validation()
            .build()
            .map_err(invalid)?;
        let sender = staged.welcome_sender_index().u32();
        let mls = staged.into_group(&provider).map_err(invalid)?;
        let view = view::verified_group(mls.public_group())?;
        store.forget_device_rows();
        let added_by = view
            .member(sender)
            .map(|member| (member.user, member.device));
        let group = Self {
            conversation,
            store,
            mls,
            view,
        };
        group.check_device(device)?;
        Ok(Joined {
            group,
            added_by,
            last_resort_used: used.last_resort(),
            reference: used
                .hash_ref(crypto)
                .map_err(|error| MlsError::Library("hashing a key package", error.into()))?
                .as_slice()
                .to_vec(),
        })
    }

    /// The references of the key packages that a Welcome is for.
    ///
    /// # Errors
    /// [`MlsError::Malformed`] when it is not a Welcome.
    pub fn welcome_key_package_references(welcome: &[u8]) -> Result<Vec<Vec<u8>>, MlsError> {
        let welcome = decode_welcome(welcome)?;
        let references = welcome.secrets().iter();
        Ok(references
            .map(|secrets| secrets.new_member().as_slice().to_vec())
            .collect())
    }

    /// The leaf of a device of this group.
    #[must_use]
    pub fn leaf_of(&self, device: DeviceId) -> Option<&MemberView> {
        self.view.device(device)
    }
}

fn decode_welcome(bytes: &[u8]) -> Result<Welcome, MlsError> {
    let malformed = MlsError::Malformed("welcome");
    let Ok(message) = MlsMessageIn::tls_deserialize_exact(bytes) else {
        return Err(malformed);
    };
    match message.extract() {
        MlsMessageBodyIn::Welcome(welcome) => Ok(welcome),
        _ => Err(malformed),
    }
}

fn decode_tree(bytes: &[u8]) -> Result<RatchetTreeIn, MlsError> {
    let malformed = MlsError::Malformed("ratchet tree");
    if bytes.len() > limits::TREE_BYTES_MAX {
        return Err(malformed);
    }
    RatchetTreeIn::tls_deserialize_exact(bytes).map_err(|_| malformed)
}

/// The key package that OpenMLS will use: the first one named that is there.
fn find_key_package(store: &Overlay, welcome: &Welcome) -> Result<KeyPackage, MlsError> {
    for secrets in welcome.secrets() {
        let bundle: Option<KeyPackageBundle> = store.key_package(&secrets.new_member())?;
        if let Some(bundle) = bundle {
            return Ok(bundle.into_key_package());
        }
    }
    Err(MlsError::NoKeyPackage)
}
