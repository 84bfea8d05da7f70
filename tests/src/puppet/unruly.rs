//! What a member can send whose own client does not keep the rules: valid by MLS, against the
//! policy. Our own library refuses to make it, so this is made by OpenMLS itself.

use openmls::prelude::{Extension, Extensions, GroupContext, GroupId, LeafNodeIndex, MlsGroup};
use whimbrel_mls::{GROUP_POLICY_EXTENSION, Overlay, Provider, Row};
use whimbrel_protocol::envelope::authenticated_data;
use whimbrel_protocol::frame::SendItem;
use whimbrel_protocol::{ClientId, ConversationId, ItemKind, UserId};

use super::Puppet;

impl Puppet {
    /// The item of a message under an id and a count of the story's choosing, which its signature
    /// covers; `None` for the ones that are due.
    ///
    /// # Panics
    /// Where it is not a member.
    pub fn message_as(
        &mut self,
        place: ConversationId,
        client_id: Option<ClientId>,
        counter: Option<u64>,
        plaintext: &[u8],
    ) -> SendItem {
        let client_id = client_id.unwrap_or_else(|| self.next_id());
        let Self {
            crypto,
            device,
            seats,
            ..
        } = self;
        let seat = seats.get_mut(&place).expect("a seat");
        let counter = counter.unwrap_or(seat.counter + 1);
        let aad = authenticated_data(place, client_id, counter, ItemKind::Message);
        let payload = seat
            .group
            .encrypt(crypto, device, &aad, plaintext)
            .expect("encrypted");
        SendItem {
            client_id,
            kind: ItemKind::Message,
            epoch: seat.group.epoch(),
            counter,
            silent: false,
            payload,
            founding: None,
            welcome: None,
        }
    }

    /// A commit that removes a user, made whether the puppet may do so or not. The puppet itself
    /// stays in the epoch it is in.
    ///
    /// # Panics
    /// Where OpenMLS can't make it.
    pub fn commit_without_right(&mut self, place: ConversationId, user: UserId) -> SendItem {
        let members = self.group(place).members().iter();
        let leaves: Vec<LeafNodeIndex> = members
            .filter(|member| member.user == user)
            .map(|member| LeafNodeIndex::new(member.leaf))
            .collect();
        self.unruly_commit(place, leaves, None)
    }

    /// A commit into a group policy of a version that nobody knows yet. The puppet itself stays in
    /// the epoch it is in.
    ///
    /// # Panics
    /// Where OpenMLS can't make it.
    pub fn commit_of_the_future(&mut self, place: ConversationId) -> SendItem {
        self.unruly_commit(place, Vec::new(), Some(99))
    }

    fn unruly_commit(
        &mut self,
        place: ConversationId,
        removed: Vec<LeafNodeIndex>,
        policy_version: Option<u8>,
    ) -> SendItem {
        let client_id = self.next_id();
        let Self {
            crypto, key, seats, ..
        } = self;
        let seat = seats.get_mut(&place).expect("a seat");
        let counter = seat.counter + 1;
        let epoch = seat.group.epoch();
        // A puppet never stores its rows, so all of them are still to be stored.
        let rows = seat.group.take_dirty().into_iter().filter_map(|row| {
            let value = row.value?;
            Some(Row {
                key: row.key,
                value,
            })
        });
        let store = Overlay::with_rows(place.as_bytes(), rows.collect());
        let id = GroupId::from_slice(place.as_bytes());
        let mut group = MlsGroup::load(&store, &id).expect("rows").expect("a group");
        group.set_aad(authenticated_data(
            place,
            client_id,
            counter,
            ItemKind::Commit,
        ));
        let extensions = policy_version.map(|version| of_version(group.extensions(), version));
        let mut builder = group.commit_builder().propose_removals(removed);
        if let Some(extensions) = extensions {
            builder = builder
                .propose_group_context_extensions(extensions)
                .expect("extensions");
        }
        let bundle = builder
            .load_psks(&store)
            .expect("no keys from elsewhere")
            .build(crypto, crypto, key, |_| true)
            .expect("a commit")
            .stage_commit(&Provider::new(crypto, &store))
            .expect("a staged commit");
        let (commit, _, _) = bundle.into_messages();
        SendItem {
            client_id,
            kind: ItemKind::Commit,
            epoch,
            counter,
            silent: true,
            payload: commit.to_bytes().expect("bytes"),
            founding: None,
            welcome: None,
        }
    }
}

/// The same extensions, with a group policy that says to be of another version: its first field.
fn of_version(extensions: &Extensions<GroupContext>, version: u8) -> Extensions<GroupContext> {
    let mut policy = extensions
        .unknown(GROUP_POLICY_EXTENSION)
        .expect("a policy")
        .clone();
    *policy.0.get_mut(1).expect("a version") = version;
    let mut extensions = extensions.clone();
    extensions
        .add_or_replace(Extension::Unknown(GROUP_POLICY_EXTENSION, policy))
        .expect("an extension");
    extensions
}
