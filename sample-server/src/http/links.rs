//! Meeting places of a new device and an old one of the same user.
//!
//! A place has an id that follows from the link code, which the server never sees. Whoever knows
//! the id may use the place: the new device leaves one offer, the old one reads it and leaves one
//! grant, sealed, and the new one signs in once by it. Places are in memory only, and all of them
//! live equally long. After a restart they are gone, and the devices start over with a new code.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use whimbrel_protocol::limits::{LINK_GRANT_BYTES_MAX, LINK_OFFER_BYTES_MAX};

use crate::Now;

/// Places that may be open; with an offer and a grant in each they take 130 MB.
const PLACES_MAX: usize = 10_000;

/// Names a place, and is the right to use it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LinkId([u8; 16]);

impl LinkId {
    pub(super) fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl TryFrom<Vec<u8>> for LinkId {
    type Error = Vec<u8>;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Vec<u8>> {
        bytes.try_into().map(Self)
    }
}

/// Why something can't be done with a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkRefusal {
    /// There is no such place, or no more.
    NotFound,
    /// Something else was left there before, or a device has come in by it.
    Taken,
    /// Nothing, or too much, is to be left there.
    Size,
    /// There are too many places.
    Full,
}

/// What a place holds.
enum Place {
    Offered {
        offer: Vec<u8>,
    },
    Granted {
        offer: Vec<u8>,
        grant: Vec<u8>,
    },
    /// A device has signed in by it. Here, as below, its id is not given out again as long as its
    /// code may be known.
    Used,
    /// Cancelled.
    Closed,
}

/// All meeting places.
pub(crate) struct Links {
    lifetime_ms: i64,
    places: Mutex<Places>,
}

#[derive(Default)]
struct Places {
    by_id: BTreeMap<LinkId, Held>,
    /// The same places, the oldest first, with the forward time at which each closes.
    ends: VecDeque<(i64, LinkId)>,
}

struct Held {
    place: Place,
    expires_ms: i64,
}

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Links(..)")
    }
}

impl Links {
    /// No places. Each will live for so many milliseconds.
    pub(crate) fn new(lifetime_ms: u32) -> Self {
        Self {
            lifetime_ms: i64::from(lifetime_ms),
            places: Mutex::default(),
        }
    }

    /// Opens a place and leaves an offer there. Repeating it is harmless.
    pub(super) fn open(&self, id: LinkId, offer: Vec<u8>, now: Now) -> Result<(), LinkRefusal> {
        check_size(&offer, LINK_OFFER_BYTES_MAX)?;
        let mut places = self.places(now);
        match places.by_id.get(&id).map(|held| &held.place) {
            Some(Place::Offered { offer: first }) if *first == offer => return Ok(()),
            Some(_) => return Err(LinkRefusal::Taken),
            None if places.by_id.len() >= PLACES_MAX => return Err(LinkRefusal::Full),
            None => {}
        }
        let held = Held {
            place: Place::Offered { offer },
            expires_ms: now.wall_ms.saturating_add(self.lifetime_ms),
        };
        places.by_id.insert(id, held);
        let end_ms = now.mono_ms.saturating_add(self.lifetime_ms);
        places.ends.push_back((end_ms, id));
        Ok(())
    }

    /// What the new device offers, and when the place closes.
    pub(super) fn offer(&self, id: LinkId, now: Now) -> Result<(Vec<u8>, i64), LinkRefusal> {
        let places = self.places(now);
        let held = places.by_id.get(&id).ok_or(LinkRefusal::NotFound)?;
        match &held.place {
            Place::Offered { offer } | Place::Granted { offer, .. } => {
                Ok((offer.clone(), held.expires_ms))
            }
            Place::Used => Err(LinkRefusal::Taken),
            Place::Closed => Err(LinkRefusal::NotFound),
        }
    }

    /// Leaves a grant. Repeating it is harmless.
    pub(super) fn give(&self, id: LinkId, grant: Vec<u8>, now: Now) -> Result<(), LinkRefusal> {
        check_size(&grant, LINK_GRANT_BYTES_MAX)?;
        let mut places = self.places(now);
        let held = places.by_id.get_mut(&id).ok_or(LinkRefusal::NotFound)?;
        match &mut held.place {
            Place::Offered { offer } => {
                let offer = std::mem::take(offer);
                held.place = Place::Granted { offer, grant };
                Ok(())
            }
            Place::Granted { grant: first, .. } if *first == grant => Ok(()),
            Place::Granted { .. } | Place::Used => Err(LinkRefusal::Taken),
            Place::Closed => Err(LinkRefusal::NotFound),
        }
    }

    /// What the old device granted, or `None` as long as it has not.
    pub(super) fn grant(&self, id: LinkId, now: Now) -> Result<Option<Vec<u8>>, LinkRefusal> {
        match self.places(now).by_id.get(&id).map(|held| &held.place) {
            Some(Place::Offered { .. }) => Ok(None),
            Some(Place::Granted { grant, .. }) => Ok(Some(grant.clone())),
            Some(Place::Used | Place::Closed) | None => Err(LinkRefusal::NotFound),
        }
    }

