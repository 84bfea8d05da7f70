import Foundation
import Whimbrel

/// A server in memory, which ``FakeWhimbrel`` clients talk through. Nothing is encrypted, nothing
/// is kept, and everything that can happen has happened when a call returns.
public final class FakeServer: Sendable {
    let state = Locked(FakeState())

    public init() {}

    /// Whether clients reach the server. What they send meanwhile waits in their outboxes, and what
    /// needs the server at once fails with `unavailable`.
    public var isReachable: Bool {
        get { state.withLock { $0.isReachable } }
        set {
            state.withLock { state in
                state.isReachable = newValue
                for device in state.devices.values { device.post(.connection) }
                state.settle()
            }
        }
    }

    /// How many messages the server holds, of all conversations: one that was sent twice would
    /// count twice.
    public var messageCount: Int {
        state.withLock { state in
            state.logs.values.flatMap(\.entries).filter { entry in
                if case .text = entry.content { true } else { false }
            }.count
        }
    }
}

/// A user of the fake server.
struct FakeUser {
    let id: String
    let username: String
    let password: String
    let recoveryCode: String
    /// All devices there ever were, in the order in which they came.
    var devices: [String] = []
    var revoked: Set<String> = []
    var version: Int64 = 0

    var listed: [String] { devices.filter { !revoked.contains($0) } }

    mutating func enter(_ device: String) {
        if devices.contains(device) { return }
        devices.append(device)
        version += 1
    }

    mutating func revoke(_ device: String) {
        if revoked.insert(device).inserted { version += 1 }
    }
}

/// Everything, for whoever has the lock.
struct FakeState {
    /// By user name.
    var users: [String: FakeUser] = [:]
    /// By conversation.
    var logs: [String: FakeLog] = [:]
    /// By the id of the device.
    var devices: [String: FakeDevice] = [:]
    /// Whether clients reach the server.
    var isReachable = true
    /// How many conversations there ever were.
    var founded = 0
    /// By the code.
    var links: [String: FakeLink] = [:]

    func isRevoked(_ device: FakeDevice) -> Bool {
        device.account.flatMap { users[$0.username] }?.revoked.contains(device.id) ?? false
    }

    /// Tells whom it concerns that a user has other devices.
    func tellOfDevices(of username: String) {
        guard let user = users[username]?.id else { return }
        for device in devices.values {
            if device.user == user {
                device.post(.account)
            } else if knows(device, user) {
                device.post(.contact(user: user))
            }
        }
    }

    /// Whether a device's user has met another in a conversation.
    func knows(_ device: FakeDevice, _ user: String) -> Bool {
        device.seen.keys.contains { conversation in
            logs[conversation].map { view($0, on: device).roles[user] != nil } ?? false
        }
    }

    func connection(of device: FakeDevice) -> Connection {
        if device.isPaused || device.isShutDown { return .paused }
        let tries = device.network == .up && device.account != nil && !isRevoked(device)
        return !tries ? .offline : isReachable ? .live : .connecting
    }

    func isOnline(_ device: FakeDevice) -> Bool {
        isReachable && device.network == .up && !device.isPaused && !device.isShutDown
            && device.account != nil && !isRevoked(device)
    }

    /// Ends a code; a device that was approved and has not come is none of its user's.
    mutating func endLink(_ code: String?) {
        guard let code, let link = links[code], !link.isUsed else { return }
        links[code]?.isOver = true
        if let username = link.username { users[username]?.revoke(link.device) }
    }

    func username(of user: String) -> String? {
        users.values.first { $0.id == user }?.username
    }

    func log(_ conversation: String, for device: FakeDevice) throws -> FakeLog {
        try Check.id(conversation, "conversation")
        guard device.seen[conversation] != nil, let log = logs[conversation] else {
            throw fakeError(.notFound, "there is no such conversation")
        }
        return log
    }

    /// A conversation as a device shows it, its own waiting items included.
    func view(_ log: FakeLog, on device: FakeDevice) -> FakeView {
        var view = log.view(
            seen: device.seen[log.id] ?? 0, from: device.places[log.id],
            waiting: unsent(of: device, in: log))
        if view.roles.isEmpty, let user = device.user { view.roles = [user: .owner] }
        if view.members.isEmpty, let user = device.user { view.members = [user] }
        view.rows = view.rows.map { delivered($0, in: log, view, on: device) }
        return view
    }

