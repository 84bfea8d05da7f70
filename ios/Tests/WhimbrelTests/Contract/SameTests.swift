import Foundation
import Testing
import Whimbrel
import WhimbrelTesting

/// What is done with a real client and with one in memory, answer by answer.
@Suite(.serialized)
struct SameTests {
    @Test
    func beforeAnybodyIsRegistered() async throws {
        try await same { record in
            let alice = try await record.phone("alice")
            let code = try await record.cancelledCode()
            await record.note("state") { try alice.client.state() }
            await record.notes(Record.calls(alice, nowhere, code).filter { $0.0 != "register" })
            await record.notes(Record.lifeCalls(alice))
            await record.note("state") { try alice.client.state() }
        }
    }

    @Test
    func withAGroupOfOne() async throws {
        try await same { record in
            let alice = try await record.live("alice")
            let code = try await record.cancelledCode()
            let group = try await alice.client.createGroup(named: "Birds", members: [])
            try await alice.hasSentAll()
            await record.notes(Record.calls(alice, group, code))
            try await alice.until("all that can't be") { client in
                let failed = try await client.outbox().filter { $0.state == .failed }
                return failed.count == 2 ? true : nil
            }
            await record.note("rows") { try await alice.client.messages(in: group) }
            await record.note("outbox") { try await alice.client.outbox() }
            await record.note("state") { try alice.client.state() }
        }
    }

    @Test
    func withoutANetwork() async throws {
        try await same { record in
            let alice = try await record.live("alice")
            let bob = try await record.live("bob")
            let carol = try await record.phone("carol")
            let code = try await record.cancelledCode()
            let group = try await alice.client.createGroup(
                named: "Birds", members: [.username(username: bob.name)])
            try await alice.hasSentAll()
            try await alice.goesOffline()
            await record.notes(Record.calls(alice, group, code))
            await record.note("outbox") { try await alice.client.outbox() }
            await record.note("rows") { try await alice.client.messages(in: group) }
            await record.note("chats") {
                try await alice.client.conversations().sorted { $0.name < $1.name }
            }
            await record.note("state") { try alice.client.state() }
            try await carol.client.setNetwork(.down)
            await record.note("linkStart") { try await carol.client.linkStart().fingerprint.count }
            await record.note("register") { try await carol.register(as: "carol", in: record) }
            await record.note("signIn") {
                try await carol.client.signIn(username: carol.name, password: "not it at all")
            }
            await record.note("state") { try carol.client.state() }
        }
    }

    @Test
    func inAGroupThatSomebodyWasRemovedFrom() async throws {
        try await same { record in
            let alice = try await record.live("alice")
            let bob = try await record.live("bob")
            let code = try await record.cancelledCode()
            let group = try await alice.client.createGroup(
                named: "Birds", members: [.username(username: bob.name)])
            try await bob.isIn("Birds")
            try await bob.hasSentAll()
            try await alice.hasSentAll()
            let user = try #require(try bob.client.account()).user
            try await alice.client.removeMember(user, from: group)
            try await bob.until("the removal") { client in
                try await client.conversation(group).state == .removed ? true : nil
            }
            await record.notes(Record.calls(bob, group, code))
            await record.note("rows") { try await bob.client.messages(in: group) }
            await record.note("members") { try await bob.client.members(of: group) }
            await record.note("rows of alice") { try await alice.client.messages(in: group) }
            let founding = try #require(try await bob.client.outbox().first)
            try await bob.client.discard(founding.id)
            try await alice.client.send("without bob", to: group)
            try await alice.client.addMembers([.username(username: bob.name)], to: group)
            try await alice.client.send("with bob", to: group)
            try await bob.hears("with bob", in: group)
            for phone in [alice, bob] {
                try await phone.hasSentAll()
                await record.note("rows") { try await phone.client.messages(in: group) }
                await record.note("members") { try await Record.members(of: group, at: phone) }
                await record.note("chat") { try await phone.client.conversation(group) }
            }
        }
    }

