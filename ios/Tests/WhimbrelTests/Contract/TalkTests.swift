import Testing
import Whimbrel

/// What the fake and the real client both do: talking.
@Suite(.serialized)
struct TalkTests {
    @Test(arguments: Stage.allCases)
    func twoTalk(on stage: Stage) async throws {
        let pair = try await Pair(in: try stage.world())
        let (alice, bob, chat) = (pair.alice, pair.bob, pair.chat)
        #expect(try alice.client.account()?.username == alice.name)
        #expect(try await bob.isIn(alice.name) == chat)
        let sent = try await alice.client.send("Hello Bob 👋", to: chat)
        let heard = try await bob.hears("Hello Bob 👋", in: chat)
        #expect(heard.id == sent)
        #expect(try #require(heard.seq) >= 1)
        #expect(heard.serverTime != nil)
        #expect(try await bob.client.conversation(chat).unread == 2)
        try await bob.client.markRead(upTo: sent, in: chat)
        #expect(try await bob.client.conversation(chat).unread == 0)
        try await alice.until("that it was read") { client in
            try await client.message(sent, in: chat).delivery == .read ? true : nil
        }
        try await bob.client.send("Hello Alice", to: chat)
        try await alice.hears("Hello Alice", in: chat)
        let expected = ["first", "Hello Bob 👋", "Hello Alice"]
        #expect(try await alice.texts(in: chat) == expected)
        #expect(try await bob.texts(in: chat) == expected)
        let names = try await alice.client.members(of: chat).map(\.username)
        #expect(Set(names) == [alice.name, bob.name])
        try await pair.end()
    }

    @Test(arguments: Stage.allCases)
    func whatIsWrittenOfflineIsSentLater(on stage: Stage) async throws {
        let pair = try await Pair(in: try stage.world())
        let (alice, bob, chat) = (pair.alice, pair.bob, pair.chat)
        try await alice.client.setNetwork(.down)
        let texts = (1...5).map { "from the tunnel \($0)" }
        for text in texts { try await alice.client.send(text, to: chat) }
        let waiting = try await alice.client.outbox(of: chat)
        #expect(waiting.map(\.content) == texts.map { .text(text: $0) })
        #expect(try await alice.client.conversation(chat).queued == 5)
        let last = try #require(try await alice.client.messages(in: chat).last)
        #expect(last.delivery == .queued && last.seq == nil)
        try await bob.client.send("are you there?", to: chat)
        try await bob.hasSentAll()
        #expect(try await !alice.texts(in: chat).contains("are you there?"))
        try await alice.client.setNetwork(.up)
        try await alice.hears("are you there?", in: chat)
        for text in texts { try await bob.hears(text, in: chat) }
        try await alice.hasSentAll()
        let all = try await alice.texts(in: chat)
        #expect(all.filter { $0.hasPrefix("from the tunnel") } == texts)
        #expect(try await bob.texts(in: chat) == all)
        try await pair.end()
    }

    @Test(arguments: Stage.allCases)
    func messagesAreChangedAndTakenBack(on stage: Stage) async throws {
        let pair = try await Pair(in: try stage.world())
        let (alice, bob, chat) = (pair.alice, pair.bob, pair.chat)
        let wrong = try await alice.client.send("Tuesday", to: chat)
        let secret = try await alice.client.send("secret", to: chat)
        try await bob.hears("secret", in: chat)
        try await alice.client.edit(wrong, in: chat, to: "Wednesday")
        try await alice.client.delete(secret, in: chat)
        let edited = try await bob.hears("Wednesday", in: chat)
        #expect(edited.id == wrong)
        #expect(edited.content == .text(text: "Wednesday", edited: true))
        try await bob.until("that it was taken back") { client in
            try await client.message(secret, in: chat).content == .deleted ? true : nil
        }
        let notHis = try await failure {
            try await bob.client.edit(wrong, in: chat, to: "Thursday")
        }
        #expect(notHis.code == .notAllowed)
        try await alice.hasSentAll()
        try await alice.client.setNetwork(.down)
        let unsent = try await alice.client.send("never mind", to: chat)
        try await alice.client.discard(unsent)
        let gone = try await failure { try await alice.client.message(unsent, in: chat) }
        #expect(gone.code == .notFound)
        try await pair.end()
    }

    @Test(arguments: Stage.allCases)
    func pagesOfMessagesJoin(on stage: Stage) async throws {
        let pair = try await Pair(in: try stage.world())
        let (alice, chat) = (pair.alice, pair.chat)
        for number in 1...30 { try await alice.client.send("\(number)", to: chat) }
        try await alice.hasSentAll()
        let newest = try await alice.client.messages(in: chat, page: .newest, limit: 10)
        #expect(newest.compactMap(\.text) == (21...30).map(String.init))
        let anchor = try #require(newest.first).id
        let before = try await alice.client.messages(
            in: chat, page: .before(anchor: anchor), limit: 10)
        #expect(before.compactMap(\.text) == (11...20).map(String.init))
        let after = try await alice.client.messages(
            in: chat, page: .after(anchor: try #require(before.last).id), limit: 3)
        #expect(after.compactMap(\.text) == ["21", "22", "23"])
        let around = try await alice.client.messages(
            in: chat, page: .around(anchor: anchor), limit: 5)
        #expect(around.contains { $0.id == anchor } && around.count <= 5)
        try await pair.end()
    }
}
