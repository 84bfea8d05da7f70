import Foundation
import WhimbrelBindings

/// A chat client: one account on this device.
///
/// ```swift
/// let options = ClientOptions(dataFolder: folder.path, server: "https://chat.example.org")
/// let client = try await WhimbrelClient.open(options, keyStore: keyStore)
/// try await client.register(username: "alice", password: password)
/// let conversation = try await client.createDirect(with: .username(username: "bob"))
/// try await client.send("Hello", to: conversation)
/// ```
///
/// Call ``shutdown()`` before the client is let go, and before the process ends.
public final class WhimbrelClient: ChatClient {
    /// Notices that are taken over the language border at once.
    private static let changesAtOnce: Int32 = 256

    private let native: NativeClient

    private init(_ native: NativeClient) {
        self.native = native
    }

    /// Opens the data folder and starts the client. It connects as soon as somebody is registered
    /// or signed in and there is a network.
    ///
    /// - Parameters:
    ///   - options: Where the data is, and which server to use.
    ///   - keyStore: Keeps the key of the database.
    ///   - logSink: Takes the lines of the log, which hold no content, name, key or token.
    /// - Throws: ``WhimbrelError`` with `invalidArgument`; `keyStore`; `alreadyOpen` where another
    ///   client or process has the folder open; `wrongKey`; `damaged`; `updateNeeded` where a newer
    ///   version has written the database; `diskFull`; `storage`.
    public static func open(
        _ options: ClientOptions,
        keyStore: any KeyStore,
        logSink: (any LogSink)? = nil
    ) async throws -> WhimbrelClient {
        try await waitUnlessCancelled {
            try await typed {
                WhimbrelClient(
                    try await NativeClient.open(
                        options: options, keyStore: keyStore, logSink: logSink))
            }
        }
    }

    public func state() throws -> ClientState {
        try typed { try native.state() }
    }

    public func account() throws -> Account? {
        try typed { try native.account() }
    }

    public func changes() throws -> ChangeSequence {
        let subscription = try typed { try native.subscribe() }
        return ChangeSequence(
            nextBatch: {
                do {
                    return try await typed {
                        try await subscription.nextBatch(max: Self.changesAtOnce)
                    }
                } catch let error as WhimbrelError where error.code == .shutDown {
                    return nil
                }
            },
            finish: {
                // It fails where the library has a defect, and then there is nothing to end.
                try? subscription.finish()
            }
        )
    }

    /// Has the native client do something, for as long as the caller wants to wait.
    private func call<Value: Sendable>(
        _ work: @escaping @Sendable (NativeClient) async throws -> Value
    ) async throws -> Value {
        let native = native
        return try await waitUnlessCancelled { try await typed { try await work(native) } }
    }
}

// MARK: The session

extension WhimbrelClient {
    @discardableResult
    public func register(username: String, password: String) async throws -> Account {
        try await call { try await $0.register(username: username, password: password) }
    }

    @discardableResult
    public func signIn(username: String, password: String) async throws -> Account {
        try await call { try await $0.signIn(username: username, password: password) }
    }

    @discardableResult
    public func recover(
        username: String, password: String, code: String?
    ) async throws -> Account {
        try await call {
            try await $0.recover(username: username, password: password, code: code)
        }
    }

    @discardableResult
    public func reEnrol(password: String) async throws -> Account {
        try await call { try await $0.reEnrol(password: password) }
    }

    public func signOut(_ how: SignOut) async throws {
        try await call { try await $0.signOut(how: how) }
    }
}

// MARK: Devices

extension WhimbrelClient {
    public func devices() async throws -> DeviceList {
        try await call { try await $0.devices() }
    }

    public func revokeDevice(_ device: String) async throws {
        try await call { try await $0.revokeDevice(device: device) }
    }

    public func recoveryCode() async throws -> String? {
        try await call { try await $0.recoveryCode() }
    }

    public func linkStart() async throws -> LinkTicket {
        try await call { try await $0.linkStart() }
    }

    @discardableResult
    public func linkWait() async throws -> Account {
        try await call { try await $0.linkWait() }
    }

    public func linkCancel() async throws {
        try await call { try await $0.linkCancel() }
    }

    public func linkInspect(code: String) async throws -> LinkRequest {
        try await call { try await $0.linkInspect(code: code) }
    }

    @discardableResult
    public func linkApprove(code: String) async throws -> String {
        try await call { try await $0.linkApprove(code: code) }
    }

    public func linkRefuse(code: String) async throws {
        try await call { try await $0.linkRefuse(code: code) }
    }
}

// MARK: Conversations

extension WhimbrelClient {
    public func conversations(offset: Int, limit: Int) async throws -> [Conversation] {
        let (offset, limit) = (Int32(clamping: offset), Int32(clamping: limit))
        return try await call { try await $0.conversations(offset: offset, limit: limit) }
    }

