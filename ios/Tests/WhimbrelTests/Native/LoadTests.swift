import Foundation
import Testing
import Whimbrel

/// Real clients under load, on several threads, beside other processes.
@Suite(.serialized)
struct LoadTests {
    /// Offline, each write makes its notices; nothing may be lost or come twice without a cause.
    @Test
    func tenThousandEvents() async throws {
        let world = try RealWorld()
        let alice = try await world.phone("alice")
        try await alice.register()
        try await alice.client.setNetwork(.down)
        let groups = 100
        let changes = try alice.client.changes()
        let reading = Task {
            var seen: [String: Int] = [:]
            for try await change in changes {
                switch change {
                case .conversation(let id), .messages(let id): seen[id, default: 0] += 1
                default: break
                }
            }
            return seen
        }
        var made: Set<String> = []
        for number in 0..<groups {
            made.insert(try await alice.client.createGroup(named: "\(number)", members: []))
        }
        let chat = try #require(made.first)
        let total = 10_000 - groups
        let last = try await within(.seconds(300), "10,000 events") {
            var last = ""
            for number in 0..<total {
                // The outbox is limited: what was queued is changed again and again.
                if number % 1000 == 0 {
                    last = try await alice.client.send("0", to: chat)
                } else {
                    try await alice.client.edit(last, in: chat, to: "\(number % 1000)")
                }
            }
            return last
        }
        #expect(try await alice.client.message(last, in: chat).text == "899")
        #expect(try await alice.client.outbox(of: chat).count >= 10)
        try await alice.client.shutdown()
        let seen = try await within(patience, "the end of the changes") {
            try await reading.value
        }
        #expect(made.isSubset(of: seen.keys), "missing: \(made.subtracting(seen.keys))")
        let count = try #require(seen[chat])
        // A write makes one notice of either kind at most.
        #expect(count > 0 && count <= 2 * (total + 1))
    }

    @Test
    func twoClientsInTwoThreads() async throws {
        let pair = try await Pair(in: try RealWorld())
        let (alice, bob, chat) = (pair.alice, pair.bob, pair.chat)
        let count = 100
        @Sendable func talk(_ phone: Phone) async throws {
            for number in 1...count {
                try await phone.client.send("\(phone.name) \(number)", to: chat)
            }
        }
        let threads = [alice, bob].map { phone in
            Task.detached { try await talk(phone) }
        }
        for thread in threads { try await thread.value }
        for phone in [alice, bob] {
            try await phone.hasSentAll()
            try await phone.hears("\(alice.name) \(count)", in: chat)
            try await phone.hears("\(bob.name) \(count)", in: chat)
        }
        let all = try await everything(alice, chat)
        #expect(try await everything(bob, chat) == all)
        for phone in [alice, bob] {
            let own = all.filter { $0.hasPrefix(phone.name) }
            #expect(own == (1...count).map { "\(phone.name) \($0)" })
        }
        try await pair.end()
    }

    @Test
    func noLockIsLeftAfterAHundredPauses() async throws {
        let world = try RealWorld()
        let alice = try await world.phone("alice")
        try await alice.register()
        let folder = world.options("alice").dataFolder
        #expect(try locks(in: folder) > 0, "there is nothing to see")
        for _ in 0..<100 {
            try await alice.client.pause()
            #expect(try locks(in: folder) == 0)
            try await alice.client.resume()
        }
        try await alice.isLive()
        try await alice.client.shutdown()
        #expect(try locks(in: folder) == 0)
    }

    /// The ratchet is not touched: what another process has shown, the client still receives.
    @Test
    func aPushIsShownByAnotherProcess() async throws {
        let world = try RealWorld()
        let keys = MemoryKeyStore()
        let alice = try await world.phone("alice")
        let bob = try await world.phone("bob", keyStore: keys)
        try await alice.register()
        try await bob.register()
        let chat = try await alice.client.createDirect(with: .username(username: bob.name))
        try await alice.client.send("first", to: chat)
        try await bob.isIn(alice.name)
        try await bob.hears("first", in: chat)
        try await bob.client.setNetwork(.down)
        let after = try await bob.client.conversation(chat).appliedSeq
        let sent = try await alice.client.send("while you were away", to: chat)
        try await alice.hasSentAll()
        let payload = try world.server.pushPayload(of: chat, after: after)
        let key = try #require(try keys.loadKey()).hexadecimal
        let folder = world.options("bob").dataFolder
        let writing = Task {
            var count = 0
            while !Task.isCancelled {
                try await bob.client.send("writing \(count)", to: chat)
                count += 1
                try await Task.sleep(for: .milliseconds(2))
            }
            return count
        }
        for _ in 0..<5 {
            let shown = try output(of: probe(), [folder, key, payload])
            #expect(shown == "show\t\(alice.name)\twhile you were away")
        }
        writing.cancel()
        let result = await writing.result
        if case .failure(let error) = result { #expect(error is CancellationError) }
        try await bob.client.setNetwork(.up)
        try await bob.until("what the push has shown") { client in
            try await client.messages(in: chat, page: .newest, limit: 200).first { $0.id == sent }
        }
        #expect(try output(of: probe(), [folder, key, payload]) == "silent")
        let opened = Data(hexadecimal: payload) ?? Data()
        let here = try await PushNotification.open(
            payload: opened, dataFolder: folder, keyStore: keys)
        #expect(here == .silent)
        let nonsense = try await failure {
            try await PushNotification.open(
                payload: Data("nonsense".utf8), dataFolder: folder, keyStore: keys)
        }
        #expect(nonsense.code == .protocol)
        try await alice.client.shutdown()
        try await bob.client.shutdown()
    }

    private func everything(_ phone: Phone, _ chat: String) async throws -> [String] {
        let newest = try await phone.client.messages(in: chat, page: .newest, limit: 200)
        let anchor = try #require(newest.first).id
        let older = try await phone.client.messages(
            in: chat, page: .before(anchor: anchor), limit: 200)
        return (older + newest).compactMap(\.text)
    }

    /// How many locks this process holds on files of a folder.
    private func locks(in folder: String) throws -> Int {
        let manager = FileManager.default
        var inodes: Set<String> = []
        for name in try manager.contentsOfDirectory(atPath: folder) {
            let attributes = try manager.attributesOfItem(atPath: "\(folder)/\(name)")
            if let inode = attributes[.systemFileNumber] as? NSNumber {
                inodes.insert("\(inode)")
            }
        }
        let table = try String(contentsOfFile: "/proc/locks", encoding: .utf8)
        // 1: FLOCK ADVISORY WRITE 4711 00:2f:123456 0 EOF
        return table.split(separator: "\n").filter { line in
            let file = line.split(separator: " ").first { $0.filter { $0 == ":" }.count == 2 }
            return file.flatMap { $0.split(separator: ":").last }.map {
                inodes.contains(String($0))
            } ?? false
        }.count
    }
}
