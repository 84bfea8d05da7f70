import Foundation
import Testing
import Whimbrel

/// The file for the times.
private let benchFile = ProcessInfo.processInfo.environment["WHIMBREL_BENCH_FILE"]

/// The Swift side of `cargo xtask bench ffi`: the same calls as its Rust side.
@Suite(.enabled(if: benchFile != nil))
struct BenchTests {
    @Test
    func callsAndEvents() async throws {
        let file = try #require(benchFile)
        let environment = ProcessInfo.processInfo.environment
        let calls = try #require(environment["WHIMBREL_BENCH_CALLS"].flatMap { Int($0) })
        let world = try RealWorld()
        let client = try await WhimbrelClient.open(
            world.options("swift"), keyStore: MemoryKeyStore())
        try await client.register(username: "swift", password: "correct horse battery")
        let group = try await client.createGroup(named: "Birds", members: [])
        try await client.setNetwork(.down)
        let message = try await client.send("text", to: group)
        let clock = ContinuousClock()
        let query = try await clock.measure {
            for _ in 0..<calls { _ = try await client.conversation(group) }
        }
        let changes = try client.changes()
        var notices = changes.makeAsyncIterator()
        let started = clock.now
        for number in 0..<calls {
            try await client.edit(message, in: group, to: "text \(number)")
            while let change = try await notices.next(), change != .messages(conversation: group) {}
        }
        let event = clock.now - started
        try await client.shutdown()
        let text = "\(microsEach(query, calls)) \(microsEach(event, calls))"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
    }

    private func microsEach(_ time: Duration, _ calls: Int) -> Double {
        time / .microseconds(calls)
    }
}
