//! Lies in answers: results, key packages, names, greetings, trees, failures.

use whimbrel_protocol::frame::{
    ClaimedUser, FailureCode, GoAwayReason, HelloOk, ItemResult, Refusal, ServerMessage,
};
use whimbrel_protocol::{ConversationId, UserId, limits};

use super::{Liar, Lie};
use crate::hostile::absurd;

impl Liar {
    pub(super) fn alter_results(&mut self, lie: Lie, results: &mut Vec<ItemResult>) -> bool {
        match lie {
            Lie::FalseRefusal => {
                let refusal = ItemResult::Refused(self.refusal());
                if let Some(result) = results.first_mut() {
                    *result = refusal;
                }
            }
            Lie::WrongResult => match self.rng.below(4) {
                0 => {
                    results.pop();
                }
                1 => results.push(ItemResult::NotTried),
                _ => {
                    let Some(ItemResult::Accepted {
                        seq,
                        server_time_ms,
                        payload_sha256,
                    }) = results.first_mut()
                    else {
                        return false;
                    };
                    *seq = absurd::number(&mut self.rng, *seq);
                    *server_time_ms = absurd::time_ms(&mut self.rng, *server_time_ms);
                    if self.rng.per_mille(100) {
                        *payload_sha256 = self.rng.seed32();
                    }
                }
            },
            _ => return false,
        }
        true
    }

    fn refusal(&mut self) -> Refusal {
        match self.rng.below(12) {
            0..=2 => Refusal::StaleEpoch {
                epoch: absurd::number(&mut self.rng, 2),
                head: absurd::number(&mut self.rng, 5),
            },
            3 => Refusal::NotMember,
            4 => Refusal::NoSuchConversation,
            5 => Refusal::ConversationExists,
            6 => {
                let places: Vec<ConversationId> = self.pool.heads.keys().copied().collect();
                let known = absurd::one_of(&mut self.rng, &places).copied();
                let unknown = ConversationId::from_bytes([0x55; 16]);
                let is_known = self.rng.per_mille(500);
                Refusal::DirectExists {
                    conversation: known.filter(|_| is_known).unwrap_or(unknown),
                }
            }
            7 | 8 => Refusal::BadCounter {
                expected: absurd::number(&mut self.rng, 3),
            },
            9 => Refusal::RateLimited {
                retry_after_ms: absurd::small_number(&mut self.rng),
            },
            10 => Refusal::Malformed,
            _ => Refusal::Policy,
        }
    }

    pub(super) fn alter_claims(
        &mut self,
        lie: Lie,
        server_time_ms: &mut i64,
        users: &mut [ClaimedUser],
    ) -> bool {
        let Some(first) = users.first_mut() else {
            return false;
        };
        let user = first.user;
        let of_user = |made: &&ClaimedUser| made.user == user;
        match lie {
            Lie::WrongTime => *server_time_ms = absurd::time_ms(&mut self.rng, *server_time_ms),
            Lie::Ghost => match self.cast.ghosts.iter().find(of_user) {
                Some(ghost) => *first = ghost.clone(),
                None => return false,
            },
            Lie::Stray => match self.cast.strays.iter().find(of_user) {
                Some(stray) => first.devices.extend(stray.devices.clone()),
                None => return false,
            },
            Lie::KeyPackages => {
                let old: Vec<_> = self.pool.claims.iter().cloned().collect();
                let Some(other) = absurd::one_of(&mut self.rng, &old) else {
                    return false;
                };
                match self.rng.below(3) {
                    0 => first.devices.clone_from(&other.devices),
                    1 => *first = other.clone(),
                    _ => {
                        for (mine, theirs) in first.devices.iter_mut().zip(&other.devices) {
                            mine.key_package.clone_from(&theirs.key_package);
                        }
                    }
                }
            }
            Lie::Manifest => match self.rng.below(3) {
                0 => return absurd::flip(&mut self.rng, &mut first.manifest),
                1 => {
                    if let Some(person) = absurd::one_of(&mut self.rng, &self.cast.people) {
                        first.manifest.clone_from(&person.manifest);
                    }
                }
                _ => first.manifest.clear(),
            },
            _ => return false,
        }
        true
    }

    pub(super) fn alter_name(&mut self, user: &mut UserId) -> bool {
        *user = match absurd::one_of(&mut self.rng, &self.cast.people) {
            Some(person) if self.rng.per_mille(500) => person.user,
            _ => self.cast.mallory.0,
        };
        true
    }

    pub(super) fn alter_greeting(&mut self, ok: &mut HelloOk) -> bool {
        match self.rng.below(8) {
            0 => ok.sealed_no = absurd::number(&mut self.rng, ok.sealed_no),
            1 => ok.inbox_head = absurd::number(&mut self.rng, ok.inbox_head),
            2 | 3 => ok.server_time_ms = absurd::time_ms(&mut self.rng, ok.server_time_ms),
            4 | 5 => {
                ok.one_time_key_packages = absurd::small_number(&mut self.rng);
                ok.has_last_resort = self.rng.per_mille(500);
            }
            _ => ok.heartbeat_ms = absurd::small_number(&mut self.rng),
        }
        if self.rng.per_mille(500) {
            ok.server_time_ms = absurd::time_ms(&mut self.rng, ok.server_time_ms);
        }
        true
    }

    pub(super) fn alter_tree(
        &mut self,
        offset: &mut u32,
        total: &mut u32,
        bytes: &mut Vec<u8>,
    ) -> bool {
        let largest = u32::try_from(limits::TREE_BYTES_MAX).unwrap_or(u32::MAX);
        match self.rng.below(6) {
            0 => *offset = absurd::small_number(&mut self.rng),
            1 => *total = absurd::small_number(&mut self.rng),
            2 => bytes.clear(),
            // Just above the limit, and a tree without end: blank nodes only.
            3 => *total = largest.saturating_add(1),
            4 => {
                *total = largest;
                *bytes = vec![0; limits::TREE_CHUNK_BYTES_MAX];
            }
            _ => return absurd::flip(&mut self.rng, bytes),
        }
        true
    }

    pub(super) fn failure(&mut self) -> ServerMessage {
        let codes = [
            FailureCode::Malformed,
            FailureCode::Forbidden,
            FailureCode::NotFound,
            FailureCode::RateLimited,
            FailureCode::TooLarge,
            FailureCode::Unavailable,
            FailureCode::NoKeyPackage,
            FailureCode::Expired,
            FailureCode::Conflict,
            FailureCode::Unknown,
        ];
        ServerMessage::Failed {
            code: *absurd::one_of(&mut self.rng, &codes).unwrap_or(&FailureCode::Unknown),
            retry_after_ms: absurd::small_number(&mut self.rng),
        }
    }

    pub(super) fn go_away(&mut self) -> ServerMessage {
        let reasons = [
            GoAwayReason::Draining,
            GoAwayReason::TokenExpired,
            GoAwayReason::Replaced,
            GoAwayReason::ProtocolError,
            GoAwayReason::TooSlow,
            GoAwayReason::Unknown,
        ];
        let is_revoked = self.rng.per_mille(30);
        let reason = absurd::one_of(&mut self.rng, &reasons).copied();
        ServerMessage::GoAway {
            reason: match reason {
                Some(reason) if !is_revoked => reason,
                _ => GoAwayReason::Revoked,
            },
            retry_after_ms: absurd::small_number(&mut self.rng),
        }
    }
}
