//! Stories of rights: who may do what in a group, handing ownership over, and leaving.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use whimbrel::ErrorCode;
use whimbrel::event::{Command, Reply};
use whimbrel::types::{ClientId, ConversationId, ConversationState, MessageKind, Person, Role};
use whimbrel_protocol::content::ContentKind;
use whimbrel_protocol::frame::ItemResult;
use whimbrel_tests::sim::DeviceIndex;
use whimbrel_tests::{Puppet, World};

/// Alice founds a group with Bob and Carol in it.
fn choir(seed: u64) -> (World, [DeviceIndex; 3], ConversationId) {
    let (mut world, people) = World::with_people(seed, &["alice", "bob", "carol", "dave"]);
    let [alice, bob, carol, _] = people[..] else {
        panic!()
    };
    let choir = world.group(alice, "Choir", &["bob", "carol"]);
    world.drive();
    (world, [alice, bob, carol], choir)
}

fn set_role(world: &World, choir: ConversationId, whom: DeviceIndex, role: Role) -> Command {
    let user = world.device(whom).user;
    Command::SetRoles {
        conversation: choir,
        roles: vec![(user, role)],
    }
}

fn role_of(world: &World, seen_by: DeviceIndex, choir: ConversationId, who: DeviceIndex) -> Role {
    let user = world.device(who).user;
    let members = world.members(seen_by, choir);
    let found = members.into_iter().find(|member| member.user == user);
    found.unwrap().role
}

