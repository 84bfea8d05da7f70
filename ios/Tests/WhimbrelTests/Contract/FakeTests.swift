import Testing
import Whimbrel
import WhimbrelTesting

/// What a fake does by its script.
struct FakeTests {
    @Test
    func aLostAcknowledgementDoublesNothing() async throws {
        let (server, alice, chat) = try await talking()
        alice.script { $0.dropsAcknowledgements = true }
        let sent = try await alice.send("did it arrive?", to: chat)
        #expect(try await alice.outbox().map(\.state) == [.inDoubt])
        #expect(try await alice.message(sent, in: chat).delivery == .queued)
        #expect(server.messageCount == 1)
        alice.script { $0.dropsAcknowledgements = false }
        #expect(try await alice.outbox().isEmpty)
        #expect(try await alice.message(sent, in: chat).seq != nil)
        #expect(server.messageCount == 1)
    }

    @Test
    func aRefusedMessageWaitsForRetryOrDiscard() async throws {
        let (server, alice, chat) = try await talking()
        alice.script { $0.refusal = .notAllowed }
        let refused = try await alice.send("refused", to: chat)
        let behind = try await alice.send("behind", to: chat)
        let states = try await alice.outbox().map(\.state)
        #expect(states == [.failed, .queued])
        #expect(try await alice.outbox().first?.failure == .notAllowed)
        #expect(try await alice.message(refused, in: chat).delivery == .failed)
        alice.script { $0.refusal = nil }
        #expect(server.messageCount == 0)
        try await alice.retry(refused)
        #expect(try await alice.outbox().isEmpty)
        let rows = try await alice.messages(in: chat).filter { $0.text != nil }
        #expect(rows.map(\.id) == [refused, behind])
    }

    @Test
    func callsAreLateOrFail() async throws {
        let (_, alice, chat) = try await talking()
        alice.script { $0.failure = .diskFull }
        let full = try await failure { try await alice.send("no space", to: chat) }
        #expect(full.code == .diskFull && full.remedy == .freeSpace)
        alice.script { script in
            script.failure = nil
            script.delay = .milliseconds(50)
        }
        let clock = ContinuousClock()
        let time = try await clock.measure { _ = try await alice.conversations() }
        #expect(time >= .milliseconds(50))
    }

    private func talking() async throws -> (FakeServer, FakeWhimbrel, String) {
        let server = FakeServer()
        let (alice, bob) = (FakeWhimbrel(server: server), FakeWhimbrel(server: server))
        try await alice.register(username: "alice", password: "correct horse")
        try await bob.register(username: "bob", password: "correct horse")
        let chat = try await alice.createDirect(with: .username(username: "bob"))
        return (server, alice, chat)
    }
}
