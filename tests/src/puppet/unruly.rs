//! What a member can send whose own client does not keep the rules: valid by MLS, against the
//! policy. Our own library refuses to make it, so this is made by OpenMLS itself.

use openmls::prelude::{GroupId, LeafNodeIndex, MlsGroup};
use whimbrel_mls::{Overlay, Provider, Row};
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
        let client_id = self.next_id();
        let Self {
            crypto, key, seats, ..
        } = self;
        let seat = seats.get_mut(&place).expect("a seat");
        let counter = seat.counter + 1;
        let epoch = seat.group.epoch();
        let members = seat.group.members().iter();
        let leaves: Vec<LeafNodeIndex> = members
            .filter(|member| member.user == user)
            .map(|member| LeafNodeIndex::new(member.leaf))
            .collect();
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
        let bundle = group
            .commit_builder()
            .propose_removals(leaves)
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