    /// What waits on a device and the server does not have: an item in doubt may be there already.
    private func unsent(of device: FakeDevice, in log: FakeLog) -> [FakeEntry] {
        let known = Set(log.entries.prefix(device.seen[log.id] ?? 0).map(\.id))
        return device.waiting(in: log.id).filter { !known.contains($0.id) }
    }

    private func delivered(
        _ row: Message, in log: FakeLog, _ view: FakeView, on device: FakeDevice
    ) -> Message {
        guard let seq = row.seq, row.sender == device.user else { return row }
        let others = view.members.filter { $0 != row.sender }
        let isRead = others.allSatisfy { (view.readSeqs[$0] ?? 0) >= seq }
        let isDelivered = others.allSatisfy { deliveredSeq(of: $0, in: log.id) >= seq }
        let delivery: Delivery =
            others.isEmpty ? .sent : isRead ? .read : isDelivered ? .delivered : .sent
        return Message(
            id: row.id, conversation: row.conversation, sender: row.sender, seq: row.seq,
            content: row.content, composedMs: row.composedMs, serverTimeMs: row.serverTimeMs,
            delivery: delivery, gapBefore: row.gapBefore)
    }

    func deliveredSeq(of user: String, in conversation: String) -> Int64 {
        let seen = devices.values.filter { $0.user == user }.compactMap { $0.seen[conversation] }
        return Int64(seen.max() ?? 0)
    }

    // MARK: Sending and receiving

    /// Has everything happen that can: what waits on a device is sent, and everybody receives.
    mutating func settle() {
        for id in devices.keys.sorted() { send(from: id) }
        for id in devices.keys.sorted() { receive(at: id) }
    }

    private mutating func send(from id: String) {
        guard var device = devices[id], isOnline(device) else { return }
        if !device.revoking.isEmpty, let username = device.account?.username {
            for revoked in device.revoking { users[username]?.revoke(revoked) }
            device.revoking = []
            devices[id] = device
            tellOfDevices(of: username)
        }
        let before = device.outbox.map(\.state)
        var stopped: Set<String> = []
        var left: [FakeItem] = []
        device.blocked = [:]
        for var item in device.outbox {
            let isStopped = stopped.contains(item.conversation) || item.state == .failed
            if !isStopped { deliver(&item, of: device) }
            if item.state == .failed && !stopped.contains(item.conversation) {
                device.blocked[item.conversation] = item.failure
            }
            if isStopped || [.failed, .inDoubt].contains(item.state) {
                stopped.insert(item.conversation)
            }
            if item.state == .accepted {
                let log = logs[item.conversation]
                device.post(
                    .messages(conversation: item.conversation),
                    .conversation(id: item.conversation))
                if item.entry.changesMembers {
                    device.post(.members(conversation: item.conversation))
                }
                device.seen[item.conversation] = max(
                    device.seen[item.conversation] ?? 0, log?.entries.count ?? 0)
            } else {
                left.append(item)
            }
        }
        device.outbox = left
        if left.map(\.state) != before {
            device.post(.outbox)
            for item in left { device.post(.messages(conversation: item.conversation)) }
        }
        devices[id] = device
    }

    /// Gives an item to the server; its state says what came of it.
    private mutating func deliver(_ item: inout FakeItem, of device: FakeDevice) {
        guard var log = logs[item.conversation] else { return }
        item.attempts += 1
        if !log.entries.contains(where: { $0.id == item.id }) {
            if let refusal = device.script.refusal ?? refusal(of: &item, in: log) {
                item.state = .failed
                item.failure = refusal
                return
            }
            var entry = item.entry
            entry.serverMs = nowMs()
            if entry.content == .leave {
                let members = log.view(seen: log.entries.count).members
                entry.remover = members.first { $0 != entry.author }
            }
            if !isDone(entry, in: log) {
                log.entries.append(entry)
                logs[item.conversation] = log
            }
        }
        item.state = device.script.dropsAcknowledgements ? .inDoubt : .accepted
    }

