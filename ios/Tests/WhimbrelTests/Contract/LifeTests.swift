import Testing
import Whimbrel

/// What the fake and the real client both do: notices, cancellation, pausing, ending.
@Suite(.serialized)
struct LifeTests {
    @Test(arguments: Stage.allCases)
    func eachChangeIsToldOnce(on stage: Stage) async throws {
        let pair = try await Pair(in: try stage.world())
        let (alice, chat) = (pair.alice, pair.chat)
        try await alice.hasSentAll()
        try await alice.client.setNetwork(.down)
        try await alice.until("no connection") { client in
            try client.state().connection == .offline ? true : nil
        }
        let readers = [try alice.client.changes(), try alice.client.changes()]
        try await alice.client.send("told once", to: chat)
        for reader in readers {
            let notices = try await collect(reader, for: .milliseconds(400))
            #expect(notices.contains(.messages(conversation: chat)))
            #expect(notices.contains(.outbox))
            #expect(Set(notices).count == notices.count, "twice: \(notices)")
        }
        try await pair.end()
    }

    @Test(arguments: Stage.allCases)
    func changesEndWithTheClient(on stage: Stage) async throws {
        let alice = try await stage.world().phone("alice")
        let changes = try alice.client.changes()
        let reading = Task { try await changes.reduce(0) { count, _ in count + 1 } }
        try await alice.register()
        try await alice.client.shutdown()
        let count = try await within(patience, "the changes do not end") {
            try await reading.value
        }
        #expect(count > 0)
    }

    @Test(arguments: Stage.allCases)
    func changesEndWithTheTask(on stage: Stage) async throws {
        let alice = try await stage.world().phone("alice")
        try await alice.register()
        let changes = try alice.client.changes()
        let reading = Task { for try await _ in changes {} }
        try await Task.sleep(for: .milliseconds(50))
        reading.cancel()
        try await within(.seconds(5), "the changes do not end") { try await reading.value }
        #expect(try alice.client.account() != nil)
        try await alice.client.shutdown()
    }

    /// Whatever the moment of the cancel, a message is sent once or, never begun, not at all.
    @Test(arguments: Stage.allCases)
    func cancelledCallsLoseNothing(on stage: Stage) async throws {
        let pair = try await Pair(in: try stage.world())
        let (alice, bob, chat) = (pair.alice, pair.bob, pair.chat)
        var returned: [String] = []
        for number in 0..<40 {
            let sending = Task { try await alice.client.send("cancelled \(number)", to: chat) }
            try await Task.sleep(for: .microseconds(number * 50))
            sending.cancel()
            switch await sending.result {
            case .success(let id): returned.append(id)
            case .failure(let error): #expect(error is CancellationError)
            }
        }
        try await alice.client.send("after the cancels", to: chat)
        try await bob.hears("after the cancels", in: chat)
        let arrived = try await bob.client.messages(in: chat, page: .newest, limit: 200)
        let texts = arrived.compactMap(\.text).filter { $0.hasPrefix("cancelled") }
        #expect(Set(texts).count == texts.count)
        #expect(Set(returned).isSubset(of: arrived.map(\.id)))
        try await pair.end()
    }

    /// Every call can be cancelled while it runs, and the client works afterwards.
    @Test(arguments: Stage.allCases)
    func everyCallCanBeCancelled(on stage: Stage) async throws {
        let pair = try await Pair(in: try stage.world())
        let (alice, chat) = (pair.alice, pair.chat)
        for (name, call) in Calls.all(of: alice.client, chat: chat) {
            let task = Task { try await call() }
            await Task.yield()
            task.cancel()
            let result = try await within(.seconds(10), "\(name) does not end") {
                await task.result
            }
            if case .failure(let error) = result {
                #expect(error is CancellationError || error is WhimbrelError, "\(name): \(error)")
            }
        }
        // What was cancelled still happens: the pause may come after the resume.
        try await Task.sleep(for: .milliseconds(200))
        try await within(patience, "no connection after the cancels") {
            repeat {
                try await alice.client.resume()
                try await Task.sleep(for: .milliseconds(20))
            } while try alice.client.state().connection != .live
        }
        try await alice.client.send("still here", to: chat)
        try await pair.bob.hears("still here", in: chat)
        try await pair.end()
    }

    @Test(arguments: Stage.allCases)
    func everyCallAfterTheEndSaysSo(on stage: Stage) async throws {
        let pair = try await Pair(in: try stage.world())
        try await pair.end()
        try await pair.alice.client.shutdown()
        for (name, call) in Calls.all(of: pair.alice.client, chat: pair.chat) {
            let error = try await failure(call)
            // These look at the code first, and it is none.
            let looksAtCode = ["linkInspect", "linkApprove", "linkRefuse"].contains(name)
            let isExpected = error.code == .shutDown || looksAtCode && error.code == .wrongCode
            #expect(isExpected, "\(name): \(error)")
            #expect(!error.reason.isEmpty)
        }
    }