    @Test
    func onADeviceThatWasRevoked() async throws {
        try await same { record in
            let alice = try await record.live("alice")
            let tablet = try await record.linked(to: alice)
            let code = try await record.cancelledCode()
            let group = try await alice.client.createGroup(named: "Birds", members: [])
            try await tablet.isIn("Birds")
            try await tablet.hasSentAll()
            let device = try #require(try tablet.client.account()).device
            try await alice.client.revokeDevice(device)
            try await tablet.until("the alarm") { try $0.state().alarm }
            await record.notes(Record.calls(tablet, group, code))
            await record.notes(Record.lifeCalls(tablet).filter { $0.0 != "signOut" })
            await record.note("state") { try tablet.client.state() }
            await record.note("devices") { try await Record.devices(of: alice) }
            await record.note("signOut") { try await tablet.client.signOut(.whenTold) }
            await record.note("state") { try tablet.client.state() }
        }
    }

    @Test
    func pausedShutDownAndSignedOut() async throws {
        try await same { record in
            let alice = try await record.live("alice")
            let code = try await record.cancelledCode()
            let group = try await alice.client.createGroup(named: "Birds", members: [])
            try await alice.hasSentAll()
            try await alice.client.pause()
            await record.notes(Record.calls(alice, group, code))
            await record.note("state") { try alice.client.state() }
            await record.note("network") { try await alice.client.setNetwork(.down) }
            await record.note("state") { try alice.client.state() }
            try await alice.client.shutdown()
            await record.notes(Record.calls(alice, group, code) + Record.lifeCalls(alice))
            await record.note("state") { try alice.client.state() }
            await record.note("changes") {
                try await alice.client.changes().reduce(0) { count, _ in count + 1 }
            }
            let bob = try await record.live("bob")
            await record.note("signOut") { try await bob.client.signOut(.whenTold) }
            await record.note("state") { try bob.client.state() }
            await record.notes(Record.calls(bob, group, code) + Record.lifeCalls(bob))
        }
    }

    @Test
    func whatADirectConversationAndAGroupConsistOf() async throws {
        try await same { record in
            let alice = try await record.live("alice")
            let bob = try await record.live("bob")
            let carol = try await record.live("carol")
            let toBob = Person.username(username: bob.name)
            let toCarol = Person.username(username: carol.name)
            let own = try #require(try alice.client.account())
            try await alice.goesOffline()
            let chat = try await alice.client.createDirect(with: toBob)
            await record.note("again") { try await alice.client.createDirect(with: toBob) == chat }
            await record.note("stranger") {
                try await alice.client.createDirect(with: .id(user: nowhere)) != chat
            }
            await record.note("oneself") {
                try await alice.client.createDirect(with: .username(username: alice.name))
            }
            await record.note("oneself by id") {
                try await alice.client.createDirect(with: .id(user: own.user))
            }
            let group = try await alice.client.createGroup(named: "Birds", members: [toBob])
            for (name, count) in [("Twice", 2), ("Many", 33), ("Too many", 256)] {
                await record.note(name) {
                    let people = (0..<count).map { number in
                        name == "Twice" ? toBob : Person.username(username: "user\(number)")
                    }
                    return try await alice.client.createGroup(named: name, members: people) != group
                }
            }
            await record.note("self") {
                let members = [Person.id(user: own.user)]
                return try await alice.client.createGroup(named: "Self", members: members) != group
            }
            await record.note("outbox") { try await alice.client.outbox() }
            await record.note("rows") { try await alice.client.messages(in: chat) }
            await record.note("members") { try await alice.client.members(of: group) }
            await record.note("chats") {
                try await alice.client.conversations(offset: 0, limit: 200)
            }
            let stay = [chat, group]
            for item in try await alice.client.outbox() where !stay.contains(item.conversation) {
                // The first of a conversation takes the others with it.
                _ = try? await alice.client.discard(item.id)
            }
            try await alice.client.setNetwork(.up)
            try await alice.hasSentAll()
            try await bob.isIn("Birds")
            let atBob = try await bob.isIn(alice.name)
            try await alice.client.addMembers([toCarol], to: group)
            try await carol.isIn("Birds")
            try await alice.client.send("hello", to: group)
            try await carol.hears("hello", in: group)
            try await bob.hears("hello", in: group)
            for (phone, role) in [(bob, Role.owner), (carol, Role.admin)] {
                let user = try #require(try phone.client.account()).user
                try await alice.client.setRoles([RoleGrant(user: user, role: role)], in: group)
                try await carol.until("the role") { client in
                    try await client.members(of: group).first { $0.user == user && $0.role == role }
                }
                try await phone.until("the own role") { client in
                    try await client.members(of: group).first { $0.user == user && $0.role == role }
                }
            }
            try await bob.client.leave(group)
            try await alice.until("two left") { client in
                try await client.members(of: group).count == 2 ? true : nil
            }
            try await alice.client.rename(group, to: "Waders")
            try await carol.isIn("Waders")
            for phone in [alice, bob, carol] {
                try await phone.hasSentAll()
                await record.note("rows") { try await phone.client.messages(in: group) }
                await record.note("members") { try await Record.members(of: group, at: phone) }
                await record.note("chat") { try await phone.client.conversation(group) }
            }
            for (phone, chat) in [(alice, chat), (bob, atBob)] {
                await record.note("rows") { try await phone.client.messages(in: chat) }
                await record.note("members") { try await Record.members(of: chat, at: phone) }
                await record.note("chat") { try await phone.client.conversation(chat) }
            }
            let peer = try #require(try bob.client.account()).user
            await record.note("contact") { try await alice.client.contact(peer) }
            await record.note("oneself") { try await alice.client.contact(own.user) }
            await record.note("verify") { try await alice.client.setVerified(own.user, true) }
            await record.note("accept") { try await alice.client.acceptIdentity(of: own.user) }
            await record.note("qr") {
                try await alice.client.matchesSafetyQR(of: peer, scanned: "nothing")
            }
        }
    }

