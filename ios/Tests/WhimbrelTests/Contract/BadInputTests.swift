import Foundation
import Testing
import Whimbrel

/// What the fake and the real client both do with what makes no sense: a typed error with a reason
/// that a developer understands, and the client works afterwards.
@Suite(.serialized)
struct BadInputTests {
    @Test(arguments: Stage.allCases)
    func nonsenseIsATypedError(on stage: Stage) async throws {
        let pair = try await Pair(in: try stage.world())
        let (client, chat) = (pair.alice.client, pair.chat)
        let unknown = String(repeating: "ab", count: 16)
        let mebibytes = String(repeating: "a", count: 5_000_000)
        func expect(
            _ code: ErrorCode, _ name: String, _ call: () async throws -> some Any
        ) async throws {
            let error = try await failure(call)
            #expect(error.code == code, "\(name): \(error)")
            #expect(error.reason.count > 5 && error.reason.count < 200, "\(name): \(error.reason.prefix(90))")
            #expect(error.errorDescription?.isEmpty == false && error.recoverySuggestion != nil)
        }
        try await expect(.invalidArgument, "empty text") { try await client.send("", to: chat) }
        try await expect(.tooLarge, "16 KiB and one") {
            try await client.send(String(repeating: "a", count: 16 * 1024 + 1), to: chat)
        }
        try await expect(.tooLarge, "5 MB") { try await client.send(mebibytes, to: chat) }
        try await expect(.notFound, "unknown") { try await client.send("a", to: unknown) }
        try await expect(.notFound, "unknown") { try await client.message(unknown, in: chat) }
        try await expect(.notFound, "unknown") { try await client.retry(unknown) }
        for bad in ["", "x", "\0", chat + "0", "\u{FEFF}" + chat, mebibytes] {
            try await expect(.invalidArgument, "id") { try await client.send("a", to: bad) }
            try await expect(.invalidArgument, "id") { try await client.message(bad, in: chat) }
            try await expect(.invalidArgument, "id") { try await client.discard(bad) }
            try await expect(.invalidArgument, "id") { try await client.contact(bad) }
        }
        for limit in [0, -1, 201, Int.min, Int.max] {
            try await expect(.invalidArgument, "limit \(limit)") {
                try await client.conversations(offset: 0, limit: limit)
            }
            try await expect(.invalidArgument, "limit \(limit)") {
                try await client.messages(in: chat, page: .newest, limit: limit)
            }
        }
        try await expect(.invalidArgument, "offset") {
            try await client.conversations(offset: -1, limit: 10)
        }
        for budget in [Duration.seconds(-1), .nanoseconds(-1), .seconds(Int64.min)] {
            try await expect(.invalidArgument, "budget") {
                try await client.syncOnce(budget: budget)
            }
        }
        for name in ["", "al", "Alice", "a b c", "a\0b", mebibytes] {
            try await expect(.invalidArgument, "name") {
                try await client.createDirect(with: .username(username: name))
            }
        }
        try await expect(.tooLarge, "group name") {
            try await client.createGroup(named: mebibytes, members: [])
        }
        try await expect(.invalidArgument, "group name") {
            try await client.createGroup(named: "a\0b", members: [])
        }
        try await client.send("after all that", to: chat)
        try await pair.bob.hears("after all that", in: chat)
        try await pair.end()
    }

    /// Text arrives as it was written: zeros, marks, and what replaces halves of characters.
    @Test(arguments: Stage.allCases)
    func strangeTextArrives(on stage: Stage) async throws {
        let pair = try await Pair(in: try stage.world())
        let half = String(decoding: [UInt16(0x41), 0xD83D, 0x42], as: UTF16.self)
        #expect(half == "A\u{FFFD}B")
        let notUTF8 = String(decoding: [0x41, 0xFF, 0xFE] as [UInt8], as: UTF8.self)
        let texts = [
            half, notUTF8, "a\0b", "\u{202E}abc", "👩‍👩‍👧‍👦", "\u{FEFF}bom", "\r\n\t",
            String(repeating: "é", count: 8 * 1024),
        ]
        for text in texts {
            try await pair.alice.client.send(text, to: pair.chat)
            let heard = try await pair.bob.hears(text, in: pair.chat)
            #expect(heard.text.map { Array($0.utf8) } == Array(text.utf8))
        }
        try await pair.end()
    }

    @Test(arguments: Stage.allCases)
    func accountsAreChecked(on stage: Stage) async throws {
        let world = try stage.world()
        let alice = try await world.phone("alice")
        let nobody = try await failure { try await alice.client.createGroup(named: "", members: []) }
        #expect(nobody.code == .notSignedIn)
        for (name, password) in [("", "correct horse"), ("al", "correct horse"), ("alice", "short")] {
            let error = try await failure {
                try await alice.client.register(username: name, password: password)
            }
            #expect(error.code == .invalidArgument)
        }
        try await alice.register()
        let again = try await failure {
            try await alice.client.register(username: "somebody", password: "correct horse")
        }
        #expect(again.code == .wrongState)
        let impostor = try await world.phone("impostor")
        let taken = try await failure {
            try await impostor.client.register(username: alice.name, password: "another horse")
        }
        #expect(taken.code == .usernameTaken)
        try await alice.client.shutdown()
        try await impostor.client.shutdown()
    }
}
