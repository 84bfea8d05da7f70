import Foundation
import Whimbrel

/// How long anything may take.
let patience: Duration = .seconds(60)

/// Somebody's client, and how to wait for what it shows.
struct Phone: Sendable {
    /// The user's name, unlike that of any other user of the server.
    let name: String
    let client: any ChatClient
    /// Whose files must last as long as the client.
    let world: any World

    /// Waits until something is to be seen. Looks again at every change, and only then, so that a
    /// change without a notice is noticed.
    @discardableResult
    func until<Found: Sendable>(
        _ what: String, in time: Duration = patience,
        _ look: @escaping @Sendable (any ChatClient) async throws -> Found?
    ) async throws -> Found {
        let (client, name) = (client, name)
        let changes = try client.changes()
        let complaint = { @Sendable in
            let state = (try? client.state()).map { "\($0)" } ?? "without a state"
            return "\(name) does not see \(what), and is \(state)"
        }
        return try await within(time, complaint()) {
            var notices = changes.makeAsyncIterator()
            while true {
                if let found = try await look(client) { return found }
                guard try await notices.next() != nil else {
                    throw Unexpected("\(name): the changes have ended before \(what)")
                }
            }
        }
    }

    /// Makes an account, and waits for the connection.
    func register() async throws {
        try await client.register(username: name, password: "correct horse of \(name)")
        try await isLive()
    }

    /// Waits for the connection.
    func isLive() async throws {
        try await until("a connection") { try $0.state().connection == .live ? true : nil }
    }

    /// Waits for a message of this text, and gives it.
    @discardableResult
    func hears(_ text: String, in conversation: String) async throws -> Message {
        try await until("'\(text.prefix(80))'") { client in
            let newest = try await client.messages(in: conversation, page: .newest, limit: 200)
            return newest.first { $0.text == text }
        }
    }

    /// Waits until everything is sent.
    func hasSentAll() async throws {
        try await until("an empty outbox") { try await $0.outbox().isEmpty ? true : nil }
    }

    /// Waits for a conversation of this name, and gives its id.
    @discardableResult
    func isIn(_ conversation: String) async throws -> String {
        try await until("the conversation \(conversation)") { client in
            try await client.conversations().first { $0.name == conversation }?.id
        }
    }

    /// All texts of a conversation, in order.
    func texts(in conversation: String) async throws -> [String] {
        let newest = try await client.messages(in: conversation, page: .newest, limit: 200)
        return newest.compactMap(\.text)
    }
}

/// Something that must not be.
struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Does something that must be done in time.
func within<Value: Sendable>(
    _ time: Duration, _ complaint: @autoclosure @escaping @Sendable () -> String,
    _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: time)
            throw Unexpected("\(complaint()) within \(time)")
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw Unexpected("nobody works") }
        return first
    }
}

/// The error that a call ends with.
func failure(_ call: () async throws -> some Any) async throws -> WhimbrelError {
    do {
        let value = try await call()
        throw Unexpected("it gives \(value) instead of an error")
    } catch let error as WhimbrelError {
        return error
    }
}

/// Two of a world, who share a direct conversation.
struct Pair: Sendable {
    let alice: Phone
    let bob: Phone
    /// The conversation of the two.
    let chat: String

    init(in world: World) async throws {
        alice = try await world.phone("alice")
        bob = try await world.phone("bob")
        try await alice.register()
        try await bob.register()
        chat = try await alice.client.createDirect(with: .username(username: bob.name))
        try await alice.client.send("first", to: chat)
        try await bob.isIn(alice.name)
        try await bob.hears("first", in: chat)
    }

    func end() async throws {
        try await alice.client.shutdown()
        try await bob.client.shutdown()
    }
}
