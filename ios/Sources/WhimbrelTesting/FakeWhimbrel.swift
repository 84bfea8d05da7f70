import Foundation
import Whimbrel

/// A client in memory, for tests of an app's own code: it does what ``WhimbrelClient`` does, with
/// others on the same ``FakeServer``, at once and without files or network.
///
/// ```swift
/// let server = FakeServer()
/// let alice = FakeWhimbrel(server: server)
/// let bob = FakeWhimbrel(server: server)
/// alice.script { $0.dropsAcknowledgements = true }
/// ```
///
/// What it does not play: encryption, and so unreadable messages, identity changes and forks;
/// limits of the server; what a crash leaves.
public final class FakeWhimbrel: ChatClient {
    let server: FakeServer
    let device: String

    /// A client on its first start.
    public init(server: FakeServer = FakeServer()) {
        self.server = server
        let device = FakeDevice()
        self.device = device.id
        server.state.withLock { $0.devices[device.id] = device }
    }

    /// Tells how the fake misbehaves from now on.
    public func script(_ change: @Sendable (inout FakeScript) -> Void) {
        server.state.withLock { state in
            if var device = state.devices[device] {
                change(&device.script)
                state.devices[device.id] = device
            }
            state.settle()
        }
    }

    public func state() throws -> ClientState {
        try look { state, device in
            let connection = state.connection(of: device)
            return ClientState(
                connection: connection, account: device.account,
                alarm: state.isRevoked(device) ? .revoked : nil,
                queued: Int32(device.outbox.count),
                lastError: connection == .connecting ? .unavailable : nil)
        }
    }

    public func account() throws -> Account? {
        try look { _, device in device.account }
    }

    public func changes() throws -> ChangeSequence {
        let queue = ChangeQueue()
        try mutate { _, device in
            if device.isShutDown { queue.end() } else { device.queues.append(queue) }
        }
        return ChangeSequence(
            nextBatch: { await queue.nextBatch() }, finish: { queue.finish() })
    }

    // MARK: How calls go

    /// Reads, whatever state the client is in.
    private func look<Value>(_ work: (FakeState, FakeDevice) throws -> Value) throws -> Value {
        try server.state.withLock { state in
            guard let device = state.devices[device] else {
                throw fakeError(.internal, "the fake has no device")
            }
            return try work(state, device)
        }
    }

    /// Writes, whatever state the client is in.
    func mutate<Value>(
        _ work: (inout FakeState, inout FakeDevice) throws -> Value
    ) throws -> Value {
        try server.state.withLock { state in
            guard var own = state.devices[device] else {
                throw fakeError(.internal, "the fake has no device")
            }
            let value = try work(&state, &own)
            state.devices[device] = own
            state.settle()
            return value
        }
    }

    /// A call, as the script has it: late, or not at all.
    func call<Value>(
        _ work: (inout FakeState, inout FakeDevice) throws -> Value
    ) async throws -> Value {
        try await obeyScript()
        return try mutate { state, device in
            if device.isShutDown { throw fakeError(.shutDown, "the client was shut down") }
            if device.isPaused { throw fakeError(.paused, "the client is paused") }
            return try work(&state, &device)
        }
    }

    /// A call that tells others something.
    func telling<Value>(
        _ work: (inout FakeState, inout FakeDevice, String) throws -> Value
    ) async throws -> Value {
        try await signedIn { state, device, user in
            if state.isRevoked(device) {
                throw fakeError(.revoked, "the user has removed this device")
            }
            return try work(&state, &device, user)
        }
    }

    /// A call that needs an account.
    func signedIn<Value>(
        _ work: (inout FakeState, inout FakeDevice, String) throws -> Value
    ) async throws -> Value {
        try await call { state, device in
            guard let user = device.user else {
                throw fakeError(.notSignedIn, "nobody is registered here")
            }
            return try work(&state, &device, user)
        }
    }

    /// For calls that need the server now. They try whatever the app has said of the network.
    static func mustReach(_ state: FakeState) throws {
        if !state.isReachable { throw fakeError(.unavailable, "the server can't be reached") }
    }

    func obeyScript() async throws {
        try Task.checkCancellation()
        let script = try look { _, device in device.script }
        if script.delay > .zero { try await Task.sleep(for: script.delay) }
        if let failure = script.failure { throw fakeError(failure, "the script says so") }
    }
}

// MARK: The life of the client

extension FakeWhimbrel {
    public func setNetwork(_ network: Network) async throws {
        try await lifecycle { $0.network = network }
    }

    public func pause() async throws {
        try await lifecycle { $0.isPaused = true }
    }

    public func resume() async throws {
        try await lifecycle { $0.isPaused = false }
    }

    public func shutdown() async throws {
        try mutate { _, device in
            device.isShutDown = true
            device.endQueues()
        }
    }

    public func syncOnce(budget: Duration) async throws -> SyncOutcome {
        if budget < .zero {
            throw fakeError(.invalidArgument, "budget_ms must not be negative")
        }
        try await obeyScript()
        return try mutate { state, device in
            if device.isShutDown { throw fakeError(.shutDown, "the client was shut down") }
            if device.user == nil { throw fakeError(.notSignedIn, "nobody is registered here") }
            if state.isRevoked(device) {
                throw fakeError(.revoked, "the user has removed this device")
            }
            guard device.network == .up && state.isReachable else { return .outOfTime }
            let wasPaused = device.isPaused
            device.isPaused = false
            state.devices[device.id] = device
            state.settle()
            device = state.devices[device.id] ?? device
            device.isPaused = wasPaused
            return device.outbox.isEmpty ? .complete : .outOfTime
        }
    }

    private func lifecycle(_ change: (inout FakeDevice) -> Void) async throws {
        try await obeyScript()
        try mutate { state, device in
            if device.isShutDown { throw fakeError(.shutDown, "the client was shut down") }
            let before = state.connection(of: device)
            change(&device)
            if state.connection(of: device) != before { device.post(.connection) }
        }
    }
}