    @Test
    func whatCannotBeDoneTwiceOrByHalf() async throws {
        try await same { record in
            let alice = try await record.live("alice")
            let bob = try await record.live("bob")
            let code = try await record.cancelledCode()
            let toBob = Person.username(username: bob.name)
            let group = try await alice.client.createGroup(named: "Birds", members: [toBob])
            try await bob.isIn("Birds")
            try await bob.hasSentAll()
            try await alice.hasSentAll()
            try await bob.goesOffline()
            await record.note("leave") { try await bob.client.leave(group) }
            await record.notes(Record.calls(bob, group, code))
            await record.note("outbox") { try await bob.client.outbox(of: group) }
            await record.note("chat") { try await bob.client.conversation(group) }
            let chat = try await alice.client.createDirect(with: toBob)
            try await alice.hasSentAll()
            await record.notes(Record.calls(alice, chat, code))
            let own = try #require(try alice.client.account()).user
            await record.note("add twice") { try await alice.client.addMembers([toBob], to: group) }
            await record.note("remove a stranger") {
                try await alice.client.removeMember(nowhere, from: group)
            }
            await record.note("a stranger's role") {
                try await alice.client.setRoles([RoleGrant(user: nowhere, role: .admin)], in: group)
            }
            await record.note("no roles") { try await alice.client.setRoles([], in: group) }
            await record.note("no owner") {
                try await alice.client.setRoles([RoleGrant(user: own, role: .member)], in: group)
            }
            await record.note("remove oneself") {
                try await alice.client.removeMember(own, from: group)
            }
            await record.note("33 people") {
                let people = (0..<33).map { Person.username(username: "user\($0)") }
                return try await alice.client.addMembers(people, to: group)
            }
        }
    }

