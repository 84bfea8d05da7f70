//! What every device must show, given the log: everything of its stays, once, in order, and
//! nothing else.

use std::collections::BTreeSet;

use whimbrel::types::{ConversationState, Delivery, MessageKind};

use super::{DeviceEvidence, Evidence, Invariant, Shown, Stay, Verdict, demand};

pub(super) fn check(evidence: &Evidence) -> Verdict {
    for device in &evidence.devices {
        demand(device.alarm.is_none(), Invariant::NoAlarm, || {
            format!("{} has the alarm {:?}", device.name, device.alarm)
        })?;
        for shown in &device.places {
            check_rows(evidence, device, shown)?;
            check_bounds(evidence, device, shown)?;
        }
        check_stays(evidence, device)?;
    }
    Ok(())
}

/// The rows by themselves: numbered ones first, rising, each id once, nothing defective.
fn check_rows(evidence: &Evidence, device: &DeviceEvidence, shown: &Shown) -> Verdict {
    let mut ids = BTreeSet::new();
    let mut last = 0;
    let mut pending = false;
    for message in &shown.messages {
        let at = || {
            format!(
                "{} in {}: {}",
                device.name, message.conversation, message.id
            )
        };
        demand(
            ids.insert((message.sender, message.id)),
            Invariant::NoDuplicate,
            || format!("{} is there twice", at()),
        )?;
        match message.seq {
            Some(seq) => {
                let is_text = is_text(&message.kind);
                let rises = seq > last || (seq == last && !is_text);
                demand(rises && !pending, Invariant::OneOrder, || {
                    format!("{} with number {seq} stands after {last}", at())
                })?;
                last = seq;
            }
            None => pending = true,
        }
        if let MessageKind::Unreadable(defect) = &message.kind {
            demand(false, Invariant::NoAlarm, || {
                format!("{} is {defect:?}", at())
            })?;
        }
        demand(!message.gap_before, Invariant::NoGap, || {
            format!("{} has a gap before", at())
        })?;
        check_words(evidence, device, message)?;
    }
    Ok(())
}

fn check_words(
    evidence: &Evidence,
    device: &DeviceEvidence,
    message: &whimbrel::types::Message,
) -> Verdict {
    let MessageKind::Text { text, .. } = &message.kind else {
        return Ok(());
    };
    let known = evidence.book.find(message.id).is_some_and(|said| {
        let author = evidence.devices.get(said.author.0);
        said.texts.contains(text) && author.is_some_and(|author| author.user == message.sender)
    });
    demand(known, Invariant::NoPhantom, || {
        format!("{} shows {text:?}, which nobody said there", device.name)
    })
}

/// Nothing from outside the stays, and every numbered row is what the log has at its number.
fn check_bounds(evidence: &Evidence, device: &DeviceEvidence, shown: &Shown) -> Verdict {
    let id = shown.conversation.id;
    let stays = stays(evidence, device, shown);
    let log = evidence
        .server
        .log
        .get(&id)
        .map(Vec::as_slice)
        .unwrap_or_default();
    for message in &shown.messages {
        let Some(seq) = message.seq else { continue };
        let at = || format!("{} in {id} at {seq}", device.name);
        let text = is_text(&message.kind);
        let inside = stays
            .iter()
            .any(|stay| stay.covers(seq) || (!text && stay.from == seq));
        demand(inside, Invariant::NoPhantom, || {
            format!("{}: not meant for it", at())
        })?;
        let index = usize::try_from(seq).unwrap_or(0).wrapping_sub(1);
        let logged = log.get(index);
        demand(logged.is_some(), Invariant::NoLoss, || {
            format!("{}: confirmed, but not in the log", at())
        })?;
        if text {
            let same =
                logged.is_some_and(|item| (item.sender, item.id) == (message.sender, message.id));
            demand(same, Invariant::OneOrder, || {
                format!("{}: the log has another", at())
            })?;
        }
    }
    Ok(())
}

