import Foundation
import Whimbrel
import WhimbrelTesting

/// Against what a story runs.
enum Stage: String, CaseIterable, Sendable {
    /// Real clients and a real server, over TLS with a pinned certificate.
    case real
    /// `FakeWhimbrel`.
    case fake

    func world() throws -> World {
        switch self {
        case .real: try RealWorld()
        case .fake: FakeWorld()
        }
    }
}

/// People who can reach each other.
protocol World: Sendable {
    /// Somebody's client, at its first start.
    func phone(_ name: String) async throws -> Phone
}

/// Real clients. Their folders are gone when this is.
final class RealWorld: World {
    let server: TestServer
    let folder: URL
    /// Ends the names, so that they are nobody else's.
    private let ending = String(UUID().uuidString.prefix(8)).lowercased()

    init() throws {
        server = try .fromEnvironment()
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("whimbrel-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        // Left over folders are the system's to remove.
        try? FileManager.default.removeItem(at: folder)
    }

    func phone(_ name: String) async throws -> Phone {
        try await phone(name, keyStore: MemoryKeyStore())
    }

    func phone(_ name: String, keyStore: any KeyStore) async throws -> Phone {
        let client = try await WhimbrelClient.open(options(name), keyStore: keyStore)
        return Phone(name: "\(name)-\(ending)", client: client, world: self)
    }

    func options(_ name: String) -> ClientOptions {
        ClientOptions(
            dataFolder: folder.appendingPathComponent(name).path,
            server: server.url,
            pinnedFingerprint: server.fingerprint
        )
    }
}

/// Fakes on one server in memory.
struct FakeWorld: World {
    let server = FakeServer()

    func phone(_ name: String) async throws -> Phone {
        Phone(name: name, client: FakeWhimbrel(server: server), world: self)
    }
}

/// A key store in memory.
final class MemoryKeyStore: KeyStore, @unchecked Sendable {
    private let lock = NSLock()
    private var key: Data?

    init(key: Data? = nil) {
        self.key = key
    }

    func loadKey() throws -> Data? {
        lock.withLock { key }
    }

    func storeKey(key: Data) throws {
        lock.withLock { self.key = key }
    }
}
