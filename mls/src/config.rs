//! The choices that every group and every leaf of Whimbrel share, in one place.
//!
//! Changing any of them changes the wire format or the forward secrecy of stored state.

use openmls::prelude::*;

/// Extension of the group context that carries the [`crate::GroupPolicy`].
pub const GROUP_POLICY_EXTENSION: u16 = 0xF0A1;

/// Extension of a key package that carries the second since 1970 at which it expires, as eight
/// bytes, big end first. MLS lifetimes are not used: they are checked again whenever an old commit
/// is replayed, against the clock of whoever replays it, and two clocks would make two groups.
pub const EXPIRY_EXTENSION: u16 = 0xF0A2;

/// The one cipher suite.
pub(crate) const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;

/// How far a message may come before its turn, and how many may be missing, per sender. The log
/// delivers in order, so the first number only covers what one batch can hold back.
const OUT_OF_ORDER_TOLERANCE: u32 = 16;
const MAXIMUM_FORWARD_DISTANCE: u32 = 2000;

/// A lifetime that no clock can refuse.
pub(crate) fn unbounded_lifetime() -> Lifetime {
    Lifetime::init(0, u64::MAX)
}

/// What every leaf says it understands. The last-resort extension has to be among it, or a key
/// package that carries it can't be added.
pub(crate) fn capabilities() -> Capabilities {
    Capabilities::new(
        None,
        Some(&[SUITE]),
        Some(&[
            ExtensionType::LastResort,
            ExtensionType::Unknown(GROUP_POLICY_EXTENSION),
            ExtensionType::Unknown(EXPIRY_EXTENSION),
        ]),
        None,
        None,
    )
}

/// The extensions of a group context: the policy, and the demand that every leaf understands it.
/// A proposal to change extensions replaces the whole list, so both always travel together.
pub(crate) fn group_extensions(
    policy: &[u8],
) -> Result<Extensions<GroupContext>, InvalidExtensionError> {
    Extensions::from_vec(vec![
        Extension::RequiredCapabilities(required_capabilities()),
        Extension::Unknown(GROUP_POLICY_EXTENSION, UnknownExtension(policy.to_vec())),
    ])
}

/// True when a group context holds exactly what [`group_extensions`] puts there.
pub(crate) fn only_our_extensions(extensions: &Extensions<GroupContext>) -> bool {
    let ours = required_capabilities();
    extensions.iter().count() == 2
        && extensions.unknown(GROUP_POLICY_EXTENSION).is_some()
        && extensions.required_capabilities() == Some(&ours)
}

fn required_capabilities() -> RequiredCapabilitiesExtension {
    RequiredCapabilitiesExtension::new(&[ExtensionType::Unknown(GROUP_POLICY_EXTENSION)], &[], &[])
}

/// Handshakes as PublicMessage (the server follows them), no keys of past epochs, no padding (the
/// content pads itself), no ratchet tree inside a Welcome (the server hands it out).
pub(crate) fn create_config(extensions: Extensions<GroupContext>) -> MlsGroupCreateConfig {
    MlsGroupCreateConfig::builder()
        .ciphersuite(SUITE)
        .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .use_ratchet_tree_extension(false)
        .padding_size(0)
        .max_past_epochs(0)
        .number_of_resumption_psks(0)
        .sender_ratchet_configuration(sender_ratchet())
        .capabilities(capabilities())
        .lifetime(unbounded_lifetime())
        .with_group_context_extensions(extensions)
        .build()
}

/// The same choices for a group that is joined.
pub(crate) fn join_config() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .use_ratchet_tree_extension(false)
        .padding_size(0)
        .max_past_epochs(0)
        .number_of_resumption_psks(0)
        .sender_ratchet_configuration(sender_ratchet())
        .build()
}

fn sender_ratchet() -> SenderRatchetConfiguration {
    SenderRatchetConfiguration::new(OUT_OF_ORDER_TOLERANCE, MAXIMUM_FORWARD_DISTANCE)
}