    @Test(arguments: Stage.allCases)
    func aPausedClientGoesOn(on stage: Stage) async throws {
        let pair = try await Pair(in: try stage.world())
        let (alice, bob, chat) = (pair.alice, pair.bob, pair.chat)
        try await bob.client.pause()
        try await bob.client.pause()
        #expect(try bob.client.state().connection == .paused)
        let refused = try await failure { try await bob.client.conversations() }
        #expect(refused.code == .paused)
        try await alice.client.send("while you sleep", to: chat)
        try await alice.hasSentAll()
        #expect(try await bob.client.syncOnce(budget: .seconds(30)) == .complete)
        #expect(try bob.client.state().connection == .paused)
        try await bob.client.resume()
        #expect(try await bob.texts(in: chat).last == "while you sleep")
        try await pair.end()
    }
}

/// Reads for a while.
private func collect(_ changes: ChangeSequence, for time: Duration) async throws -> [Change] {
    let reading = Task {
        var notices: [Change] = []
        for try await change in changes { notices.append(change) }
        return notices
    }
    try await Task.sleep(for: time)
    reading.cancel()
    return try await reading.value
}

/// Every call of a client with an effect or an answer, but for those that end it.
enum Calls {
    typealias Call = @Sendable () async throws -> Void

    static func all(of client: any ChatClient, chat: String) -> [(String, Call)] {
        reading(of: client, chat) + writing(of: client, chat) + session(of: client)
    }

    private static func reading(
        of client: any ChatClient, _ chat: String
    ) -> [(String, Call)] {
        let id = String(repeating: "ab", count: 16)
        return [
            ("conversations", { _ = try await client.conversations() }),
            ("conversation", { _ = try await client.conversation(chat) }),
            ("members", { _ = try await client.members(of: chat) }),
            ("messages", { _ = try await client.messages(in: chat) }),
            ("message", { _ = try await client.message(id, in: chat) }),
            ("outbox", { _ = try await client.outbox() }),
            ("epochCode", { _ = try await client.epochCode(of: chat) }),
            ("contact", { _ = try await client.contact(id) }),
            ("matches", { _ = try await client.matchesSafetyQR(of: id, scanned: "x") }),
            ("devices", { _ = try await client.devices() }),
            ("recoveryCode", { _ = try await client.recoveryCode() }),
        ]
    }

    private static func writing(
        of client: any ChatClient, _ chat: String
    ) -> [(String, Call)] {
        let id = String(repeating: "ab", count: 16)
        let carol = Person.username(username: "carol-is-not-there")
        return [
            ("send", { try await client.send("by a call", to: chat) }),
            ("edit", { try await client.edit(id, in: chat, to: "other") }),
            ("delete", { try await client.delete(id, in: chat) }),
            ("markRead", { try await client.markRead(upTo: id, in: chat) }),
            ("createGroup", { _ = try await client.createGroup(named: "g", members: []) }),
            ("createDirect", { _ = try await client.createDirect(with: carol) }),
            ("addMembers", { try await client.addMembers([carol], to: chat) }),
            ("removeMember", { try await client.removeMember(id, from: chat) }),
            ("setRoles", { try await client.setRoles([], in: chat) }),
            ("rename", { try await client.rename(chat, to: "n") }),
            ("leave", { try await client.leave(chat) }),
            ("focus", { try await client.focus(on: chat) }),
            ("retry", { try await client.retry(id) }),
            ("discard", { try await client.discard(id) }),
            ("setVerified", { try await client.setVerified(id, true) }),
            ("acceptIdentity", { try await client.acceptIdentity(of: id) }),
        ]
    }

    private static func session(of client: any ChatClient) -> [(String, Call)] {
        let id = String(repeating: "ab", count: 16)
        let password = "correct horse battery"
        return [
            ("register", { try await client.register(username: "zoe", password: password) }),
            ("signIn", { try await client.signIn(username: "zoe", password: password) }),
            ("recover", { try await client.recover(username: "zoe", password: password) }),
            ("reEnrol", { try await client.reEnrol(password: password) }),
            ("revokeDevice", { try await client.revokeDevice(id) }),
            ("linkStart", { _ = try await client.linkStart() }),
            ("linkWait", { try await client.linkWait() }),
            ("linkCancel", { try await client.linkCancel() }),
            ("linkInspect", { _ = try await client.linkInspect(code: id) }),
            ("linkApprove", { try await client.linkApprove(code: id) }),
            ("linkRefuse", { try await client.linkRefuse(code: id) }),
            ("setNetwork", { try await client.setNetwork(.up) }),
            ("syncOnce", { _ = try await client.syncOnce(budget: .seconds(5)) }),
            ("pause", { try await client.pause() }),
            ("resume", { try await client.resume() }),
        ]
    }
}
