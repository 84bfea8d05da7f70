//! From OpenMLS to the views that the rule looks at.

use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::*;
use whimbrel_protocol::id::ConversationId;

use crate::certificate::Certificate;
use crate::config::{GROUP_POLICY_EXTENSION, only_our_extensions, unbounded_lifetime};
use crate::group_policy::{GroupPolicy, GroupPolicyError};
use crate::identity::IdentityError;
use crate::policy::{CommitView, GroupView, LeafView, MemberView, PolicyViolation, check_group};
use crate::proof;

/// How the encoding of a leaf's source begins when the leaf came with a key package.
const FROM_KEY_PACKAGE: u8 = 1;

/// Why a group can't be looked at.
pub(crate) enum ViewError {
    GroupId,
    Policy(GroupPolicyError),
    Violation(PolicyViolation),
}

impl From<PolicyViolation> for ViewError {
    fn from(violation: PolicyViolation) -> Self {
        Self::Violation(violation)
    }
}

/// A group whose certificates were verified when their leaves came in.
pub(crate) fn trusted_group(group: &PublicGroup) -> Result<GroupView, ViewError> {
    view_group(group, Certificate::decode_trusted)
}

/// A group that somebody hands us: verifies every certificate and the fit of the policy.
pub(crate) fn verified_group(group: &PublicGroup) -> Result<GroupView, ViewError> {
    let extensions = group.group_context().extensions();
    let view = view_group(group, Certificate::decode_and_verify)?;
    if !only_our_extensions(extensions) {
        return Err(PolicyViolation::Extensions.into());
    }
    check_group(&view)?;
    for member in group.members() {
        let bounded = group
            .leaf(member.index)
            .is_some_and(|leaf| !lifetime_is_unbounded(leaf));
        if bounded {
            return Err(PolicyViolation::BoundedLifetime.into());
        }
    }
    Ok(view)
}

fn view_group(
    group: &PublicGroup,
    read: impl Fn(&[u8]) -> Result<Certificate, IdentityError>,
) -> Result<GroupView, ViewError> {
    let context = group.group_context();
    let policy = group_policy(context.extensions()).map_err(ViewError::Policy)?;
    let mut members = Vec::new();
    for member in group.members() {
        let certificate = certificate_bytes(&member.credential)
            .and_then(|bytes| read(&bytes))
            .map_err(PolicyViolation::BadCertificate)?;
        if member.signature_key != certificate.device_key {
            return Err(PolicyViolation::BadCertificate(IdentityError::WrongKey).into());
        }
        members.push(MemberView::new(member.index.u32(), certificate));
    }
    members.sort_by_key(|member| member.leaf);
    let conversation = ConversationId::try_from(context.group_id().as_slice());
    Ok(GroupView {
        conversation: conversation.map_err(|_| ViewError::GroupId)?,
        members,
        policy,
        epoch: context.epoch().as_u64(),
    })
}

/// A commit that OpenMLS accepts, before it is merged, and the bytes of the proof with it.
pub(crate) fn commit(
    sender: &Sender,
    before: &GroupContext,
    staged: &StagedCommit,
    proof: &[u8],
) -> CommitView {
    let committer = match sender {
        Sender::Member(leaf) => Some(leaf.u32()),
        Sender::External(_) | Sender::NewMemberProposal | Sender::NewMemberCommit => None,
    };
    let other = |proposal: &&QueuedProposal| {
        !matches!(
            proposal.proposal(),
            Proposal::Add(_) | Proposal::Remove(_) | Proposal::GroupContextExtensions(_)
        )
    };
    let removes = staged.remove_proposals();
    let mut removes: Vec<u32> = removes
        .map(|proposal| proposal.remove_proposal().removed().u32())
        .collect();
    // OpenMLS keeps several removals of one commit in no particular order.
    removes.sort_unstable();
    let after = staged.group_context().extensions();
    CommitView {
        committer,
        adds: staged
            .add_proposals()
            .map(|proposal| leaf_view(proposal.add_proposal().key_package().leaf_node()))
            .collect(),
        removes,
        other_proposals: staged.queued_proposals().filter(other).count(),
        path: staged.update_path_leaf_node().map(leaf_view),
        changes_other_extensions: before.extensions() != after && !only_our_extensions(after),
        policy: group_policy(after),
        epoch: staged.group_context().epoch().as_u64(),
        proof: proof::decode_optional(proof),
    }
}

/// What a leaf says about itself, its certificate verified.
pub(crate) fn leaf_view(leaf: &LeafNode) -> LeafView {
    LeafView {
        certificate: certificate_bytes(leaf.credential())
            .and_then(|bytes| Certificate::decode_and_verify(&bytes)),
        signature_key: leaf.signature_key().as_slice().to_vec(),
        lifetime_is_unbounded: lifetime_is_unbounded(leaf),
    }
}

fn lifetime_is_unbounded(leaf: &LeafNode) -> bool {
    // OpenMLS does not export the type of a leaf's source, so it is looked at in its encoding
    // (RFC 9420, section 7.2): a one and the lifetime, or something else without a lifetime.
    let source = leaf.leaf_node_source().tls_serialize_detached();
    let unbounded = unbounded_lifetime().tls_serialize_detached();
    match (source.as_deref(), unbounded.as_deref()) {
        (Ok([FROM_KEY_PACKAGE, lifetime @ ..]), Ok(unbounded)) => lifetime == unbounded,
        (Ok(_), Ok(_)) => true,
        _ => false,
    }
}

fn certificate_bytes(credential: &Credential) -> Result<Vec<u8>, IdentityError> {
    let basic = BasicCredential::try_from(credential.clone());
    let basic = basic.map_err(|_| IdentityError::CredentialKind)?;
    Ok(basic.identity().to_vec())
}

fn group_policy(extensions: &Extensions<GroupContext>) -> Result<GroupPolicy, GroupPolicyError> {
    let extension = extensions
        .unknown(GROUP_POLICY_EXTENSION)
        .ok_or(GroupPolicyError::Missing)?;
    GroupPolicy::decode(&extension.0)
}