    public func conversation(_ conversation: String) async throws -> Conversation {
        try await call { try await $0.conversation(conversation: conversation) }
    }

    public func members(of conversation: String) async throws -> [Member] {
        try await call { try await $0.members(conversation: conversation) }
    }

    public func createDirect(with peer: Person) async throws -> String {
        try await call { try await $0.createDirect(peer: peer) }
    }

    public func createGroup(named name: String, members: [Person]) async throws -> String {
        try await call { try await $0.createGroup(name: name, members: members) }
    }

    @discardableResult
    public func addMembers(_ people: [Person], to conversation: String) async throws -> String {
        try await call { try await $0.addMembers(conversation: conversation, people: people) }
    }

    @discardableResult
    public func removeMember(_ user: String, from conversation: String) async throws -> String {
        try await call { try await $0.removeMember(conversation: conversation, user: user) }
    }

    @discardableResult
    public func setRoles(_ roles: [RoleGrant], in conversation: String) async throws -> String {
        try await call { try await $0.setRoles(conversation: conversation, roles: roles) }
    }

    @discardableResult
    public func leave(_ conversation: String) async throws -> String {
        try await call { try await $0.leave(conversation: conversation) }
    }

    @discardableResult
    public func rename(_ conversation: String, to name: String) async throws -> String {
        try await call { try await $0.rename(conversation: conversation, name: name) }
    }

    public func focus(on conversation: String?) async throws {
        try await call { try await $0.focus(conversation: conversation) }
    }

    public func epochCode(of conversation: String) async throws -> String? {
        try await call { try await $0.epochCode(conversation: conversation) }
    }
}

// MARK: Messages and the outbox

extension WhimbrelClient {
    public func messages(
        in conversation: String, page: MessagePage, limit: Int
    ) async throws -> [Message] {
        let limit = Int32(clamping: limit)
        return try await call {
            try await $0.messages(conversation: conversation, page: page, limit: limit)
        }
    }

    public func message(_ message: String, in conversation: String) async throws -> Message {
        try await call { try await $0.message(conversation: conversation, message: message) }
    }

    @discardableResult
    public func send(_ text: String, to conversation: String) async throws -> String {
        try await call { try await $0.send(conversation: conversation, text: text) }
    }

    public func edit(_ message: String, in conversation: String, to text: String) async throws {
        try await call {
            try await $0.edit(conversation: conversation, message: message, text: text)
        }
    }

    public func delete(_ message: String, in conversation: String) async throws {
        try await call { try await $0.delete(conversation: conversation, message: message) }
    }

    public func markRead(upTo message: String, in conversation: String) async throws {
        try await call { try await $0.markRead(conversation: conversation, message: message) }
    }

    public func outbox(of conversation: String?) async throws -> [OutboxItem] {
        try await call { try await $0.outbox(conversation: conversation) }
    }

    public func retry(_ item: String) async throws {
        try await call { try await $0.retry(item: item) }
    }

    public func discard(_ item: String) async throws {
        try await call { try await $0.discard(item: item) }
    }
}

// MARK: People

extension WhimbrelClient {
    public func contact(_ user: String) async throws -> Contact {
        try await call { try await $0.contact(user: user) }
    }

    public func matchesSafetyQR(of user: String, scanned: String) async throws -> Bool {
        try await call { try await $0.matchesSafetyQr(user: user, scanned: scanned) }
    }

    public func setVerified(_ user: String, _ verified: Bool) async throws {
        try await call { try await $0.setVerified(user: user, verified: verified) }
    }

    public func acceptIdentity(of user: String) async throws {
        try await call { try await $0.acceptIdentity(user: user) }
    }
}

// MARK: The life of the client

extension WhimbrelClient {
    public func setNetwork(_ network: Network) async throws {
        try await call { try await $0.setNetwork(network: network) }
    }

    public func pause() async throws {
        try await call { try await $0.pause() }
    }

    public func resume() async throws {
        try await call { try await $0.resume() }
    }

    public func syncOnce(budget: Duration) async throws -> SyncOutcome {
        let budgetMs = budget.milliseconds
        return try await call { try await $0.syncOnce(budgetMs: budgetMs) }
    }

    public func shutdown() async throws {
        try await call { try await $0.shutdown() }
    }
}

extension Duration {
    /// Whole milliseconds; the nearest possible number for durations out of range.
    fileprivate var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflows) = seconds.multipliedReportingOverflow(by: 1000)
        if overflows { return seconds < 0 ? .min : .max }
        let (sum, exceeds) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        if exceeds { return seconds < 0 ? .min : .max }
        // Less than a millisecond below zero is below zero, too.
        return sum == 0 && attoseconds < 0 ? -1 : sum
    }
}