    @Test
    func whatIsDoneWithoutKnowingWhatOthersDid() async throws {
        try await same { record in
            let alice = try await record.live("alice")
            let bob = try await record.live("bob")
            let carol = try await record.live("carol")
            let toCarol = Person.username(username: carol.name)
            let bobsId = try #require(try bob.client.account()).user
            let carolsId = try #require(try carol.client.account()).user
            let group = try await alice.client.createGroup(
                named: "Birds", members: [.username(username: bob.name), toCarol])
            try await bob.isIn("Birds")
            try await carol.isIn("Birds")
            try await alice.hasSentAll()
            let admin = RoleGrant(user: bobsId, role: .admin)
            let member = RoleGrant(user: bobsId, role: .member)
            try await alice.client.setRoles([admin], in: group)
            try await bob.until("the role") { client in
                try await client.members(of: group).first { $0.user == bobsId && $0.role == .admin }
            }
            for phone in [alice, bob, carol] { try await phone.hasSentAll() }
            try await bob.goesOffline()
            try await alice.client.removeMember(carolsId, from: group)
            try await alice.client.setRoles([member], in: group)
            try await alice.hasSentAll()
            await record.note("members") { try await Record.members(of: group, at: bob) }
            await record.note("chat") { try await bob.client.conversation(group) }
            await record.note("rename") { try await bob.client.rename(group, to: "Waders") }
            try await bob.client.setNetwork(.up)
            try await bob.until("the refusal") { client in
                try await client.outbox().first { $0.state == .failed }
            }
            await record.note("outbox") { try await bob.client.outbox(of: group) }
            await record.note("members") { try await Record.members(of: group, at: bob) }
            try await bob.goesOffline()
            let refused = try #require(try await bob.client.outbox().first).id
            await record.note("retry") { try await bob.client.retry(refused) }
            await record.note("outbox") { try await bob.client.outbox(of: group) }
            await record.note("chat") { try await bob.client.conversation(group) }

            // Goals that are reached already.
            try await alice.client.setRoles([member], in: group)
            try await alice.client.rename(group, to: "Birds")
            try await alice.client.addMembers([toCarol, toCarol], to: group)
            try await carol.until("the way back") { client in
                try await client.conversation(group).state == .active ? true : nil
            }
            try await carol.hasSentAll()
            try await alice.hasSentAll()
            try await alice.goesOffline()
            for _ in 0..<2 { try await alice.client.removeMember(carolsId, from: group) }
            try await alice.client.setNetwork(.up)
            try await carol.until("the removal") { client in
                try await client.conversation(group).state == .removed ? true : nil
            }
            try await alice.hasSentAll()
            // The second names two users in the order of their ids, which are random.
            await record.note("rows") {
                Array(try await alice.client.messages(in: group).dropFirst(2))
            }
            await record.note("oneself") {
                try await alice.client.addMembers([.username(username: alice.name)], to: group)
            }
        }
    }

    @Test
    func twoDevicesOfAUser() async throws {
        try await same { record in
            let alice = try await record.live("alice")
            let bob = try await record.live("bob")
            let chat = try await alice.client.createDirect(with: .username(username: bob.name))
            let sent = try await alice.client.send("hello", to: chat)
            try await bob.hears("hello", in: try await bob.isIn(alice.name))
            let tablet = try await record.linked(to: alice)
            try await tablet.isIn(bob.name)
            try await tablet.until("the chat") { client in
                try await client.conversation(chat).state == .active ? true : nil
            }
            let later = try await alice.client.send("from the phone", to: chat)
            try await tablet.hears("from the phone", in: chat)
            let answer = try await bob.client.send("for both", to: chat)
            try await alice.hears("for both", in: chat)
            try await tablet.hears("for both", in: chat)
            try await alice.client.markRead(upTo: answer, in: chat)
            try await tablet.until("that it is read there") { client in
                try await client.conversation(chat).unread == 0 ? true : nil
            }
            try await tablet.goesOffline()
            try await alice.client.delete(later, in: chat)
            try await alice.hasSentAll()
            try await tablet.client.edit(later, in: chat, to: "edited without knowing")
            try await tablet.client.setNetwork(.up)
            try await tablet.hasSentAll()
            for phone in [alice, tablet, bob] {
                try await phone.until("that it is taken back") { client in
                    try await client.message(later, in: chat).content == .deleted ? true : nil
                }
            }
            await record.note("before") { try await tablet.client.message(sent, in: chat) }
            try await alice.goesOffline()
            let device = try #require(try tablet.client.account()).device
            await record.note("revoke") { try await alice.client.revokeDevice(device) }
            await record.note("devices") { try await Record.devices(of: alice) }
            await record.note("still there") { try tablet.client.state() }
            try await alice.client.setNetwork(.up)
            try await tablet.until("the alarm") { try $0.state().alarm }
            try await alice.until("that it is gone") { client in
                try await client.devices().devices.first { $0.state == .revoked }
            }
            await record.note("devices") { try await Record.devices(of: alice) }
            await record.note("chat") { try await tablet.client.conversation(chat) }
        }
    }