fn item(reply: Reply) -> ClientId {
    match reply {
        Reply::Item(item) => item,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_name_by_somebody_who_has_lost_the_right_meanwhile_is_refused() {
    let (mut world, people) = World::with_people(719, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let choir = world.group(alice, "choir", &["bob"]);
    world.drive();
    let admin = set_role(&world, choir, bob, Role::Admin);
    world.must(alice, admin);
    world.drive();
    world.set_online(bob, false);
    world.rename(bob, choir, "bob's choir");
    world.say(bob, choir, "it has a new name");
    let member = set_role(&world, choir, bob, Role::Member);
    world.must(alice, member);
    world.drive();
    world.set_online(bob, true);
    world.drive();
    for who in [alice, bob] {
        assert_eq!(world.conversation(who, choir).name, "choir");
        assert!(!world.chat(who, choir).contains("unreadable"));
    }
    let row = world.conversation(bob, choir);
    assert_eq!(row.blocked, Some(ErrorCode::NotAllowed));
    let failed = world.outbox(bob)[0].id;
    world.must(bob, Command::Discard { item: failed });
    world.drive();
    assert_eq!(world.texts(alice, choir), ["it has a new name"]);
}

#[test]
fn an_owner_makes_an_admin_who_may_add_and_name() {
    let (mut world, [alice, bob, carol], choir) = choir(1201);
    let command = set_role(&world, choir, bob, Role::Admin);
    world.must(alice, command);
    world.drive();
    for who in [alice, bob, carol] {
        assert_eq!(role_of(&world, who, choir, bob), Role::Admin);
        let chat = world.chat(who, choir);
        assert!(chat.contains("* alice made bob Admin"), "{chat}");
    }
    world.rename(bob, choir, "Bob's choir");
    world.add(bob, choir, "dave");
    world.drive();
    assert_eq!(world.conversation(carol, choir).name, "Bob's choir");
    assert_eq!(
        world.member_names(carol, choir),
        ["alice", "bob", "carol", "dave"]
    );
}

#[test]
fn what_a_member_has_no_right_to_is_refused_at_once_and_changes_nothing() {
    let (mut world, [alice, bob, carol], choir) = choir(1202);
    world.set_online(bob, false);
    let users = [alice, carol].map(|who| world.device(who).user);
    let owner = set_role(&world, choir, bob, Role::Owner);
    for command in [
        Command::Add {
            conversation: choir,
            people: vec![Person::Username("dave".into())],
        },
        Command::Remove {
            conversation: choir,
            user: users[0],
        },
        Command::Remove {
            conversation: choir,
            user: users[1],
        },
        Command::Rename {
            conversation: choir,
            name: "Bob's".into(),
        },
        owner,
    ] {
        let error = world.must_fail(bob, command);
        assert_eq!(error.code, ErrorCode::NotAllowed);
    }
    assert_eq!(world.outbox(bob), []);
    // An admin may not touch an owner.
    let admin = set_role(&world, choir, bob, Role::Admin);
    world.must(alice, admin);
    world.set_online(bob, true);
    world.drive();
    let remove = Command::Remove {
        conversation: choir,
        user: users[0],
    };
    assert_eq!(world.must_fail(bob, remove).code, ErrorCode::NotAllowed);
    let nobody = Command::Remove {
        conversation: choir,
        user: world.device(DeviceIndex(3)).user,
    };
    assert_eq!(world.must_fail(bob, nobody).code, ErrorCode::NotMember);
}

#[test]
fn ownership_is_handed_over_in_one_step() {
    let (mut world, [alice, bob, carol], choir) = choir(1203);
    let (old, new) = (world.device(alice).user, world.device(bob).user);
    world.must(
        alice,
        Command::SetRoles {
            conversation: choir,
            roles: vec![(new, Role::Owner), (old, Role::Admin)],
        },
    );
    world.drive();
    for who in [alice, bob, carol] {
        assert_eq!(role_of(&world, who, choir, bob), Role::Owner);
        assert_eq!(role_of(&world, who, choir, alice), Role::Admin);
    }
    let back = set_role(&world, choir, alice, Role::Owner);
    assert_eq!(world.must_fail(alice, back).code, ErrorCode::NotAllowed);
}

#[test]
fn the_last_owner_stays_until_there_is_another() {
    let (mut world, [alice, bob, _], choir) = choir(1204);
    let leave = || Command::Leave {
        conversation: choir,
    };
    let down = set_role(&world, choir, alice, Role::Member);
    assert_eq!(world.must_fail(alice, down).code, ErrorCode::LastOwner);
    assert_eq!(world.must_fail(alice, leave()).code, ErrorCode::LastOwner);
    let successor = set_role(&world, choir, bob, Role::Owner);
    world.must(alice, successor);
    world.drive();
    world.must(alice, leave());
    world.drive();
    assert_eq!(
        world.conversation(alice, choir).state,
        ConversationState::Removed
    );
    assert_eq!(world.member_names(bob, choir), ["bob", "carol"]);
}

#[test]
fn of_two_owners_who_leave_at_once_one_stays_and_may_go_later() {
    let (mut world, [alice, bob, carol], choir) = choir(1215);
    let leave = || Command::Leave {
        conversation: choir,
    };
    let successor = set_role(&world, choir, bob, Role::Owner);
    world.must(alice, successor);
    world.drive();
    world.must(alice, leave());
    world.must(bob, leave());
    world.drive();
    world.wait(30_000);
    world.drive();
    let state = |world: &World, who| world.conversation(who, choir).state;
    let (gone, stays): (Vec<_>, Vec<_>) = [alice, bob]
        .into_iter()
        .partition(|who| state(&world, *who) == ConversationState::Removed);
    assert_eq!((gone.len(), stays.len()), (1, 1));
    let stays = stays[0];
    let left = world.outbox(stays);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].failure, Some(ErrorCode::LastOwner));
    world.must(stays, Command::Discard { item: left[0].id });
    world.say(stays, choir, "somebody has to");
    world.drive();
    assert_eq!(world.texts(carol, choir), ["somebody has to"]);
    let successor = set_role(&world, choir, carol, Role::Owner);
    world.must(stays, successor);
    world.drive();
    world.must(stays, leave());
    world.drive();
    world.wait(30_000);
    world.drive();
    assert_eq!(state(&world, stays), ConversationState::Removed);
    assert_eq!(world.member_names(carol, choir), ["carol"]);
}

#[test]
fn who_leaves_is_let_go_by_somebody_elses_app_once() {
    let (mut world, [alice, bob, carol], choir) = choir(1205);
    world.say(carol, choir, "before");
    world.drive();
    world.set_online(carol, false);
    world.must(
        carol,
        Command::Leave {
            conversation: choir,
        },
    );
    let refused = world.try_say(carol, choir, "and another thing");
    assert_eq!(refused.unwrap_err().code, ErrorCode::WrongState);
    world.set_online(carol, true);
    world.drive();
    world.say(alice, choir, "she is gone");
    world.drive();
    for who in [alice, bob] {
        assert_eq!(world.member_names(who, choir), ["alice", "bob"]);
        let chat = world.chat(who, choir);
        assert_eq!(chat.matches("* carol left").count(), 1, "{chat}");
        assert!(!chat.contains("removed carol"), "{chat}");
        assert_eq!(world.texts(who, choir), ["before", "she is gone"]);
        assert_eq!(world.outbox(who), []);
    }
    assert_eq!(
        world.conversation(carol, choir).state,
        ConversationState::Removed
    );
    assert_eq!(world.texts(carol, choir), ["before"]);
    assert_eq!(world.outbox(carol), []);
}

#[test]
fn leaving_waits_until_somebody_comes() {
    let (mut world, [alice, bob, carol], choir) = choir(1206);
    world.set_online(alice, false);
    world.set_online(bob, false);
    world.must(
        carol,
        Command::Leave {
            conversation: choir,
        },
    );
    world.drive();
    assert_eq!(
        world.conversation(carol, choir).state,
        ConversationState::Active
    );
    world.kill_device(carol);
    world.restart_device(carol);
    let again = Command::Leave {
        conversation: choir,
    };
    assert_eq!(world.must_fail(carol, again).code, ErrorCode::WrongState);
    world.set_online(bob, true);
    world.drive();
    assert_eq!(
        world.conversation(carol, choir).state,
        ConversationState::Removed
    );
    world.set_online(alice, true);
    world.drive();
    assert_eq!(world.member_names(alice, choir), ["alice", "bob"]);
    assert_eq!(world.outbox(alice), []);
}

#[test]
fn a_change_of_mind_before_it_is_sent_leaves_no_trace() {
    let (mut world, [alice, _, carol], choir) = choir(1207);
    world.set_online(carol, false);
    let leave = Command::Leave {
        conversation: choir,
    };
    let leaving = item(world.must(carol, leave));
    world.must(carol, Command::Discard { item: leaving });
    world.say(carol, choir, "I stay");
    world.set_online(carol, true);
    world.drive();
    assert_eq!(world.texts(alice, choir), ["I stay"]);
    assert_eq!(world.member_names(alice, choir), ["alice", "bob", "carol"]);
}

#[test]
fn nobody_leaves_a_direct_conversation() {
    let (mut world, people) = World::with_people(1208, &["alice", "bob"]);
    let chat = world.direct(people[0], "bob");
    world.drive();
    let leave = Command::Leave { conversation: chat };
    assert_eq!(
        world.must_fail(people[0], leave).code,
        ErrorCode::NotAllowed
    );
}

#[test]
fn a_statement_of_leaving_is_good_for_one_membership() {
    let (mut world, people) = World::with_people(1209, &["alice", "bob"]);
    let alice = people[0];
    let mut mallory = Puppet::register(&mut world, "mallory");
    let choir = world.group(alice, "Choir", &["bob", "mallory"]);
    world.drive();
    mallory.join(&mut world);
    let old = mallory
        .group(choir)
        .leave_statement(&mallory.device)
        .unwrap()
        .encode();
    let said = mallory.say(
        &mut world,
        choir,
        ContentKind::Leave {
            statement: old.clone(),
        },
    );
    assert!(matches!(said, ItemResult::Accepted { .. }), "{said:?}");
    world.drive();
    assert_eq!(world.member_names(alice, choir), ["alice", "bob"]);
    world.add(alice, choir, "mallory");
    world.drive();
    mallory.join(&mut world);
    mallory.say(&mut world, choir, ContentKind::Leave { statement: old });
    world.drive();
    assert_eq!(
        world.member_names(alice, choir),
        ["alice", "bob", "mallory"]
    );
    let last = world.messages(alice, choir).pop().unwrap().kind;
    assert!(matches!(last, MessageKind::Unreadable(_)), "{last:?}");
}

#[test]
fn a_name_by_somebody_without_the_right_has_no_effect() {
    let (mut world, people) = World::with_people(1210, &["alice", "bob"]);
    let [alice, bob] = people[..] else { panic!() };
    let mut mallory = Puppet::register(&mut world, "mallory");
    let choir = world.group(alice, "Choir", &["bob", "mallory"]);
    world.drive();
    mallory.join(&mut world);
    mallory.say(
        &mut world,
        choir,
        ContentKind::State {
            name: "Mallory's".into(),
        },
    );
    world.drive();
    for who in [alice, bob] {
        assert_eq!(world.conversation(who, choir).name, "Choir");
        let chat = world.chat(who, choir);
        assert!(chat.contains("* unreadable: AgainstPolicy"), "{chat}");
    }
}