/// Everything of every stay is there, up to its end, with the same transcript.
fn check_stays(evidence: &Evidence, device: &DeviceEvidence) -> Verdict {
    for stay in evidence
        .server
        .stays
        .iter()
        .filter(|stay| stay.user == device.user)
    {
        let log = evidence.server.log.get(&stay.conversation);
        let log = log.map(Vec::as_slice).unwrap_or_default();
        let at = format!("{} in {}", device.name, stay.conversation);
        let Some(shown) = device.place(stay.conversation) else {
            return demand(false, Invariant::Convergence, || {
                format!("{at}: it is not there")
            });
        };
        let has: BTreeSet<_> = shown
            .messages
            .iter()
            .filter_map(|message| Some((message.seq?, message.sender, message.id)))
            .collect();
        let expected = log
            .iter()
            .filter(|item| !item.silent && stay.covers(item.seq));
        for item in expected {
            demand(
                has.contains(&(item.seq, item.sender, item.id)),
                Invariant::NoLoss,
                || {
                    let said = evidence.book.find(item.id).map(|said| said.text.as_str());
                    format!(
                        "{at}: {} is missing, {:?}",
                        item.seq,
                        said.unwrap_or_default()
                    )
                },
            )?;
        }
    }
    for shown in &device.places {
        check_place(evidence, device, shown)?;
    }
    Ok(())
}

fn check_place(evidence: &Evidence, device: &DeviceEvidence, shown: &Shown) -> Verdict {
    let row = &shown.conversation;
    let at = || format!("{} in {}", device.name, row.id);
    let Some(log) = evidence.server.log.get(&row.id) else {
        return demand(
            row.state == ConversationState::Creating,
            Invariant::Convergence,
            || format!("{}: {:?}, and the server does not know it", at(), row.state),
        );
    };
    let stays = stays(evidence, device, shown);
    let head = log.last().map_or(0, |item| item.seq);
    let end = stays.last().map(|stay| stay.to);
    let (state, applied) = match end {
        Some(Some(to)) => (ConversationState::Removed, to),
        Some(None) => (ConversationState::Active, head),
        None => (ConversationState::Creating, 0),
    };
    let stopped = matches!(
        row.state,
        ConversationState::NeedsResync
            | ConversationState::NeedsUpdate
            | ConversationState::Diverged
    );
    demand(!stopped, Invariant::NoAlarm, || {
        format!("{}: {:?}", at(), row.state)
    })?;
    demand(
        (row.state, row.applied_seq) == (state, applied),
        Invariant::Convergence,
        || {
            format!(
                "{}: {:?} at {}, not {state:?} at {applied}",
                at(),
                row.state,
                row.applied_seq
            )
        },
    )?;
    let index = usize::try_from(applied).unwrap_or(0).wrapping_sub(1);
    let chain = log.get(index).map(|item| item.chain);
    demand(
        applied == 0 || chain == Some(shown.chain),
        Invariant::OneOrder,
        || format!("{}: another transcript at {applied}", at()),
    )?;
    check_delivered(evidence, device, shown)
}

/// When everybody has everything, everybody is told so.
fn check_delivered(evidence: &Evidence, device: &DeviceEvidence, shown: &Shown) -> Verdict {
    let id = shown.conversation.id;
    let others = evidence
        .server
        .stays
        .iter()
        .any(|stay| stay.conversation == id && stay.user != device.user && stay.to.is_none());
    if !others || shown.conversation.state != ConversationState::Active {
        return Ok(());
    }
    for message in shown
        .messages
        .iter()
        .filter(|message| message.sender == device.user)
    {
        let told = message.seq.is_none()
            || !matches!(message.kind, MessageKind::Text { .. })
            || message.delivery >= Delivery::Delivered;
        demand(told, Invariant::Convergence, || {
            format!(
                "{} in {id}: {} is {:?}",
                device.name, message.id, message.delivery
            )
        })?;
    }
    Ok(())
}

fn stays<'e>(evidence: &'e Evidence, device: &DeviceEvidence, shown: &Shown) -> Vec<&'e Stay> {
    let mine =
        |stay: &&Stay| stay.user == device.user && stay.conversation == shown.conversation.id;
    let mut stays: Vec<&Stay> = evidence.server.stays.iter().filter(mine).collect();
    stays.sort_by_key(|stay| stay.from);
    stays
}

fn is_text(kind: &MessageKind) -> bool {
    matches!(
        kind,
        MessageKind::Text { .. } | MessageKind::Deleted | MessageKind::Unsupported
    )
}