    @Test
    func whatBecomesOfAText() async throws {
        try await same { record in
            let alice = try await record.live("alice")
            let bob = try await record.live("bob")
            let chat = try await alice.client.createDirect(with: .username(username: bob.name))
            let first = try await alice.client.send("first", to: chat)
            let atBob = try await bob.isIn(alice.name)
            try await bob.hears("first", in: atBob)
            try await alice.until("delivered") { client in
                try await client.message(first, in: chat).delivery == .delivered ? true : nil
            }
            await record.note("edit") { try await alice.client.edit(first, in: chat, to: "frist") }
            try await bob.hears("frist", in: atBob)
            await record.note("same again") {
                try await alice.client.edit(first, in: chat, to: "frist")
            }
            await record.note("read") { try await bob.client.markRead(upTo: first, in: atBob) }
            await record.note("read again") {
                try await bob.client.markRead(upTo: first, in: atBob)
            }
            try await alice.until("read") { client in
                try await client.message(first, in: chat).delivery == .read ? true : nil
            }
            try await alice.hasSentAll()
            try await alice.goesOffline()
            await record.note("edit") { try await alice.client.edit(first, in: chat, to: "second") }
            await record.note("delete") { try await alice.client.delete(first, in: chat) }
            await record.note("again") { try await alice.client.delete(first, in: chat) }
            await record.note("edit") { try await alice.client.edit(first, in: chat, to: "third") }
            await record.note("rows") { try await alice.client.messages(in: chat) }
            await record.note("outbox") { try await alice.client.outbox() }
            for item in try await alice.client.outbox().reversed() {
                await record.note("discard") { try await alice.client.discard(item.id) }
                await record.note("row") { try await alice.client.message(first, in: chat).content }
            }
            for number in 0..<9 { try await alice.client.send("\(number)", to: chat) }
            let rows = try await alice.client.messages(in: chat)
            let middle = try #require(rows.first { $0.text == "5" }).id
            let last = try #require(rows.last).id
            for anchor in [first, middle, last] {
                for limit in 1...6 {
                    let pages: [MessagePage] = [
                        .around(anchor: anchor), .before(anchor: anchor), .after(anchor: anchor),
                    ]
                    for page in pages {
                        await record.note("page") {
                            try await alice.client.messages(in: chat, page: page, limit: limit)
                                .map { $0.text ?? "-" }
                        }
                    }
                }
            }
            let waiting = try #require(try await alice.client.outbox().first).id
            await record.note("retry") { try await alice.client.retry(waiting) }
            await record.note("read of a waiting one") {
                try await alice.client.markRead(upTo: middle, in: chat)
            }
        }
    }

