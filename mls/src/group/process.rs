//! Messages: encrypting own ones, processing those of others.

use openmls::prelude::tls_codec::Deserialize as _;
use openmls::prelude::*;
use whimbrel_protocol::id::{DeviceId, UserId};

use super::{Group, check_pending, encode};
use crate::device::Device;
use crate::error::MlsError;
use crate::policy::{CommitSummary, check_commit};
use crate::proof::split_authenticated_data;
use crate::provider::{Crypto, Provider};
use crate::view;

/// What came out of the bytes of another device.
#[derive(PartialEq, Eq)]
pub enum Processed {
    /// An application message, decrypted.
    Message {
        /// The leaf that signed it.
        sender_leaf: u32,
        /// The user of that leaf.
        user: UserId,
        /// The device of that leaf.
        device: DeviceId,
        /// What the sender authenticated beside the message.
        aad: Vec<u8>,
        /// What the sender wrote.
        plaintext: Vec<u8>,
    },
    /// A commit, merged.
    Commit {
        /// What the committer authenticated beside the commit, less the proof.
        aad: Vec<u8>,
        /// What it did.
        summary: CommitSummary,
        /// True when it removed this device: the group is inactive from here on.
        removed_self: bool,
    },
}

impl std::fmt::Debug for Processed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Message {
                sender_leaf,
                user,
                device,
                aad,
                plaintext,
            } => f
                .debug_struct("Message")
                .field("sender_leaf", sender_leaf)
                .field("user", user)
                .field("device", device)
                .field("aad_bytes", &aad.len())
                .field("plaintext_bytes", &plaintext.len())
                .finish(),
            Self::Commit {
                aad,
                summary,
                removed_self,
            } => f
                .debug_struct("Commit")
                .field("aad_bytes", &aad.len())
                .field("summary", summary)
                .field("removed_self", removed_self)
                .finish(),
        }
    }
}

