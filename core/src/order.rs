//! Putting envelopes in order. Pure.

use whimbrel_protocol::Envelope;

/// What becomes of a run of envelopes that came in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arranged {
    /// Those that come next, without gaps.
    pub next: Vec<Envelope>,
    /// Something is missing between them and what came after.
    pub gap: bool,
}

/// Drops what is known already, keeps what follows `have` without a gap, stops at a gap.
pub(crate) fn arrange(have: u64, run: Vec<Envelope>) -> Arranged {
    let mut arranged = Arranged {
        next: Vec::with_capacity(run.len()),
        gap: false,
    };
    let mut expected = have.saturating_add(1);
    for envelope in run {
        if envelope.seq < expected {
            continue;
        }
        if envelope.seq > expected {
            arranged.gap = true;
            break;
        }
        expected = expected.saturating_add(1);
        arranged.next.push(envelope);
    }
    arranged
}

#[cfg(test)]
mod tests {
    use super::*;
    use whimbrel_protocol::envelope::Body;
    use whimbrel_protocol::{ClientId, DeviceId, ItemKind, UserId};

    fn run(seqs: &[u64]) -> Vec<Envelope> {
        seqs.iter()
            .map(|seq| Envelope {
                seq: *seq,
                kind: ItemKind::Message,
                sender_user: UserId::from_bytes([1; 16]),
                sender_device: DeviceId::from_bytes([2; 16]),
                client_id: ClientId::from_bytes([3; 16]),
                counter: *seq,
                epoch: 0,
                server_time_ms: 0,
                silent: false,
                voided: false,
                body: Body::OwnHash([0; 32]),
            })
            .collect()
    }

    fn arranged(have: u64, seqs: &[u64]) -> (Vec<u64>, bool) {
        let arranged = arrange(have, run(seqs));
        (
            arranged.next.iter().map(|envelope| envelope.seq).collect(),
            arranged.gap,
        )
    }

    #[test]
    fn what_follows_is_kept_and_the_rest_is_not() {
        assert_eq!(arranged(4, &[5, 6, 7]), (vec![5, 6, 7], false));
        assert_eq!(
            arranged(4, &[3, 4, 5]),
            (vec![5], false),
            "stale ones are dropped"
        );
        assert_eq!(
            arranged(4, &[5, 5, 6]),
            (vec![5, 6], false),
            "doubled ones are dropped"
        );
        assert_eq!(arranged(4, &[5, 7, 8]), (vec![5], true), "a gap stops");
        assert_eq!(
            arranged(4, &[6, 5]),
            (vec![], true),
            "reordered ones are fetched again"
        );
        assert_eq!(arranged(4, &[]), (vec![], false));
        assert_eq!(arranged(u64::MAX, &[1, u64::MAX]), (vec![u64::MAX], false));
    }
}
