import Foundation
import Testing
import Whimbrel

/// Where the clients of a conversation leave what they show.
private let togetherFolder = ProcessInfo.processInfo.environment["WHIMBREL_TOGETHER_FOLDER"]

/// The Swift side of a conversation with clients in Kotlin and Rust, which `cargo xtask ffi` leads.
@Suite(.enabled(if: togetherFolder != nil))
struct TogetherTests {
    @Test
    func everybodyShowsTheSame() async throws {
        let folder = URL(fileURLWithPath: try #require(togetherFolder))
        let environment = ProcessInfo.processInfo.environment
        let count = try #require(environment["WHIMBREL_TOGETHER_TEXTS"].flatMap { Int($0) })
        let world = try RealWorld()
        let client = try await WhimbrelClient.open(
            world.options("swift"), keyStore: MemoryKeyStore())
        let swift = Phone(name: "swift", client: client, world: world)
        try await swift.register()
        try Data().write(to: folder.appendingPathComponent("swift.ready"))
        // The others may take longer to start than anything else takes.
        let group = try await swift.until("the group", in: .seconds(300)) { client in
            try await client.conversations().first { $0.name == "Together" }?.id
        }
        for number in 0..<count {
            try await client.send("swift \(number)", to: group)
        }
        let all = try await swift.until("everybody's texts") { client -> [Message]? in
            let newest = try await client.messages(in: group, page: .newest, limit: 200)
            let texts = newest.filter { $0.text != nil && $0.seq != nil }
            return texts.count == 3 * count ? texts : nil
        }
        let lines = all.map { "\($0.seq ?? 0)\t\($0.sender)\t\($0.text ?? "")\n" }
        let file = folder.appendingPathComponent("swift.txt")
        try lines.joined().write(to: file, atomically: true, encoding: .utf8)
        try await client.shutdown()
    }
}
