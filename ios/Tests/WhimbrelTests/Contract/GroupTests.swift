import Testing
import Whimbrel

/// What the fake and the real client both do: groups, devices, safety numbers.
@Suite(.serialized)
struct GroupTests {
    @Test(arguments: Stage.allCases)
    func aGroupGrowsAndShrinks(on stage: Stage) async throws {
        let world = try stage.world()
        let people = try await people(["alice", "bob", "carol"], in: world)
        let (alice, bob, carol) = (people[0], people[1], people[2])
        let group = try await alice.client.createGroup(
            named: "Birds", members: [.username(username: bob.name)])
        try await bob.isIn("Birds")
        try await alice.client.send("before Carol", to: group)
        try await alice.client.addMembers([.username(username: carol.name)], to: group)
        try await alice.client.send("welcome", to: group)
        try await carol.isIn("Birds")
        try await carol.hears("welcome", in: group)
        #expect(try await !carol.texts(in: group).contains("before Carol"))
        try await bob.hears("welcome", in: group)
        try await alice.client.rename(group, to: "Waders")
        try await carol.isIn("Waders")
        let notHers = try await failure { try await carol.client.rename(group, to: "Gulls") }
        #expect(notHers.code == .notAllowed)
        let user = try #require(try carol.client.account()).user
        try await alice.client.removeMember(user, from: group)
        try await carol.until("that she was removed") { client in
            try await client.conversation(group).state == .removed ? true : nil
        }
        let gone = try await failure { try await carol.client.send("hello?", to: group) }
        #expect(gone.code == .notMember)
        let left = Set([alice.name, bob.name])
        try await alice.until("that two are left") { client in
            let names = try await client.members(of: group).map(\.username)
            return Set(names) == left ? true : nil
        }
        for person in people { try await person.client.shutdown() }
    }

    @Test(arguments: Stage.allCases)
    func ownershipIsHandedOver(on stage: Stage) async throws {
        let people = try await people(["alice", "bob"], in: try stage.world())
        let (alice, bob) = (people[0], people[1])
        let group = try await alice.client.createGroup(
            named: "Birds", members: [.username(username: bob.name)])
        try await bob.isIn("Birds")
        let last = try await failure { try await alice.client.leave(group) }
        #expect(last.code == .lastOwner)
        let bobsId = try #require(try bob.client.account()).user
        try await alice.client.setRoles([RoleGrant(user: bobsId, role: .owner)], in: group)
        try await bob.until("that he owns it") { client in
            let members = try await client.members(of: group)
            return members.first { $0.user == bobsId && $0.role == .owner }
        }
        try await alice.client.leave(group)
        try await bob.until("that he is alone") { client in
            try await client.members(of: group).count == 1 ? true : nil
        }
        for person in people { try await person.client.shutdown() }
    }

    @Test(arguments: Stage.allCases)
    func nobodyOfThisNameIsAFailedItem(on stage: Stage) async throws {
        let alice = try await people(["alice"], in: try stage.world())[0]
        let chat = try await alice.client.createDirect(with: .username(username: "nobody-at-all"))
        let failed = try await alice.until("a failed item") { client in
            try await client.outbox(of: chat).first { $0.state == .failed }
        }
        #expect(failed.failure == .noSuchUser)
        try await alice.client.discard(failed.id)
        try await alice.client.shutdown()
    }

    @Test(arguments: Stage.allCases)
    func aSecondDeviceIsLinkedAndRemoved(on stage: Stage) async throws {
        let world = try stage.world()
        let pair = try await Pair(in: world)
        let (alice, bob, chat) = (pair.alice, pair.bob, pair.chat)
        let tablet = try await world.phone("alice-tablet")
        let ticket = try await tablet.client.linkStart()
        let waiting = Task { try await tablet.client.linkWait() }
        let request = try await alice.client.linkInspect(code: ticket.code)
        #expect(request.fingerprint == ticket.fingerprint)
        let device = try await alice.client.linkApprove(code: ticket.code)
        let account = try await within(patience, "the link") { try await waiting.value }
        #expect(account.username == alice.name && account.device == device)
        try await tablet.isIn(bob.name)
        try await bob.client.send("to both", to: chat)
        try await tablet.hears("to both", in: chat)
        try await alice.hears("to both", in: chat)
        try await tablet.client.send("from the tablet", to: chat)
        try await alice.hears("from the tablet", in: chat)
        try await alice.until("both devices listed") { client in
            let listed = try await client.devices().devices.filter { $0.state == .listed }
            return listed.count == 2 ? true : nil
        }
        try await alice.client.revokeDevice(device)
        try await alice.until("that it is gone") { client in
            let list = try await client.devices().devices
            return list.contains { $0.id == device && $0.state != .revoked } ? nil : true
        }
        try await pair.end()
        try await tablet.client.shutdown()
    }

    @Test(arguments: Stage.allCases)
    func safetyNumbersAreCompared(on stage: Stage) async throws {
        let pair = try await Pair(in: try stage.world())
        let (alice, bob) = (pair.alice.client, pair.bob.client)
        let aliceId = try #require(try alice.account()).user
        let bobId = try #require(try bob.account()).user
        let seenByAlice = try await alice.contact(bobId)
        let seenByBob = try await bob.contact(aliceId)
        #expect(seenByAlice.safetyNumber == seenByBob.safetyNumber)
        #expect(seenByAlice.safetyNumber.split(separator: " ").count == 12)
        #expect(try await alice.matchesSafetyQR(of: bobId, scanned: seenByBob.safetyQr))
        let wrong = try await failure {
            try await alice.matchesSafetyQR(of: bobId, scanned: "a menu")
        }
        #expect(wrong.code == .wrongCode)
        try await alice.setVerified(bobId, true)
        #expect(try await alice.contact(bobId).verified)
        try await alice.setVerified(bobId, false)
        #expect(try await !alice.contact(bobId).verified)
        let own = try await failure { try await alice.contact(aliceId) }
        #expect(own.code == .notFound)
        try await pair.end()
    }

    private func people(_ names: [String], in world: any World) async throws -> [Phone] {
        var people: [Phone] = []
        for name in names {
            let person = try await world.phone(name)
            try await person.register()
            people.append(person)
        }
        return people
    }
}
