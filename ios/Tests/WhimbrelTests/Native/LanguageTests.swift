import Foundation
import Testing
import Whimbrel

/// A Swift client and a Rust client in one conversation.
@Suite(.serialized)
struct LanguageTests {
    @Test
    func aConversationEndsEqualInSwiftAndRust() async throws {
        let world = try RealWorld()
        let swift = try await world.phone("swift")
        try await swift.register()
        let rust = try RustClient(
            server: world.server, folder: world.folder.appendingPathComponent("rust").path)
        let rustName = swift.name.replacingOccurrences(of: "swift", with: "rust")
        try rust.call("register", ["username": rustName, "password": "correct horse of rust"])
        let group = try await swift.client.createGroup(
            named: "Languages", members: [.username(username: rustName)])
        try await swift.client.send("to begin with", to: group)
        try await wait("the group") { try rust.texts(in: group).count == 1 }
        let count = 20
        for number in 1...count {
            try await swift.client.send("Swift 🐦 \(number)", to: group)
            try rust.call("send", ["conversation": group, "text": "Rust 🦀 \(number)"])
        }
        let edited = try await swift.client.send("to be edited", to: group)
        try await swift.client.edit(edited, in: group, to: "edited\u{0}\u{202E}é")
        let total = 2 * count + 2
        try await swift.hasSentAll()
        try await wait("everything in Rust") {
            let texts = try rust.texts(in: group)
            return texts.count == total && texts.contains { $0[1].hasPrefix("edited") }
        }
        try await swift.hears("Rust 🦀 \(count)", in: group)
        let rows = try await swift.client.messages(in: group, page: .newest, limit: 200)
        let texts = rows.compactMap { row in row.text.map { [row.id, $0] } }
        let theirs = try rust.texts(in: group)
        #expect(texts == theirs)
        #expect(texts.count == total)
        let answer = try rust.call("epoch_code", ["conversation": group]) as? [String: Any]
        let code = try #require(answer?["code"] as? String)
        #expect(try await swift.client.epochCode(of: group) == code)
        try await swift.client.shutdown()
    }

    /// Looks again and again at the Rust client, which is asked and does not tell.
    private func wait(_ what: String, _ isSo: () throws -> Bool) async throws {
        let clock = ContinuousClock()
        let end = clock.now + patience
        while true {
            // Before a conversation is there, asking for its messages is an error.
            if (try? isSo()) == true { return }
            guard clock.now < end else { throw Unexpected("not: \(what)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
