import Foundation
import Whimbrel

// Conversations, messages and the outbox of a fake.

extension FakeWhimbrel {
    public func conversations(offset: Int, limit: Int) async throws -> [Conversation] {
        try Check.limit(limit)
        if offset < 0 { throw fakeError(.invalidArgument, "offset must not be negative") }
        return try await call { state, device in
            let all = device.seen.keys.compactMap { state.logs[$0] }
                .map { Self.conversation($0, on: device, in: state) }
                .sorted { ($0.lastActivityMs, $0.id) > ($1.lastActivityMs, $1.id) }
            return Array(all.dropFirst(offset).prefix(limit))
        }
    }

    public func conversation(_ conversation: String) async throws -> Conversation {
        try await call { state, device in
            let log = try state.log(conversation, for: device)
            return Self.conversation(log, on: device, in: state)
        }
    }

    public func members(of conversation: String) async throws -> [Member] {
        try await call { state, device in
            let log = try state.log(conversation, for: device)
            let view = state.view(log, on: device)
            return view.members.map { user in
                Member(
                    user: user, username: state.username(of: user) ?? "",
                    role: view.roles[user] ?? .member,
                    deliveredSeq: state.deliveredSeq(of: user, in: conversation),
                    readSeq: view.readSeqs[user] ?? 0)
            }
        }
    }

    public func createDirect(with peer: Person) async throws -> String {
        if case .username(let name) = peer { try Check.username(name) }
        if case .id(let id) = peer { try Check.id(id, "user") }
        return try await signedIn { state, device, user in
            if state.user(peer) == user {
                throw fakeError(.invalidArgument, "this is the user's own name")
            }
            let existing = device.seen.keys.compactMap { state.logs[$0] }.first { log in
                log.kind == .direct
                    && state.user(peer).map { other in
                        log.entries.contains { $0.added.contains(other) || $0.author == other }
                    } ?? false
            }
            if let existing { return existing.id }
            return Self.found(.direct, "", [peer], by: user, &state, &device)
        }
    }

    public func createGroup(named name: String, members: [Person]) async throws -> String {
        try Check.groupName(name)
        for case .username(let name) in members { try Check.username(name) }
        return try await signedIn { state, device, user in
            Self.found(.group, name, members, by: user, &state, &device)
        }
    }

    @discardableResult
    public func addMembers(_ people: [Person], to conversation: String) async throws -> String {
        if people.isEmpty { throw fakeError(.invalidArgument, "nobody is to be added") }
        if people.count > 32 { throw fakeError(.tooLarge, "more than 32 people at once") }
        return try await changeGroup(conversation, .add(people: people), people) { view, own in
            try Self.require(.admin, of: own, in: view)
        }
    }

    @discardableResult
    public func removeMember(_ user: String, from conversation: String) async throws -> String {
        try Check.id(user, "user")
        return try await changeGroup(conversation, .remove(user: user)) { view, own in
            if user == own { throw fakeError(.invalidArgument, "this is the user's own id") }
            guard let role = view.roles[user] else {
                throw fakeError(.notMember, "this is no member")
            }
            try Self.require(role == .owner ? .owner : .admin, of: own, in: view)
        }
    }

    @discardableResult
    public func setRoles(_ roles: [RoleGrant], in conversation: String) async throws -> String {
        try await changeGroup(conversation, .setRoles(roles: roles)) { view, own in
            try Self.require(.owner, of: own, in: view)
            if roles.isEmpty { throw fakeError(.invalidArgument, "roles for nobody") }
            for grant in roles where view.roles[grant.user] == nil {
                throw fakeError(.notMember, "this is no member")
            }
            var after = view.roles
            for grant in roles { after[grant.user] = grant.role }
            if !after.values.contains(.owner) {
                throw fakeError(.lastOwner, "nobody would be left as owner")
            }
        }
    }

    @discardableResult
    public func leave(_ conversation: String) async throws -> String {
        try await changeGroup(conversation, .leave) { view, own in
            let owners = view.roles.filter { $0.value == .owner }.map(\.key)
            if owners == [own] {
                throw fakeError(.lastOwner, "make somebody else an owner first")
            }
        }
    }

    @discardableResult
    public func rename(_ conversation: String, to name: String) async throws -> String {
        try Check.groupName(name)
        return try await changeGroup(conversation, .rename(name: name)) { view, own in
            try Self.require(.admin, of: own, in: view)
        }
    }

