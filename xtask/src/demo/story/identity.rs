//! Who is who: Alice's devices come and go, a server slips in a ghost, people compare numbers.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Story, register};
use crate::demo::client::field;
use crate::failure::{Failure, Result};

/// Alice's devices, in the order in which she has them.
const PHONE: &str = "alice";
const TABLET: &str = "alice-tablet";
const RETURNED: &str = "alice-again";

/// Longest that a device which is none any more may still get in.
const TURNED_AWAY_WITHIN: Duration = Duration::from_secs(5);

impl Story<'_> {
    /// Everything here, step by step.
    pub(super) fn tell_who_is_who(&mut self) -> Result<()> {
        self.step("Alice links a tablet", Self::link_tablet)?;
        self.step("Alice's phone is lost", Self::lose_phone)?;
        self.step("a server slips in a ghost device", Self::meet_a_liar)?;
        self.step("Alice and Bob compare their numbers", Self::compare_numbers)?;
        self.step("Alice comes back without any device", Self::come_back)
    }

    fn link_tablet(&mut self) -> Result<()> {
        self.world.start_client(TABLET)?;
        let ticket = self.world.client(TABLET)?.call(json!({ "cmd": "link" }))?;
        let code = text(&ticket, "code")?;
        let fingerprint = text(&ticket, "fingerprint")?;
        let phone = self.world.client(PHONE)?;
        let seen = phone.call(json!({ "cmd": "link_inspect", "code": code }))?;
        self.say(&format!(
            "   the tablet shows a code, and both show {fingerprint}"
        ));
        let same = field(&seen, "fingerprint").as_ref() == Some(&fingerprint);
        self.check("both devices show one fingerprint", same);
        let phone = self.world.client(PHONE)?;
        phone.call(json!({ "cmd": "approve", "code": code }))?;
        self.world.client(TABLET)?.wait_to_be_linked()?;
        self.wait_for_conversation(TABLET, "active")?;
        self.say("   approved; the tablet is in the conversation");
        self.present.insert(TABLET.into());

        let said = &self.scenario.devices;
        self.send(PHONE, &said.from_phone)?;
        self.send(TABLET, &said.from_tablet)?;
        // Who writes has read what stands above.
        self.wait_for_everything()?;
        self.send("bob", &said.to_both)?;
        self.wait_for_everything()?;
        let own = self.world.client(TABLET)?.account("user")?;
        let both = [&said.from_phone, &said.from_tablet].map(|text| Some(text.clone()));
        for (name, what) in [
            (PHONE, "Alice's phone shows what her tablet wrote"),
            (TABLET, "Alice's tablet shows what her phone wrote"),
        ] {
            let shown = self.device(name)?.messages;
            let is_own = |text: &Option<String>| {
                let mut shown = shown.iter();
                shown.any(|message| message.text == *text && message.sender == own)
            };
            self.check(what, both.iter().all(is_own));
        }
        self.read_on_phone()
    }

    /// What is read on the phone is read on the tablet.
    fn read_on_phone(&mut self) -> Result<()> {
        let conversation = self.conversation.clone();
        let before = unread(&self.world.client(TABLET)?.conversation(&conversation)?);
        let newest = self.sent.last().map(|sent| sent.id.clone());
        self.world.client(PHONE)?.call(json!({
            "cmd": "read",
            "conversation": conversation,
            "message": newest,
        }))?;
        let tablet = self.world.client(TABLET)?;
        tablet.wait_until("what the phone has read is read", |tablet| {
            Ok(unread(&tablet.conversation(&conversation)?) == 0)
        })?;
        self.say(&format!(
            "   unread on the tablet: {before}, and 0 once it is read on the phone"
        ));
        self.check("read on the phone is read on the tablet", before > 0);
        Ok(())
    }

    fn lose_phone(&mut self) -> Result<()> {
        let conversation = self.conversation.clone();
        let said = &self.scenario.devices;
        let phone = self.world.client(PHONE)?;
        let lost = phone.account("device")?;
        phone.set_network("down")?;
        let stray = phone.send(&conversation, &said.stray)?;
        let started = Instant::now();
        let tablet = self.world.client(TABLET)?;
        tablet.call(json!({ "cmd": "revoke", "device": lost }))?;
        tablet.wait_until("the phone is removed everywhere", |tablet| {
            let devices = tablet.call(json!({ "cmd": "devices" }))?;
            Ok(is_removed(&devices, &lost))
        })?;
        self.present.remove(PHONE);
        self.say(&format!(
            "   removed from the tablet, and after {:.1} s everywhere; somebody has written on it meanwhile",
            started.elapsed().as_secs_f64()
        ));
        self.send("bob", &said.after_loss)?;
        self.say(&format!("   bob: {}", said.after_loss));
        self.wait_for_everything()?;

        let started = Instant::now();
        let phone = self.world.client(PHONE)?;
        phone.set_network("up")?;
        phone.wait_until("the server turns the phone away", |phone| {
            Ok(phone.state("alarm")?.as_deref() == Some("revoked"))
        })?;
        let may_write = phone.send(&conversation, "Still me").is_ok();
        let took = started.elapsed();
        self.say(&format!(
            "   found and switched on, it is turned away after {:.1} s",
            took.as_secs_f64()
        ));
        self.check(
            "the lost phone is turned away at once",
            took < TURNED_AWAY_WITHIN,
        );
        self.check("writing on the lost phone is refused", !may_write);
        let bobs = self.device("bob")?.messages;
        let arrived = bobs.iter().any(|message| message.id == stray);
        self.check("what was written on it has not arrived", !arrived);
        Ok(())
    }

    fn meet_a_liar(&mut self) -> Result<()> {
        let conversation = self.conversation.clone();
        self.world.start_client("dave")?;
        register(self.world.client("dave")?)?;
        self.world.take_client(TABLET)?.quit()?;
        self.world.start_client_at_liar(TABLET)?;
        let tablet = self.world.client(TABLET)?;
        tablet.call(json!({
            "cmd": "add",
            "conversation": conversation,
            "people": ["dave"],
        }))?;
        tablet.wait_until("the ghost is noticed", |tablet| {
            Ok(tablet.state("last_error")?.as_deref() == Some("untrusted_device"))
        })?;
        self.say(
            "   Alice adds Dave; the server hands out one device more than Dave has signed for",
        );
        self.say("   Alice's tablet: untrusted_device, refused");
        self.check("the ghost device is refused and reported", true);
        self.wait_for_conversation("dave", "active")?;
        self.present.insert("dave".into());
        self.world.take_client(TABLET)?.quit()?;
        self.world.end_liar();
        self.world.start_client(TABLET)?;
        let said = &self.scenario.devices;
        self.send("bob", &said.to_dave)?;
        self.send("dave", &said.from_dave)?;
        self.say(&format!(
            "   bob: {}\n   dave: {}",
            said.to_dave, said.from_dave
        ));
        self.wait_for_everything()
    }

    fn compare_numbers(&mut self) -> Result<()> {
        let alices = self.contact(TABLET, "bob")?;
        let bobs = self.contact("bob", "alice")?;
        let number = text(&alices, "safety_number")?;
        self.say(&format!("   both read {number}"));
        let same = text(&bobs, "safety_number")? == number;
        self.check("Alice and Bob see one safety number", same);
        let of_dave = text(&self.contact("bob", "dave")?, "qr")?;
        let bob = self.world.client("bob")?;
        let misled = json!({ "cmd": "verify", "user": "alice", "scanned": of_dave });
        let refused = bob.call(misled).is_err();
        self.check("a picture of another number is refused", refused);
        for (name, other, scanned) in [(TABLET, "bob", &bobs), ("bob", "alice", &alices)] {
            self.world.client(name)?.call(json!({
                "cmd": "verify",
                "user": other,
                "scanned": text(scanned, "qr")?,
            }))?;
        }
        let mut codes = Vec::new();
        for name in [TABLET, "bob", "dave"] {
            let command = json!({ "cmd": "epoch_code", "conversation": self.conversation });
            let code = self.world.client(name)?.call(command)?;
            codes.push(text(&code, "code")?);
        }
        codes.dedup();
        self.check("all members see one epoch code", codes.len() == 1);
        // Without another owner nobody could let Alice in again.
        let conversation = self.conversation.clone();
        self.world.client(TABLET)?.call(json!({
            "cmd": "role",
            "conversation": conversation,
            "user": "bob",
            "role": "owner",
        }))?;
        let bob = self.world.client("bob")?;
        bob.wait_until("Bob is an owner, too", |bob| {
            let command = json!({ "cmd": "members", "conversation": conversation });
            let members = bob.call(command)?;
            let mut members = members.as_array().into_iter().flatten();
            Ok(members.any(|member| {
                field(member, "username").as_deref() == Some("bob")
                    && field(member, "role").as_deref() == Some("owner")
            }))
        })?;
        self.say("   Bob is an owner, too");
        self.wait_for_everything()
    }

    fn come_back(&mut self) -> Result<()> {
        let conversation = self.conversation.clone();
        let said = &self.scenario.devices;
        let tablet = self.device(TABLET)?;
        self.gone.push(tablet);
        self.world.take_client(TABLET)?.kill();
        self.present.remove(TABLET);
        self.send("bob", &said.while_away)?;
        self.say(&format!(
            "   the tablet is broken\n   bob: {}",
            said.while_away
        ));
        self.wait_for_everything()?;

        let number = text(&self.contact("bob", "alice")?, "safety_number")?;
        self.world.start_client(RETURNED)?;
        self.world.client(RETURNED)?.call(json!({
            "cmd": "recover",
            "username": "alice",
            "password": super::password_of("alice"),
            "code": self.recovery_code,
        }))?;
        self.say("   Alice types her password and the code from her drawer into a new phone");
        self.wait_for_conversation(RETURNED, "active")?;
        self.present.insert(RETURNED.into());
        let bob = self.world.client("bob")?;
        // Dave's client may let her in first: to Bob's the change is only announced till then.
        bob.wait_until("Bob's group goes by another identity", |bob| {
            let alice = bob.call(json!({ "cmd": "safety_number", "user": "alice" }))?;
            let change = field(&alice, "identity_change");
            Ok(change.is_some_and(|change| change != "announced"))
        })?;
        let alice = self.contact("bob", "alice")?;
        let change = field(&alice, "identity_change");
        self.say(&format!(
            "   Bob's client: identity_changed ({})",
            change.as_deref().unwrap_or("not noticed")
        ));
        self.check(
            "Bob sees a change of identity, signed by the code",
            change.as_deref() == Some("by_recovery"),
        );
        let changed = text(&alice, "safety_number")? != number;
        self.check("another identity has another safety number", changed);

        self.send("bob", &said.to_the_returned)?;
        let bob = self.world.client("bob")?;
        bob.wait_until("Bob's client waits for his consent", |bob| {
            let record = bob.conversation(&conversation)?;
            Ok(field(&record, "blocked").as_deref() == Some("identity_changed"))
        })?;
        self.check("Bob's client sends nothing before he accepts", true);
        let theirs = self.contact(RETURNED, "bob")?;
        let scanned = text(&theirs, "qr")?;
        let bob = self.world.client("bob")?;
        bob.call(json!({ "cmd": "accept", "user": "alice" }))?;
        bob.call(json!({ "cmd": "verify", "user": "alice", "scanned": scanned }))?;
        self.say("   they compare their new safety number; Bob accepts");
        self.send(RETURNED, &said.from_the_returned)?;
        self.say(&format!(
            "   bob: {}\n   alice: {}",
            said.to_the_returned, said.from_the_returned
        ));
        self.wait_for_everything()
    }

    fn contact(&mut self, name: &str, of: &str) -> Result<Value> {
        let command = json!({ "cmd": "safety_number", "user": of });
        self.world.client(name)?.call(command)
    }
}

fn text(value: &Value, name: &str) -> Result<String> {
    field(value, name).ok_or_else(|| Failure::Wrong(format!("a client gave no {name}: {value}")))
}

fn unread(record: &Value) -> u64 {
    let unread = record.get("unread").and_then(Value::as_u64);
    unread.unwrap_or(u64::MAX)
}

/// Whether a device is revoked, and in no conversation any more.
fn is_removed(devices: &Value, id: &str) -> bool {
    let mut devices = devices
        .get("devices")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    devices.any(|device| {
        field(device, "id").as_deref() == Some(id)
            && field(device, "state").as_deref() == Some("revoked")
            && device.get("conversations_left") == Some(&Value::from(0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_removed_when_it_is_in_nothing_any_more() {
        let with = |state: &str, left: u32| {
            json!({ "devices": [
                { "id": "a", "state": "listed", "conversations_left": 0 },
                { "id": "b", "state": state, "conversations_left": left },
            ]})
        };
        assert!(is_removed(&with("revoked", 0), "b"));
        assert!(!is_removed(&with("revoked", 1), "b"));
        assert!(!is_removed(&with("going", 0), "b"));
        assert!(!is_removed(&with("revoked", 0), "a"));
    }
}
