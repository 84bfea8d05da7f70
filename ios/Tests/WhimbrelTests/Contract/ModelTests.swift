import Observation
import Testing
import Whimbrel

/// The models, over the fake and over the real client.
@Suite(.serialized)
@MainActor
struct ModelTests {
    @Test(arguments: Stage.allCases)
    func theListFollowsTheClient(on stage: Stage) async throws {
        let pair = try await Pair(in: try stage.world())
        let model = ConversationListModel(client: pair.bob.client)
        let running = Task { await model.run() }
        try await until("a row") { model.conversations.map(\.name) == [pair.alice.name] }
        try await until("live") { model.state?.connection == .live }
        try await pair.alice.client.send("news", to: pair.chat)
        try await until("the news") { model.conversations.first?.lastMessage?.text == "news" }
        #expect(model.conversations.first?.unread == 2)
        try await pair.bob.client.pause()
        try await until("paused") { model.state?.connection == .paused }
        #expect(model.conversations.count == 1 && model.failure == nil)
        try await pair.alice.client.send("more news", to: pair.chat)
        try await pair.bob.client.resume()
        try await until("more news") {
            model.conversations.first?.lastMessage?.text == "more news"
        }
        try await pair.end()
        await running.value
        #expect(model.conversations.count == 1)
    }

    @Test(arguments: Stage.allCases)
    func theWindowGrowsAndKeepsItsRows(on stage: Stage) async throws {
        let pair = try await Pair(in: try stage.world())
        for number in 1...120 { try await pair.alice.client.send("\(number)", to: pair.chat) }
        try await pair.alice.hasSentAll()
        let model = ConversationModel(client: pair.alice.client, conversation: pair.chat)
        let running = Task { await model.run() }
        try await until("the newest") { model.messages.last?.text == "120" }
        #expect(model.messages.count == 50 && model.hasOlder)
        let ids = model.messages.map(\.id)
        try await model.loadOlder()
        #expect(model.messages.count == 100 && model.hasOlder)
        #expect(Array(model.messages.suffix(50)).map(\.id) == ids)
        try await model.loadOlder()
        #expect(model.messages.compactMap(\.text).first == "first" && !model.hasOlder)
        try await model.loadOlder()
        try await pair.alice.client.setNetwork(.down)
        try await model.send("queued")
        try await until("that it waits") { model.messages.last?.delivery == .queued }
        let row = try #require(model.messages.last)
        try await pair.alice.client.setNetwork(.up)
        try await until("that it is there") {
            model.messages.last.map { $0.delivery != .queued && $0.id == row.id } ?? false
        }
        #expect(Set(model.messages.map(\.id)).count == model.messages.count)
        running.cancel()
        await running.value
        try await pair.end()
    }

    @Test(arguments: Stage.allCases)
    func newMessagesPushNoneOut(on stage: Stage) async throws {
        let pair = try await Pair(in: try stage.world())
        for number in 1...60 { try await pair.alice.client.send("\(number)", to: pair.chat) }
        try await pair.bob.hears("60", in: pair.chat)
        let model = ConversationModel(client: pair.bob.client, conversation: pair.chat)
        let running = Task { await model.run() }
        try await until("the newest") { model.messages.last?.text == "60" }
        let first = try #require(model.messages.first)
        #expect(model.messages.count == 50 && model.hasOlder)
        try await pair.bob.client.pause()
        for number in 61...320 { try await pair.alice.client.send("\(number)", to: pair.chat) }
        try await pair.bob.client.resume()
        try await until("all that is new") { model.messages.last?.text == "320" }
        #expect(model.messages.first?.id == first.id)
        #expect(model.messages.count == 310 && model.hasOlder)
        running.cancel()
        await running.value
        try await pair.end()
    }

    @Test(arguments: Stage.allCases)
    func whatIsReadIsMarked(on stage: Stage) async throws {
        let pair = try await Pair(in: try stage.world())
        let model = ConversationModel(client: pair.bob.client, conversation: pair.chat)
        let running = Task { await model.run() }
        try await until("the message") { model.messages.contains { $0.text == "first" } }
        #expect(model.conversation?.unread == 1)
        try await model.markRead()
        try await until("that it is read") { model.conversation?.unread == 0 }
        running.cancel()
        await running.value
        try await pair.end()
    }

    /// Waits until a model is in some state; it changes on this actor, between the looks.
    private func until(_ what: String, _ isSo: () -> Bool) async throws {
        let clock = ContinuousClock()
        let end = clock.now + patience
        while !isSo() {
            guard clock.now < end else { throw Unexpected("not: \(what)") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