    private static func require(_ least: Role, of user: String, in view: FakeView) throws {
        let own = view.roles[user]
        if own == .owner || own == .admin && least == .admin { return }
        throw fakeError(.notAllowed, "only an owner or admin of the group may do this")
    }

    public func focus(on conversation: String?) async throws {
        if let conversation { try Check.id(conversation, "conversation") }
        try await call { _, _ in }
    }

    public func epochCode(of conversation: String) async throws -> String? {
        try await call { state, device in
            let log = try state.log(conversation, for: device)
            if log.entries.isEmpty { return nil }
            let code = String(format: "%05d", log.entries.prefix(device.seen[log.id] ?? 0).count)
            return Array(repeating: code, count: 6).joined(separator: " ")
        }
    }
}

// MARK: Messages

extension FakeWhimbrel {
    public func messages(
        in conversation: String, page: MessagePage, limit: Int
    ) async throws -> [Message] {
        try Check.limit(limit)
        return try await call { state, device in
            let log = try state.log(conversation, for: device)
            let rows = state.view(log, on: device).rows
            func index(_ anchor: String) throws -> Int {
                try Check.id(anchor, "message or outbox")
                guard let index = rows.firstIndex(where: { $0.id == anchor }) else {
                    throw fakeError(.notFound, "there is no such message")
                }
                return index
            }
            switch page {
            case .newest:
                return rows.suffix(limit)
            case .before(let anchor):
                return rows.prefix(upTo: try index(anchor)).suffix(limit)
            case .after(let anchor):
                return Array(rows.suffix(from: try index(anchor) + 1).prefix(limit))
            case .around(let anchor):
                let first = max(0, try index(anchor) - limit / 2)
                return Array(rows.suffix(from: first).prefix(limit))
            }
        }
    }

    public func message(_ message: String, in conversation: String) async throws -> Message {
        try Check.id(message, "message or outbox")
        return try await call { state, device in
            let log = try state.log(conversation, for: device)
            return try Self.row(message, in: state.view(log, on: device))
        }
    }

    @discardableResult
    public func send(_ text: String, to conversation: String) async throws -> String {
        try Check.id(conversation, "conversation")
        try Check.text(text)
        return try await enqueue(.text(text: text), in: conversation)
    }

    public func edit(_ message: String, in conversation: String, to text: String) async throws {
        try Check.id(message, "message or outbox")
        try Check.text(text)
        try await change(message, in: conversation, to: .edit(target: message, text: text))
    }

    public func delete(_ message: String, in conversation: String) async throws {
        try Check.id(message, "message or outbox")
        try await change(message, in: conversation, to: .delete(target: message))
    }

    public func markRead(upTo message: String, in conversation: String) async throws {
        try Check.id(message, "message or outbox")
        let seq: Int64? = try await signedIn { state, device, user in
            let log = try state.log(conversation, for: device)
            let view = state.view(log, on: device)
            let seq = try Self.row(message, in: view).seq ?? 0
            return seq > (view.readSeqs[user] ?? 0) ? seq : nil
        }
        if let seq { _ = try await enqueue(.readMark(seq: seq), in: conversation) }
    }

    /// Changes an own message, on the spot as long as only this device has it.
    private func change(
        _ message: String, in conversation: String, to content: OutboxContent
    ) async throws {
        let isChanged: Bool = try await signedIn { state, device, user in
            let log = try state.log(conversation, for: device)
            let row = try Self.row(message, in: state.view(log, on: device))
            if row.sender != user {
                throw fakeError(.notAllowed, "this is somebody else's message")
            }
            guard case .text = row.content else {
                throw fakeError(.wrongState, "this is no text, or was taken back")
            }
            let waits = device.outbox.firstIndex { $0.id == message && $0.attempts == 0 }
            guard let waits else { return false }
            if case .edit(_, let text) = content {
                let old = device.outbox[waits].entry
                device.outbox[waits].entry = FakeEntry(
                    id: old.id, author: old.author, content: .text(text: text),
                    composedMs: old.composedMs)
            } else {
                device.outbox.remove(at: waits)
            }
            device.post(.messages(conversation: conversation), .outbox)
            return true
        }
        if !isChanged { _ = try await enqueue(content, in: conversation) }
    }
}

// MARK: The outbox

extension FakeWhimbrel {
    public func outbox(of conversation: String?) async throws -> [OutboxItem] {
        try await call { state, device in
            if let conversation { _ = try state.log(conversation, for: device) }
            return device.outbox
                .filter { conversation == nil || $0.conversation == conversation }
                .map { item in
                    OutboxItem(
                        id: item.id, conversation: item.conversation, content: item.entry.content,
                        state: item.state, attempts: item.attempts, failure: item.failure)
                }
        }
    }