impl Group {
    /// Encrypts a message. The ratchet moves: the bytes must be kept before they are sent, and a
    /// layer that is dropped after they were sent would use their key twice.
    ///
    /// # Errors
    /// [`MlsError::Inactive`] when this device was removed.
    pub fn encrypt(
        &mut self,
        crypto: &Crypto,
        device: &Device,
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, MlsError> {
        self.require_active()?;
        self.check_device(device)?;
        self.on_a_layer(|group| {
            group.mls.set_aad(aad.to_vec());
            let provider = Provider::new(crypto, &group.store);
            let message = group
                .mls
                .create_message(&provider, device.signer(), plaintext)
                .map_err(|error| MlsError::Library("encrypting", error.into()))?;
            encode(&message)
        })
    }

    /// Processes a message or a commit of another device. A commit is judged by the rule and
    /// merged.
    ///
    /// # Errors
    /// The group is as before. [`MlsError::Policy`] is a commit that breaks the rule (see
    /// [`crate::PolicyViolation::needs_upgrade`]); [`MlsError::OwnCommit`] is the echo of the
    /// pending commit, for [`Self::merge_pending_commit`].
    pub fn process(
        &mut self,
        crypto: &Crypto,
        device: &Device,
        bytes: &[u8],
    ) -> Result<Processed, MlsError> {
        let message = self.decode(bytes)?;
        self.check_device(device)?;
        self.on_a_layer(|group| group.process_decoded(crypto, message, bytes))
    }

    /// Merges the pending commit: its place in the log was reached.
    ///
    /// # Errors
    /// [`MlsError::NoPendingCommit`] when there is none.
    pub fn merge_pending_commit(
        &mut self,
        crypto: &Crypto,
        device: &Device,
    ) -> Result<CommitSummary, MlsError> {
        self.require_active()?;
        self.check_device(device)?;
        let summary = check_pending(self)?;
        self.on_a_layer(|group| {
            let provider = Provider::new(crypto, &group.store);
            group
                .mls
                .merge_pending_commit(&provider)
                .map_err(|error| MlsError::Library("merging a commit", error.into()))?;
            group.store.set_pending_proof(None)?;
            group.refresh_view()
        })?;
        Ok(summary)
    }

    fn require_active(&self) -> Result<(), MlsError> {
        if self.is_active() {
            Ok(())
        } else {
            Err(MlsError::Inactive)
        }
    }

    /// Decodes a message and checks that this group can process it at all.
    fn decode(&self, bytes: &[u8]) -> Result<ProtocolMessage, MlsError> {
        let message = MlsMessageIn::tls_deserialize_exact(bytes)
            .map_err(|_| MlsError::Malformed("MLS message"))?;
        let message = message
            .try_into_protocol_message()
            .map_err(|_| MlsError::Malformed("message of a group"))?;
        if message.group_id() != self.mls.group_id() {
            return Err(MlsError::NotForThisGroup);
        }
        self.require_active()?;
        let (ours, theirs) = (self.epoch(), message.epoch().as_u64());
        if ours != theirs {
            return Err(MlsError::WrongEpoch { ours, theirs });
        }
        match message.content_type() {
            ContentType::Proposal => Err(MlsError::StandaloneProposal),
            ContentType::Application | ContentType::Commit => Ok(message),
        }
    }

    fn process_decoded(
        &mut self,
        crypto: &Crypto,
        message: ProtocolMessage,
        bytes: &[u8],
    ) -> Result<Processed, MlsError> {
        let is_commit = message.content_type() == ContentType::Commit;
        let provider = Provider::new(crypto, &self.store);
        let processed = self
            .mls
            .process_message(&provider, message)
            .map_err(|error| {
                if !is_commit {
                    MlsError::Undecryptable(error.into())
                } else if self.passes_without_secrets(crypto, bytes) {
                    MlsError::FalseCommit(error.into())
                } else {
                    MlsError::InvalidCommit(error.into())
                }
            })?;
        let (sender, aad) = (processed.sender().clone(), processed.aad().to_vec());
        match processed.into_content() {
            ProcessedMessageContent::ApplicationMessage(message) => {
                self.message(&sender, aad, message.into_bytes())
            }
            ProcessedMessageContent::StagedCommitMessage(staged) => {
                self.merge_staged(crypto, &sender, &aad, *staged)
            }
            ProcessedMessageContent::OwnPendingCommit => Err(MlsError::OwnCommit),
            ProcessedMessageContent::OwnPrivateMessage => Err(MlsError::OwnMessage),
            ProcessedMessageContent::ProposalMessage(_)
            | ProcessedMessageContent::ExternalJoinProposalMessage(_) => {
                Err(MlsError::StandaloneProposal)
            }
        }
    }

    /// Whether a commit that was refused here is valid for whoever follows the group without its
    /// secrets: a member has signed it, the rule allows it, and only tags and path are false.
    fn passes_without_secrets(&self, crypto: &Crypto, commit: &[u8]) -> bool {
        let group = self.mls.public_group();
        let processed = self
            .decode(commit)
            .ok()
            .and_then(|commit| group.process_message(crypto, commit).ok());
        let Some(processed) = processed else {
            return false;
        };
        let (_, proof) = split_authenticated_data(processed.aad());
        let (sender, proof) = (processed.sender().clone(), proof.to_vec());
        if matches!(&sender, Sender::Member(leaf) if leaf.u32() == self.own_leaf()) {
            // What this device made and gave up.
            return false;
        }
        let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
            return false;
        };
        let commit = view::commit(&sender, group.group_context(), &staged, &proof);
        check_commit(&self.view, &commit).is_ok()
    }

    fn message(
        &self,
        sender: &Sender,
        aad: Vec<u8>,
        plaintext: Vec<u8>,
    ) -> Result<Processed, MlsError> {
        let sender = match sender {
            Sender::Member(leaf) => self.view.member(leaf.u32()),
            _ => None,
        };
        let sender = sender.ok_or(MlsError::State("sender of a message"))?;
        Ok(Processed::Message {
            sender_leaf: sender.leaf,
            user: sender.user,
            device: sender.device,
            aad,
            plaintext,
        })
    }

    fn merge_staged(
        &mut self,
        crypto: &Crypto,
        sender: &Sender,
        aad: &[u8],
        staged: openmls::prelude::StagedCommit,
    ) -> Result<Processed, MlsError> {
        let context = self.mls.public_group().group_context();
        let (aad, proof) = split_authenticated_data(aad);
        let summary = check_commit(&self.view, &view::commit(sender, context, &staged, proof))?;
        let provider = Provider::new(crypto, &self.store);
        self.mls
            .merge_staged_commit(&provider, staged)
            .map_err(|error| MlsError::Library("merging a commit", error.into()))?;
        // OpenMLS has forgotten a pending commit of this device, which lost the race.
        self.store.set_pending_proof(None)?;
        self.refresh_view()?;
        Ok(Processed::Commit {
            aad: aad.to_vec(),
            summary,
            removed_self: !self.is_active(),
        })
    }
}
