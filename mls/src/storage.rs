//! The storage trait of OpenMLS on an [`Overlay`]: every value is one row, lists are numbered rows.

use openmls_traits::storage::{CURRENT_VERSION, StorageProvider, traits};

use crate::overlay::{Overlay, RowKey, decode, encode, entry_id};

/// A stored row could not be written or read. The second means that the database holds something
/// that this version does not understand.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// A value could not be encoded.
    #[error("encoding a row of MLS state")]
    Encode(#[from] rmp_serde::encode::Error),
    /// A row could not be decoded.
    #[error("decoding a row of MLS state")]
    Decode(#[from] rmp_serde::decode::Error),
}

/// What a row holds. These numbers are in databases: they are never used again for another thing.
pub(crate) mod kind {
    pub(crate) const JOIN_CONFIG: u8 = 1;
    pub(crate) const TREE: u8 = 2;
    pub(crate) const INTERIM_TRANSCRIPT_HASH: u8 = 3;
    pub(crate) const GROUP_CONTEXT: u8 = 4;
    pub(crate) const CONFIRMATION_TAG: u8 = 5;
    pub(crate) const GROUP_STATE: u8 = 6;
    pub(crate) const MESSAGE_SECRETS: u8 = 7;
    pub(crate) const RESUMPTION_PSKS: u8 = 8;
    pub(crate) const OWN_LEAF_INDEX: u8 = 9;
    pub(crate) const EPOCH_SECRETS: u8 = 10;
    pub(crate) const EPOCH_KEY_PAIRS: u8 = 11;
    pub(crate) const OWN_LEAF_NODES: u8 = 12;
    pub(crate) const PROPOSALS: u8 = 13;
    pub(crate) const PENDING_PROOF: u8 = 14;
    pub(crate) const SIGNATURE_KEY_PAIR: u8 = 20;
    pub(crate) const ENCRYPTION_KEY_PAIR: u8 = 21;
    pub(crate) const KEY_PACKAGE: u8 = 22;
    pub(crate) const PSK: u8 = 23;
}

const V: u16 = CURRENT_VERSION;

/// The key of a row that belongs to the device and not to a group.
pub(crate) fn device_key<K: serde::Serialize>(kind: u8, key: &K) -> Result<RowKey, StorageError> {
    Ok(RowKey {
        group: Vec::new(),
        kind,
        key: encode(key)?,
    })
}

/// The proof that goes with the pending commit: OpenMLS does not keep the authenticated data.
impl Overlay {
    pub(crate) fn pending_proof(&self) -> Result<Vec<u8>, StorageError> {
        let proof = self.get(&self.group_key(kind::PENDING_PROOF, Vec::new()))?;
        Ok(proof.unwrap_or_default())
    }

    pub(crate) fn set_pending_proof(&self, proof: Option<&[u8]>) -> Result<(), StorageError> {
        let key = self.group_key(kind::PENDING_PROOF, Vec::new());
        match proof {
            Some(proof) => self.put(key, proof),
            None if self.list(kind::PENDING_PROOF).is_empty() => Ok(()),
            None => {
                self.delete(key);
                Ok(())
            }
        }
    }
}

/// One value per group: write, read, delete.
macro_rules! group_value {
    ($write:ident, $read:ident, $delete:ident, $value:ident, $kind:ident) => {
        fn $write<G: traits::GroupId<V>, T: traits::$value<V>>(
            &self,
            _: &G,
            value: &T,
        ) -> Result<(), StorageError> {
            self.put(self.group_key(kind::$kind, Vec::new()), value)
        }

        fn $read<G: traits::GroupId<V>, T: traits::$value<V>>(
            &self,
            _: &G,
        ) -> Result<Option<T>, StorageError> {
            self.get(&self.group_key(kind::$kind, Vec::new()))
        }

        fn $delete<G: traits::GroupId<V>>(&self, _: &G) -> Result<(), StorageError> {
            self.delete(self.group_key(kind::$kind, Vec::new()));
            Ok(())
        }
    };
}

/// Values of the device, each under its own key: write and delete.
macro_rules! device_value {
    ($write:ident, $delete:ident, $key:ident, $value:ident, $kind:ident) => {
        fn $write<K: traits::$key<V>, T: traits::$value<V>>(
            &self,
            key: &K,
            value: &T,
        ) -> Result<(), StorageError> {
            self.put(device_key(kind::$kind, key)?, value)
        }

        fn $delete<K: traits::$key<V>>(&self, key: &K) -> Result<(), StorageError> {
            self.delete(device_key(kind::$kind, key)?);
            Ok(())
        }
    };
}

impl StorageProvider<V> for Overlay {
    type Error = StorageError;

    group_value!(
        write_mls_join_config,
        mls_group_join_config,
        delete_group_config,
        MlsGroupJoinConfig,
        JOIN_CONFIG
    );
    group_value!(write_tree, tree, delete_tree, TreeSync, TREE);
    group_value!(
        write_interim_transcript_hash,
        interim_transcript_hash,
        delete_interim_transcript_hash,
        InterimTranscriptHash,
        INTERIM_TRANSCRIPT_HASH
    );
    group_value!(
        write_context,
        group_context,
        delete_context,
        GroupContext,
        GROUP_CONTEXT
    );
    group_value!(
        write_confirmation_tag,
        confirmation_tag,
        delete_confirmation_tag,
        ConfirmationTag,
        CONFIRMATION_TAG
    );
    group_value!(
        write_message_secrets,
        message_secrets,
        delete_message_secrets,
        MessageSecrets,
        MESSAGE_SECRETS
    );
    group_value!(
        write_resumption_psk_store,
        resumption_psk_store,
        delete_all_resumption_psk_secrets,
        ResumptionPskStore,
        RESUMPTION_PSKS
    );
    group_value!(
        write_own_leaf_index,
        own_leaf_index,
        delete_own_leaf_index,
        LeafNodeIndex,
        OWN_LEAF_INDEX
    );
    group_value!(
        write_group_epoch_secrets,
        group_epoch_secrets,
        delete_group_epoch_secrets,
        GroupEpochSecrets,
        EPOCH_SECRETS
    );

    // The same as a group value, but the trait has its type parameters the other way round.
    fn write_group_state<T: traits::GroupState<V>, G: traits::GroupId<V>>(
        &self,
        _: &G,
        value: &T,
    ) -> Result<(), StorageError> {
        self.put(self.group_key(kind::GROUP_STATE, Vec::new()), value)
    }

    fn group_state<T: traits::GroupState<V>, G: traits::GroupId<V>>(
        &self,
        _: &G,
    ) -> Result<Option<T>, StorageError> {
        self.get(&self.group_key(kind::GROUP_STATE, Vec::new()))
    }

    fn delete_group_state<G: traits::GroupId<V>>(&self, _: &G) -> Result<(), StorageError> {
        self.delete(self.group_key(kind::GROUP_STATE, Vec::new()));
        Ok(())
    }

    fn write_encryption_epoch_key_pairs<
        G: traits::GroupId<V>,
        E: traits::EpochKey<V>,
        T: traits::HpkeKeyPair<V>,
    >(
        &self,
        _: &G,
        epoch: &E,
        leaf_index: u32,
        key_pairs: &[T],
    ) -> Result<(), StorageError> {
        let key = encode(&(epoch, leaf_index))?;
        self.put(self.group_key(kind::EPOCH_KEY_PAIRS, key), key_pairs)
    }

    fn encryption_epoch_key_pairs<
        G: traits::GroupId<V>,
        E: traits::EpochKey<V>,
        T: traits::HpkeKeyPair<V>,
    >(
        &self,
        _: &G,
        epoch: &E,
        leaf_index: u32,
    ) -> Result<Vec<T>, StorageError> {
        let key = encode(&(epoch, leaf_index))?;
        let key_pairs = self.get(&self.group_key(kind::EPOCH_KEY_PAIRS, key))?;
        Ok(key_pairs.unwrap_or_default())
    }

    fn delete_encryption_epoch_key_pairs<G: traits::GroupId<V>, E: traits::EpochKey<V>>(
        &self,
        _: &G,
        epoch: &E,
        leaf_index: u32,
    ) -> Result<(), StorageError> {
        let key = encode(&(epoch, leaf_index))?;
        self.delete(self.group_key(kind::EPOCH_KEY_PAIRS, key));
        Ok(())
    }

    fn append_own_leaf_node<G: traits::GroupId<V>, T: traits::LeafNode<V>>(
        &self,
        _: &G,
        leaf_node: &T,
    ) -> Result<(), StorageError> {
        self.append(kind::OWN_LEAF_NODES, &encode(leaf_node)?, leaf_node)
    }

    fn own_leaf_nodes<G: traits::GroupId<V>, T: traits::LeafNode<V>>(
        &self,
        _: &G,
    ) -> Result<Vec<T>, StorageError> {
        let entries = self.list(kind::OWN_LEAF_NODES);
        let values = entries.iter().map(|entry| self.get(entry));
        values.filter_map(Result::transpose).collect()
    }

    fn delete_own_leaf_nodes<G: traits::GroupId<V>>(&self, _: &G) -> Result<(), StorageError> {
        for entry in self.list(kind::OWN_LEAF_NODES) {
            self.delete(entry);
        }
        Ok(())
    }

    fn queue_proposal<
        G: traits::GroupId<V>,
        R: traits::ProposalRef<V>,
        T: traits::QueuedProposal<V>,
    >(
        &self,
        _: &G,
        reference: &R,
        proposal: &T,
    ) -> Result<(), StorageError> {
        self.append(kind::PROPOSALS, &encode(reference)?, proposal)
    }

    fn queued_proposal_refs<G: traits::GroupId<V>, R: traits::ProposalRef<V>>(
        &self,
        _: &G,
    ) -> Result<Vec<R>, StorageError> {
        let entries = self.list(kind::PROPOSALS);
        entries
            .iter()
            .map(|entry| decode(entry_id(entry)))
            .collect()
    }

    fn queued_proposals<
        G: traits::GroupId<V>,
        R: traits::ProposalRef<V>,
        T: traits::QueuedProposal<V>,
    >(
        &self,
        _: &G,
    ) -> Result<Vec<(R, T)>, StorageError> {
        let mut proposals = Vec::new();
        for entry in self.list(kind::PROPOSALS) {
            if let Some(proposal) = self.get(&entry)? {
                proposals.push((decode(entry_id(&entry))?, proposal));
            }
        }
        Ok(proposals)
    }

    fn remove_proposal<G: traits::GroupId<V>, R: traits::ProposalRef<V>>(
        &self,
        _: &G,
        reference: &R,
    ) -> Result<(), StorageError> {
        let id = encode(reference)?;
        for entry in self.list(kind::PROPOSALS) {
            if entry_id(&entry) == id {
                self.delete(entry);
            }
        }
        Ok(())
    }

    fn clear_proposal_queue<G: traits::GroupId<V>, R: traits::ProposalRef<V>>(
        &self,
        _: &G,
    ) -> Result<(), StorageError> {
        for entry in self.list(kind::PROPOSALS) {
            self.delete(entry);
        }
        Ok(())
    }

    device_value!(
        write_signature_key_pair,
        delete_signature_key_pair,
        SignaturePublicKey,
        SignatureKeyPair,
        SIGNATURE_KEY_PAIR
    );
    device_value!(
        write_encryption_key_pair,
        delete_encryption_key_pair,
        EncryptionKey,
        HpkeKeyPair,
        ENCRYPTION_KEY_PAIR
    );
    device_value!(
        write_key_package,
        delete_key_package,
        HashReference,
        KeyPackage,
        KEY_PACKAGE
    );
    device_value!(write_psk, delete_psk, PskId, PskBundle, PSK);

    fn signature_key_pair<K: traits::SignaturePublicKey<V>, T: traits::SignatureKeyPair<V>>(
        &self,
        key: &K,
    ) -> Result<Option<T>, StorageError> {
        self.get(&device_key(kind::SIGNATURE_KEY_PAIR, key)?)
    }

    fn encryption_key_pair<T: traits::HpkeKeyPair<V>, K: traits::EncryptionKey<V>>(
        &self,
        key: &K,
    ) -> Result<Option<T>, StorageError> {
        self.get(&device_key(kind::ENCRYPTION_KEY_PAIR, key)?)
    }

    fn key_package<K: traits::HashReference<V>, T: traits::KeyPackage<V>>(
        &self,
        key: &K,
    ) -> Result<Option<T>, StorageError> {
        self.get(&device_key(kind::KEY_PACKAGE, key)?)
    }

    fn psk<T: traits::PskBundle<V>, K: traits::PskId<V>>(
        &self,
        key: &K,
    ) -> Result<Option<T>, StorageError> {
        self.get(&device_key(kind::PSK, key)?)
    }
}