    /// Closes a place, if there is one.
    pub(super) fn close(&self, id: LinkId, now: Now) {
        if let Some(held) = self.places(now).by_id.get_mut(&id)
            && !matches!(held.place, Place::Used)
        {
            held.place = Place::Closed;
        }
    }

    /// Uses a place for the one sign-in that it is good for. `false` where it is good for none.
    pub(super) fn use_up(&self, id: LinkId, now: Now) -> bool {
        match self.places(now).by_id.get_mut(&id) {
            Some(held) if matches!(held.place, Place::Granted { .. }) => {
                held.place = Place::Used;
                true
            }
            _ => false,
        }
    }

    /// The places that are open now.
    fn places(&self, now: Now) -> MutexGuard<'_, Places> {
        // Nothing panics while it holds the lock.
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((end_ms, id)) = places.ends.front().copied()
            && end_ms <= now.mono_ms
        {
            places.ends.pop_front();
            places.by_id.remove(&id);
        }
        places
    }
}

fn check_size(bytes: &[u8], bytes_max: usize) -> Result<(), LinkRefusal> {
    if (1..=bytes_max).contains(&bytes.len()) {
        Ok(())
    } else {
        Err(LinkRefusal::Size)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    const LIFETIME_MS: u32 = 300_000;
    const ID: LinkId = LinkId([7; 16]);

    fn at(mono_ms: i64) -> Now {
        Now {
            mono_ms,
            wall_ms: 1_000_000 + mono_ms,
        }
    }

    fn numbered(number: usize) -> LinkId {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        LinkId(bytes)
    }

    #[test]
    fn a_place_closes_after_its_time_whatever_the_wall_clock_says() {
        let links = Links::new(LIFETIME_MS);
        links.open(ID, vec![1], at(0)).unwrap();
        let late = Now {
            wall_ms: i64::MAX,
            ..at(299_999)
        };
        assert_eq!(links.offer(ID, late), Ok((vec![1], 1_300_000)));
        links.give(ID, vec![2], late).unwrap();
        assert_eq!(links.grant(ID, at(300_000)), Err(LinkRefusal::NotFound));
        assert!(!links.use_up(ID, at(300_000)));
        // Its id is free again: the code that it came from has expired too.
        links.open(ID, vec![3], at(300_000)).unwrap();
    }

    #[test]
    fn a_place_is_used_once_and_only_after_the_grant() {
        let links = Links::new(LIFETIME_MS);
        links.open(ID, vec![1], at(0)).unwrap();
        assert!(!links.use_up(ID, at(1)));
        links.give(ID, vec![2], at(2)).unwrap();
        assert!(links.use_up(ID, at(3)));
        assert!(!links.use_up(ID, at(4)));
        // Whoever approved the device sees that it came in, also where it tidies up behind itself.
        links.close(ID, at(5));
        assert_eq!(links.offer(ID, at(5)), Err(LinkRefusal::Taken));
        assert_eq!(links.give(ID, vec![2], at(5)), Err(LinkRefusal::Taken));
        assert_eq!(links.grant(ID, at(5)), Err(LinkRefusal::NotFound));
        assert_eq!(links.open(ID, vec![1], at(6)), Err(LinkRefusal::Taken));
    }

    #[test]
    fn the_number_of_places_is_bounded() {
        let links = Links::new(LIFETIME_MS);
        for number in 0..PLACES_MAX {
            links.open(numbered(number), vec![1], at(0)).unwrap();
        }
        let one_more = numbered(PLACES_MAX);
        assert_eq!(links.open(one_more, vec![1], at(1)), Err(LinkRefusal::Full));
        // Closing does not make room, else one client could go through all ids.
        links.close(numbered(0), at(2));
        assert_eq!(links.open(one_more, vec![1], at(2)), Err(LinkRefusal::Full));
        links.open(one_more, vec![1], at(300_000)).unwrap();
        assert_eq!(links.places(at(300_000)).by_id.len(), 1);
        assert_eq!(links.places(at(300_000)).ends.len(), 1);
    }

    #[test]
    fn what_is_left_has_a_size() {
        let links = Links::new(LIFETIME_MS);
        for offer in [vec![], vec![0; LINK_OFFER_BYTES_MAX + 1]] {
            assert_eq!(links.open(ID, offer, at(0)), Err(LinkRefusal::Size));
        }
        let largest = vec![0; LINK_OFFER_BYTES_MAX];
        links.open(ID, largest, at(0)).unwrap();
        for grant in [vec![], vec![0; LINK_GRANT_BYTES_MAX + 1]] {
            assert_eq!(links.give(ID, grant, at(0)), Err(LinkRefusal::Size));
        }
        links
            .give(ID, vec![0; LINK_GRANT_BYTES_MAX], at(0))
            .unwrap();
    }
}