    @Test
    func codesForLinking() async throws {
        try await same { record in
            let alice = try await record.live("alice")
            let bob = try await record.live("bob")
            let tablet = try await record.phone("tablet")
            await record.note("wait") { try await tablet.client.linkWait() }
            await record.note("cancel") { try await tablet.client.linkCancel() }
            let first = try await tablet.client.linkStart().code
            let second = try await tablet.client.linkStart().code
            await record.note("stale") { try await alice.client.linkInspect(code: first) }
            await record.note("good") {
                try await alice.client.linkInspect(code: second).device.count
            }
            await record.note("lower") {
                try await alice.client.linkInspect(code: second.lowercased()).device.count
            }
            await record.note("cancel") { try await tablet.client.linkCancel() }
            await record.note("cancelled") { try await alice.client.linkApprove(code: second) }
            await record.note("wait") { try await tablet.client.linkWait() }
            let third = try await tablet.client.linkStart().code
            await record.note("refuse") { try await alice.client.linkRefuse(code: third) }
            await record.note("wait") { try await tablet.client.linkWait() }
            await record.note("refused") { try await alice.client.linkInspect(code: third) }
            let fourth = try await tablet.client.linkStart()
            await record.note("approve") {
                try await alice.client.linkApprove(code: fourth.qr).count
            }
            await record.note("wait") { try await tablet.client.linkWait().username }
            try await tablet.isLive()
            await record.note("used") { try await alice.client.linkInspect(code: fourth.code) }
            await record.note("used") { try await alice.client.linkApprove(code: fourth.code) }
            await record.note("used by another") {
                try await bob.client.linkApprove(code: fourth.code)
            }
            await record.note("wait") { try await tablet.client.linkWait().username }
            await record.note("start") { try await tablet.client.linkStart() }
            await record.note("cancel") { try await tablet.client.linkCancel() }
            await record.note("recover") {
                try await tablet.client.recover(username: alice.name, password: "whatever it is")
            }
            await record.note("devices") { try await Record.devices(of: alice) }
            let long = String(repeating: "x", count: 100_000)
            for bad in ["", "garbage", long, String(fourth.code.dropFirst())] {
                await record.note("bad") { try await alice.client.linkInspect(code: bad) }
            }
            for ending in [Ending.cancelled, .paused, .shutDown] {
                let phone = try await record.phone("\(ending)")
                _ = try await phone.client.linkStart()
                let waiting = Task { try await phone.client.linkWait() }
                try await Task.sleep(for: .milliseconds(100))
                switch ending {
                case .cancelled: try await phone.client.linkCancel()
                case .paused: try await phone.client.pause()
                case .shutDown: try await phone.client.shutdown()
                }
                await record.note("\(ending)") { try await waiting.value }
            }
        }
    }

    private enum Ending { case cancelled, paused, shutDown }
}

/// An id of nothing.
private let nowhere = String(repeating: "0123456789abcdef", count: 2)

/// Runs the same on both and compares all that was written down.
private func same(_ script: @Sendable (Record) async throws -> Void) async throws {
    var texts: [[String]] = []
    for stage in Stage.allCases {
        let record = Record(in: try stage.world())
        try await script(record)
        try await record.end()
        texts.append(await record.lines)
    }
    let (real, fake) = (texts[0], texts[1])
    for (number, (real, fake)) in zip(real, fake).enumerated() where real != fake {
        Issue.record("line \(number)\n  real \(real)\n  fake \(fake)")
    }
    #expect(real.count == fake.count)
}

