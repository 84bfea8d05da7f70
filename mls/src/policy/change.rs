//! What a commit does to the members, sorted out: who comes, who goes, who is repaired.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_protocol::id::{DeviceId, UserId};
use whimbrel_protocol::limits;

use super::{CommitView, GroupView, LeafView, MemberView, PolicyViolation};
use crate::certificate::Certificate;
use crate::identity::{IdentityError, IdentityPublicKey};

/// The change of members that a commit makes.
pub(super) struct Change<'a> {
    /// Devices that come; their user may be new or not.
    pub(super) added: Vec<&'a Certificate>,
    /// Devices that go.
    pub(super) removed: Vec<&'a MemberView>,
    /// Devices removed and added again with the same user and identity key.
    pub(super) re_added: Vec<&'a Certificate>,
    /// Users without a device before.
    pub(super) users_added: BTreeSet<UserId>,
    /// Users without a device after.
    pub(super) users_removed: BTreeSet<UserId>,
    /// Users who stay, but whose devices all go and others come that another identity key signed.
    pub(super) identities_changed: BTreeMap<UserId, IdentityPublicKey>,
    /// Users with a device after.
    pub(super) users_after: BTreeSet<UserId>,
}

impl<'a> Change<'a> {
    /// Sorts out a commit; refuses what could not be a change of members at all.
    pub(super) fn of(
        before: &'a GroupView,
        commit: &'a CommitView,
        committer: &MemberView,
    ) -> Result<Self, PolicyViolation> {
        let mut removed = removed_members(before, commit, committer)?;
        let mut added = Vec::with_capacity(commit.adds.len());
        for leaf in &commit.adds {
            added.push(verified_leaf(leaf)?);
        }
        let devices_after = devices_after(before, &removed, &added)?;
        let identities_changed = identities_changed(before, &removed, &added)?;
        let users_before: BTreeSet<UserId> = before.members.iter().map(|view| view.user).collect();
        let users_after: BTreeSet<UserId> = devices_after.values().copied().collect();
        let re_added = take_re_added(&mut added, &mut removed);
        added.sort_by_key(|certificate| (certificate.user, certificate.device));
        removed.sort_by_key(|view| (view.user, view.device));
        Ok(Self {
            added,
            removed,
            re_added,
            users_added: &users_after - &users_before,
            users_removed: &users_before - &users_after,
            identities_changed,
            users_after,
        })
    }
}

/// The certificate of a leaf that a commit brings, when the leaf may stand in a group.
pub(super) fn verified_leaf(leaf: &LeafView) -> Result<&Certificate, PolicyViolation> {
    let certificate = leaf
        .certificate
        .as_ref()
        .map_err(|error| PolicyViolation::BadCertificate(*error))?;
    if leaf.signature_key != certificate.device_key {
        return Err(PolicyViolation::BadCertificate(IdentityError::WrongKey));
    }
    if !leaf.lifetime_is_unbounded {
        return Err(PolicyViolation::BoundedLifetime);
    }
    Ok(certificate)
}

/// Counts devices and refuses too many, or two leaves of one device.
pub(super) fn count_devices(
    devices: impl Iterator<Item = (DeviceId, UserId)>,
) -> Result<BTreeMap<DeviceId, UserId>, PolicyViolation> {
    let mut users = BTreeMap::new();
    let mut per_user: BTreeMap<UserId, usize> = BTreeMap::new();
    for (device, user) in devices {
        if users.insert(device, user).is_some() {
            return Err(PolicyViolation::DuplicateDevice(device));
        }
        *per_user.entry(user).or_default() += 1;
    }
    let most_of_one_user = per_user.into_values().max().unwrap_or(0);
    if users.len() > limits::CONVERSATION_DEVICES_MAX || most_of_one_user > limits::USER_DEVICES_MAX
    {
        return Err(PolicyViolation::TooManyDevices);
    }
    Ok(users)
}

fn removed_members<'a>(
    before: &'a GroupView,
    commit: &CommitView,
    committer: &MemberView,
) -> Result<Vec<&'a MemberView>, PolicyViolation> {
    let mut seen = BTreeSet::new();
    let mut removed = Vec::with_capacity(commit.removes.len());
    for leaf in &commit.removes {
        let member = before.member(*leaf);
        match member {
            Some(member) if *leaf != committer.leaf && seen.insert(*leaf) => removed.push(member),
            _ => return Err(PolicyViolation::BadRemove(*leaf)),
        }
    }
    Ok(removed)
}

fn devices_after(
    before: &GroupView,
    removed: &[&MemberView],
    added: &[&Certificate],
) -> Result<BTreeMap<DeviceId, UserId>, PolicyViolation> {
    let removed: BTreeSet<u32> = removed.iter().map(|view| view.leaf).collect();
    let stay = before
        .members
        .iter()
        .filter(|view| !removed.contains(&view.leaf))
        .map(|view| (view.device, view.user));
    let come = added
        .iter()
        .map(|certificate| (certificate.device, certificate.user));
    count_devices(stay.chain(come))
}

/// Devices that come to a user who stays are signed by the identity key that the group knows;
/// only when none of the old ones stays may another key, the same for all, take its place.
fn identities_changed(
    before: &GroupView,
    removed: &[&MemberView],
    added: &[&Certificate],
) -> Result<BTreeMap<UserId, IdentityPublicKey>, PolicyViolation> {
    let mut changed = BTreeMap::new();
    for certificate in added {
        let known = before.policy.user(certificate.user);
        if known.is_some_and(|entry| entry.identity_key != certificate.identity_key) {
            changed.insert(certificate.user, certificate.identity_key);
        }
    }
    for (user, identity_key) in &changed {
        let devices = |members: &mut dyn Iterator<Item = &MemberView>| {
            members.filter(|view| view.user == *user).count()
        };
        let all_go = devices(&mut before.members.iter()) == devices(&mut removed.iter().copied());
        let mut come = added.iter().filter(|each| each.user == *user);
        if !all_go || come.any(|each| each.identity_key != *identity_key) {
            return Err(PolicyViolation::IdentityMismatch(*user));
        }
    }
    Ok(changed)
}

/// Takes the devices that go and come back out of both lists.
fn take_re_added<'a>(
    added: &mut Vec<&'a Certificate>,
    removed: &mut Vec<&'a MemberView>,
) -> Vec<&'a Certificate> {
    let mut re_added = Vec::new();
    added.retain(|certificate| {
        let same = |view: &&MemberView| {
            view.device == certificate.device
                && view.user == certificate.user
                && view.identity_key == certificate.identity_key
        };
        match removed.iter().position(same) {
            Some(place) => {
                removed.swap_remove(place);
                re_added.push(*certificate);
                false
            }
            None => true,
        }
    });
    re_added.sort_by_key(|certificate| (certificate.user, certificate.device));
    re_added
}