    public func retry(_ item: String) async throws {
        try await changeItem(item) { device, index in
            device.outbox[index].state = .queued
            device.outbox[index].failure = nil
        }
    }

    public func discard(_ item: String) async throws {
        try await changeItem(item) { device, index in
            let item = device.outbox[index]
            if item.state == .inDoubt {
                throw fakeError(.wrongState, "the server may have it")
            }
            device.outbox.remove(at: index)
            if item.entry.content == .create {
                device.outbox.removeAll { $0.conversation == item.conversation }
                device.seen[item.conversation] = nil
            }
        }
    }

    private func changeItem(
        _ item: String, _ change: (inout FakeDevice, Int) throws -> Void
    ) async throws {
        try Check.id(item, "message or outbox")
        try await call { _, device in
            guard let index = device.outbox.firstIndex(where: { $0.id == item }) else {
                throw fakeError(.notFound, "there is no such outbox item")
            }
            let conversation = device.outbox[index].conversation
            try change(&device, index)
            device.post(
                .outbox, .messages(conversation: conversation), .conversation(id: conversation))
        }
    }

    private func enqueue(
        _ content: OutboxContent, in conversation: String
    ) async throws -> String {
        try await signedIn { state, device, user in
            let log = try state.log(conversation, for: device)
            let view = state.view(log, on: device)
            if view.roles[user] == nil { throw fakeError(.notMember, "this user was removed") }
            return Self.enqueue(content, [], in: conversation, by: user, &device)
        }
    }

    private func changeGroup(
        _ conversation: String, _ content: OutboxContent, _ people: [Person] = [],
        _ check: (FakeView, String) throws -> Void = { _, _ in }
    ) async throws -> String {
        try await signedIn { state, device, user in
            let log = try state.log(conversation, for: device)
            if log.kind == .direct {
                throw fakeError(.notAllowed, "a direct conversation stays as it is")
            }
            let view = state.view(log, on: device)
            if view.roles[user] == nil { throw fakeError(.notMember, "this user was removed") }
            try check(view, user)
            return Self.enqueue(content, people, in: conversation, by: user, &device)
        }
    }

    private static func enqueue(
        _ content: OutboxContent, _ people: [Person], in conversation: String, by user: String,
        _ device: inout FakeDevice
    ) -> String {
        let entry = FakeEntry(id: newId(), author: user, content: content, composedMs: nowMs())
        device.outbox.append(FakeItem(conversation: conversation, entry: entry, people: people))
        device.post(
            .outbox, .messages(conversation: conversation), .conversation(id: conversation))
        return entry.id
    }

    private static func found(
        _ kind: ConversationKind, _ name: String, _ people: [Person], by user: String,
        _ state: inout FakeState, _ device: inout FakeDevice
    ) -> String {
        let log = FakeLog(
            id: newId(), kind: kind, firstName: name, founder: user, foundedMs: nowMs())
        state.logs[log.id] = log
        device.seen[log.id] = 0
        _ = enqueue(.create, [], in: log.id, by: user, &device)
        if !people.isEmpty {
            _ = enqueue(.add(people: people), people, in: log.id, by: user, &device)
        }
        return log.id
    }

    private static func row(_ message: String, in view: FakeView) throws -> Message {
        guard let row = view.rows.first(where: { $0.id == message }) else {
            throw fakeError(.notFound, "there is no such message")
        }
        return row
    }

    private static func conversation(
        _ log: FakeLog, on device: FakeDevice, in state: FakeState
    ) -> Conversation {
        let view = state.view(log, on: device)
        let own = device.user ?? ""
        let peer = log.kind == .direct ? view.members.first { $0 != own } : nil
        let readSeq = view.readSeqs[own] ?? 0
        let unread = view.rows.filter { row in
            row.sender != own && row.text != nil && (row.seq ?? 0) > readSeq
        }
        return Conversation(
            id: log.id, kind: log.kind,
            state: log.entries.isEmpty ? .creating : view.roles[own] == nil ? .removed : .active,
            name: log.kind == .direct ? peer.flatMap(state.username) ?? "" : view.name,
            peer: peer, unread: Int32(min(unread.count, 999)), lastMessage: view.rows.last,
            appliedSeq: Int64(device.seen[log.id] ?? 0),
            queued: Int32(device.waiting(in: log.id).count), blocked: nil, forked: false,
            lastActivityMs: view.rows.last?.composedMs ?? log.foundedMs)
    }
}