/// What was done in a world, and what came of it, without what is another one each time.
private actor Record {
    typealias Call = @Sendable () async throws -> Any

    private let world: any World
    private var phones: [Phone] = []
    private var names: [(String, String)] = []
    private(set) var lines: [String] = []

    init(in world: any World) {
        self.world = world
    }

    func phone(_ name: String) async throws -> Phone {
        let phone = try await world.phone(name)
        phones.append(phone)
        names.append((phone.name, name))
        return phone
    }

    func live(_ name: String) async throws -> Phone {
        let phone = try await phone(name)
        try await phone.register()
        knows(try phone.client.account(), as: name)
        return phone
    }

    func knows(_ account: Account?, as name: String) {
        if let account { names.append((account.user, name)) }
    }

    func linked(to other: Phone) async throws -> Phone {
        let phone = try await phone("linked")
        let code = try await phone.client.linkStart().code
        try await other.client.linkApprove(code: code)
        try await phone.client.linkWait()
        try await phone.isLive()
        return phone
    }

    /// One that is well formed, and that no device shows any more.
    func cancelledCode() async throws -> String {
        let phone = try await phone("other")
        let code = try await phone.client.linkStart().code
        try await phone.client.linkCancel()
        return code
    }

    func end() async throws {
        for phone in phones { try await phone.client.shutdown() }
    }

    func notes(_ calls: [(String, Call)]) async {
        for (name, call) in calls { await note(name, call) }
    }

    /// Writes down what a call gives, or how it fails, or that it waits.
    func note(_ name: String, _ call: @escaping Call) async {
        let outcome: String
        do {
            // Only this one may wait for somebody else.
            let time = name == "linkWait" ? .milliseconds(1500) : patience
            outcome = try await within(time, "waits") { "\(try await call())" }
        } catch let error as WhimbrelError {
            outcome = "\(error.code) \(error.isRetryable) \(error.remedy)"
        } catch {
            outcome = "\(type(of: error))"
        }
        lines.append("\(name): \(plain(outcome))")
    }

    /// What may differ: ids, times, codes, numbers of the server, and what comes a bit later.
    private func plain(_ text: String) -> String {
        let named = names.reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
        return Self.changing.reduce(named) { text, rule in
            text.replacingOccurrences(of: rule.0, with: rule.1, options: .regularExpression)
        }
    }

    private static let changing = [
        ("[0-9a-f]{32}", "id"),
        ("\\d{5}( \\d{5})+", "digits"),
        ("safetyQr: \"[^\"]*\"", "safetyQr"),
        ("Ms: (Optional\\()?\\d+\\)?", "Ms"),
        ("[sS]eq: (Optional\\()?\\d+\\)?", "Seq"),
        ("\\b(sent|delivered)\\b", "sent or delivered"),
        ("attempts: \\d", "attempts"),
        ("conversationsLeft: \\d", "conversationsLeft"),
    ]
}

extension Record {
    static func devices(of phone: Phone) async throws -> [String] {
        let devices = try await phone.client.devices().devices
        return devices.map { "\($0.isThisOne) \($0.state)" }.sorted()
    }

    static func members(of conversation: String, at phone: Phone) async throws -> [Member] {
        try await phone.client.members(of: conversation).sorted { $0.username < $1.username }
    }

    /// Every call but those of the client's life.
    static func calls(
        _ phone: Phone, _ chat: String, _ code: String
    ) -> [(String, Call)] {
        let left = ["linkInspect", "linkApprove", "linkRefuse", "devices", "recoveryCode", "outbox"]
            + lifeCalls(phone).map(\.0)
        let client = phone.client
        let all: [(String, Call)] = Calls.all(of: client, chat: chat).map { name, call in
            (name, { try await call() })
        }
        let others: [(String, Call)] = [
            ("linkInspect", { try await client.linkInspect(code: code) }),
            ("linkApprove", { try await client.linkApprove(code: code) }),
            ("linkRefuse", { try await client.linkRefuse(code: code) }),
            ("devices", { try await devices(of: phone) }),
            ("recovery code", { try await client.recoveryCode() != nil }),
        ]
        return all.filter { !left.contains($0.0) } + others
    }

    static func lifeCalls(_ phone: Phone) -> [(String, Call)] {
        let client = phone.client
        return [
            ("setNetwork", { try await client.setNetwork(.up) }),
            ("pause", { try await client.pause() }),
            ("resume", { try await client.resume() }),
            ("syncOnce", { try await client.syncOnce(budget: .milliseconds(10)) }),
            ("signOut", { try await client.signOut(.anyway) }),
        ]
    }
}

extension Phone {
    fileprivate func goesOffline() async throws {
        try await client.setNetwork(.down)
        try await until("no connection") { try $0.state().connection == .offline ? true : nil }
    }

    fileprivate func register(as name: String, in record: Record) async throws -> Account {
        let account = try await client.register(username: self.name, password: "correct horse")
        await record.knows(account, as: name)
        return account
    }
}