    /// Whether it is so already: another has done the same before.
    private func isDone(_ entry: FakeEntry, in log: FakeLog) -> Bool {
        let view = log.view(seen: log.entries.count)
        return switch entry.content {
        case .create: view.roles[entry.author] != nil
        case .add: entry.added.allSatisfy { view.roles[$0] != nil }
        case .remove(let user): view.roles[user] == nil
        case .setRoles(let grants):
            grants.allSatisfy { [nil, $0.role].contains(view.roles[$0.user]) }
        case .rename(let name): view.name == name
        default: false
        }
    }

    /// Why the server does not take an item, if it does not.
    private func refusal(of item: inout FakeItem, in log: FakeLog) -> ErrorCode? {
        let view = log.view(seen: log.entries.count)
        let role = view.roles[item.entry.author]
        switch item.entry.content {
        case .create:
            return log.peer.map { user($0) == nil } ?? false ? .noSuchUser : nil
        case .add:
            var added: [String] = []
            for person in item.people {
                guard let user = user(person) else { return .noSuchUser }
                added.append(user)
            }
            item.entry.added = added
            return role == nil ? .notMember : role == .member ? .notAllowed : nil
        case .remove, .rename:
            return role == nil ? .notMember : role == .member ? .notAllowed : nil
        case .setRoles:
            return role == .owner ? nil : .notAllowed
        default:
            return role == nil ? .notMember : nil
        }
    }

    func user(_ person: Person) -> String? {
        switch person {
        case .id(let user): users.values.contains { $0.id == user } ? user : nil
        case .username(let name): users[name]?.id
        }
    }

    private mutating func receive(at id: String) {
        guard var device = devices[id], isOnline(device), let user = device.user else { return }
        // Where answers get lost, nothing else arrives either.
        if device.script.dropsAcknowledgements { return }
        for log in logs.values where !log.entries.isEmpty {
            let before = device.seen[log.id]
            advance(&device, user, in: log)
            guard let after = device.seen[log.id], after != before else { continue }
            device.post(.messages(conversation: log.id), .conversation(id: log.id))
            let news = log.entries[(before ?? 0)..<after]
            if news.contains(where: { $0.changesMembers }) {
                device.post(.members(conversation: log.id))
            }
            tellAuthors(in: log, except: id)
        }
        devices[id] = device
    }

    /// Takes entries up to the last that this user may see.
    private func advance(_ device: inout FakeDevice, _ user: String, in log: FakeLog) {
        var missed: Set<Int> = []
        for (position, entry) in log.entries.enumerated().dropFirst(device.seen[log.id] ?? 0) {
            let seq = position + 1
            let wasMember = log.view(seen: position).roles[user] != nil
            let isMember = log.view(seen: seq).roles[user] != nil
            if !wasMember && !isMember {
                missed.insert(seq)
                continue
            }
            if device.seen[log.id] == nil {
                let users = entry.added.contains(user) ? entry.added : [user]
                device.places[log.id] = FakePlace(
                    welcome: log.welcome(users, by: entry, seq: seq), missed: missed.union([seq]))
            } else {
                device.places[log.id]?.missed.formUnion(missed)
            }
            missed = []
            device.seen[log.id] = seq
        }
    }

    /// A device that was linked or recovered sees what comes from now on.
    func joinAt(_ device: inout FakeDevice, _ user: String) {
        for log in logs.values where log.view(seen: log.entries.count).roles[user] != nil {
            let seq = log.entries.count
            let entry = FakeEntry(
                id: newId(), author: user, content: .upkeep, composedMs: nowMs(), serverMs: nowMs())
            device.places[log.id] = FakePlace(
                welcome: log.welcome([user], by: entry, seq: seq), missed: Set(1...seq))
            device.seen[log.id] = seq
            device.post(.conversation(id: log.id))
        }
    }

    /// How far messages have come has changed.
    private mutating func tellAuthors(in log: FakeLog, except receiver: String) {
        for (id, device) in devices where id != receiver && device.seen[log.id] != nil {
            device.post(.messages(conversation: log.id))
        }
    }
}

extension FakeEntry {
    fileprivate var changesMembers: Bool {
        switch content {
        case .create, .add, .remove, .leave, .setRoles: true
        default: false
        }
    }
}
