import Foundation
import Whimbrel

// Conversations, messages and the outbox of a fake.

extension FakeWhimbrel {
    public func conversations(offset: Int, limit: Int) async throws -> [Conversation] {
        try Check.limit(limit)
        if offset < 0 { throw fakeError(.invalidArgument, "offset must not be negative") }
        return try await call { state, device in
            let all = device.seen.keys.compactMap { state.logs[$0] }
                .map { ($0.number, Self.conversation($0, on: device, in: state)) }
                .sorted { ($0.1.lastActivityMs, $0.0) > ($1.1.lastActivityMs, $1.0) }
            return all.dropFirst(offset).prefix(limit).map(\.1)
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
        try Check.person(peer)
        return try await telling { state, device, user in
            if state.user(peer) == user {
                throw fakeError(.invalidArgument, "this is the user's own name")
            }
            let existing = state.logs.values.first { log in
                guard log.kind == .direct, let peer = state.user(peer) else {
                    return log.peer == peer && device.seen[log.id] != nil
                }
                let both = [log.founder, log.peer.flatMap(state.user)]
                return both.contains(user) && both.contains(peer)
            }
            if let existing {
                // Who begins at the same time as the other comes to the same conversation.
                if device.seen[existing.id] == nil {
                    Self.open(existing.id, [[peer]], by: user, &device)
                }
                return existing.id
            }
            return Self.found(.direct, "", peer, [[peer]], by: user, &state, &device)
        }
    }

    public func createGroup(named name: String, members: [Person]) async throws -> String {
        try Check.groupName(name)
        for person in members { try Check.person(person) }
        if members.count >= 256 {
            throw fakeError(.tooLarge, "a conversation has at most 256 members")
        }
        return try await telling { state, device, user in
            var others: [Person] = []
            for person in members.map({ Self.known($0, by: device, in: state) })
            where !others.contains(person) && state.user(person) != user {
                others.append(person)
            }
            others.sort { "\($0)" < "\($1)" }
            let parts = stride(from: 0, to: others.count, by: 32).map { start in
                Array(others[start..<min(start + 32, others.count)])
            }
            return Self.found(.group, name, nil, parts, by: user, &state, &device)
        }
    }

    /// Somebody by id, once the id is known here.
    private static func known(
        _ person: Person, by device: FakeDevice, in state: FakeState
    ) -> Person {
        guard case .username = person, let user = state.user(person) else { return person }
        return state.knows(device, user) ? .id(user: user) : person
    }

    @discardableResult
    public func addMembers(_ people: [Person], to conversation: String) async throws -> String {
        if people.isEmpty { throw fakeError(.invalidArgument, "nobody is to be added") }
        for person in people { try Check.person(person) }
        if people.count > 32 { throw fakeError(.tooLarge, "more than 32 people at once") }
        return try await changeGroup(conversation) { state, device, view, own in
            try Self.require(.admin, of: own, in: view)
            var others: [Person] = []
            for person in people.map({ Self.known($0, by: device, in: state) })
            where !others.contains(person) {
                others.append(person)
            }
            if others.contains(where: { state.user($0) == own }) {
                throw fakeError(.invalidArgument, "this user is a member already")
            }
            return .add(people: others)
        }
    }

    @discardableResult
    public func removeMember(_ user: String, from conversation: String) async throws -> String {
        try Check.id(user, "user")
        return try await changeGroup(conversation) { _, _, view, own in
            if user == own { throw fakeError(.invalidArgument, "this is the user's own id") }
            try Self.require(.admin, of: own, in: view)
            guard let role = view.roles[user] else {
                throw fakeError(.notMember, "this is no member")
            }
            try Self.require(role == .owner ? .owner : .admin, of: own, in: view)
            return .remove(user: user)
        }
    }

    @discardableResult
    public func setRoles(_ roles: [RoleGrant], in conversation: String) async throws -> String {
        try await changeGroup(conversation) { _, _, view, own in
            if roles.isEmpty { throw fakeError(.invalidArgument, "roles for nobody") }
            try Self.require(.owner, of: own, in: view)
            for grant in roles where view.roles[grant.user] == nil {
                throw fakeError(.notMember, "this is no member")
            }
            var after = view.roles
            for grant in roles { after[grant.user] = grant.role }
            if !after.values.contains(.owner) {
                throw fakeError(.lastOwner, "nobody would be left as owner")
            }
            return .setRoles(roles: roles)
        }
    }

    @discardableResult
    public func leave(_ conversation: String) async throws -> String {
        try await changeGroup(conversation) { _, _, view, own in
            let owners = view.roles.filter { $0.value == .owner }.map(\.key)
            if owners == [own] {
                throw fakeError(.lastOwner, "make somebody else an owner first")
            }
            return .leave
        }
    }

    @discardableResult
    public func rename(_ conversation: String, to name: String) async throws -> String {
        try Check.groupName(name)
        return try await changeGroup(conversation) { _, _, view, own in
            try Self.require(.admin, of: own, in: view)
            return .rename(name: name)
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
                let last = max(0, rows.count - limit)
                let first = min(max(0, try index(anchor) - (limit - 1) / 2), last)
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
        return try await telling { state, device, user in
            let log = try state.log(conversation, for: device)
            try Self.mustStay(in: log, state, device, user)
            // Who writes has read what is there.
            device.readSeqs[conversation] = Int64(device.seen[conversation] ?? 0)
            return Self.enqueue(.text(text: text), [], in: conversation, by: user, &device)
        }
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
        try await signedIn { state, device, user in
            let log = try state.log(conversation, for: device)
            let view = state.view(log, on: device)
            let seq = try Self.row(message, in: view).seq ?? Int64(device.seen[log.id] ?? 0)
            if seq <= max(view.readSeqs[user] ?? 0, device.readSeqs[log.id] ?? 0) { return }
            device.readSeqs[log.id] = seq
            device.post(.conversation(id: log.id))
            if view.roles[user] == nil { return }
            device.outbox.removeAll { item in
                guard case .readMark = item.entry.content else { return false }
                return item.conversation == log.id && item.state == .queued
            }
            _ = Self.enqueue(.readMark(seq: seq), [], in: log.id, by: user, &device)
        }
    }

    /// Changes an own message, on the spot as long as only this device has it.
    private func change(
        _ message: String, in conversation: String, to content: OutboxContent
    ) async throws {
        try await telling { state, device, user in
            let log = try state.log(conversation, for: device)
            let view = state.view(log, on: device)
            let row = try Self.row(message, in: view)
            if row.sender != user {
                throw fakeError(.notAllowed, "this is somebody else's message")
            }
            guard case .text = row.content else {
                throw fakeError(.wrongState, "this is no text, or was taken back")
            }
            let waits = device.outbox.firstIndex { $0.id == message && $0.state != .inDoubt }
            guard let waits else {
                if view.roles[user] == nil {
                    throw fakeError(.notMember, "this user was removed")
                }
                // What waits for the same message has become pointless.
                device.outbox.removeAll { $0.target == message && $0.state != .inDoubt }
                _ = Self.enqueue(content, [], in: conversation, by: user, &device)
                return
            }
            if case .edit(_, let text) = content {
                let old = device.outbox[waits].entry
                device.outbox[waits].entry = FakeEntry(
                    id: old.id, author: old.author, content: .text(text: text),
                    composedMs: old.composedMs)
                device.outbox[waits].state = .queued
            } else {
                device.outbox.remove(at: waits)
            }
            device.post(
                .messages(conversation: conversation), .conversation(id: conversation), .outbox)
        }
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
        try Check.id(item, "message or outbox")
        try await telling { state, device, user in
            let index = try Self.index(of: item, on: device)
            let log = try state.log(device.outbox[index].conversation, for: device)
            if state.view(log, on: device).roles[user] == nil {
                throw fakeError(.notMember, "this user was removed")
            }
            if device.outbox[index].state != .failed { return }
            device.outbox[index].state = .queued
            device.outbox[index].failure = nil
            device.blocked[log.id] = nil
            device.post(.outbox, .messages(conversation: log.id), .conversation(id: log.id))
        }
    }

    public func discard(_ item: String) async throws {
        try Check.id(item, "message or outbox")
        try await signedIn { state, device, user in
            let index = try Self.index(of: item, on: device)
            let item = device.outbox[index]
            let log = try state.log(item.conversation, for: device)
            device.post(.outbox, .messages(conversation: log.id), .conversation(id: log.id))
            if item.state == .inDoubt {
                let row = try? Self.row(item.id, in: state.view(log, on: device))
                guard case .text = item.entry.content, row?.content != .deleted else {
                    throw fakeError(.wrongState, "the server may have it")
                }
                _ = Self.enqueue(.delete(target: item.id), [], in: log.id, by: user, &device)
                return
            }
            let isInvitation = log.kind == .direct && !item.people.isEmpty
            if isInvitation && !log.entries.isEmpty {
                throw fakeError(.notAllowed, "it can't be without its other member")
            }
            device.outbox.remove(at: index)
            if isInvitation || item.entry.content == .create {
                device.outbox.removeAll { $0.conversation == log.id }
                device.seen[log.id] = nil
                if log.entries.isEmpty && log.founder == user { state.logs[log.id] = nil }
            }
        }
    }

    private static func index(of item: String, on device: FakeDevice) throws -> Int {
        guard let index = device.outbox.firstIndex(where: { $0.id == item }) else {
            throw fakeError(.notFound, "there is no such outbox item")
        }
        return index
    }

    /// Who was removed, or has said to leave, has nothing more to say.
    private static func mustStay(
        in log: FakeLog, _ state: FakeState, _ device: FakeDevice, _ user: String
    ) throws {
        if state.view(log, on: device).roles[user] == nil {
            throw fakeError(.notMember, "this user was removed")
        }
        if device.isLeaving(log.id) {
            throw fakeError(.wrongState, "this user is leaving the conversation")
        }
    }

    /// Puts a goal for a group into the outbox.
    private func changeGroup(
        _ conversation: String,
        _ content: (FakeState, FakeDevice, FakeView, String) throws -> OutboxContent
    ) async throws -> String {
        try await telling { state, device, user in
            let log = try state.log(conversation, for: device)
            if log.kind == .direct {
                throw fakeError(.notAllowed, "a direct conversation stays as it is")
            }
            try Self.mustStay(in: log, state, device, user)
            let content = try content(state, device, state.view(log, on: device), user)
            var people: [Person] = []
            if case .add(let added) = content { people = added }
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
        _ kind: ConversationKind, _ name: String, _ peer: Person?, _ people: [[Person]],
        by user: String, _ state: inout FakeState, _ device: inout FakeDevice
    ) -> String {
        state.founded += 1
        let log = FakeLog(
            id: newId(), kind: kind, firstName: name, founder: user, peer: peer,
            foundedMs: nowMs(), number: state.founded)
        state.logs[log.id] = log
        let known = people.map { $0.map { Self.known($0, by: device, in: state) } }
        open(log.id, known, by: user, &device)
        return log.id
    }

    private static func open(
        _ conversation: String, _ people: [[Person]], by user: String, _ device: inout FakeDevice
    ) {
        device.seen[conversation] = 0
        _ = enqueue(.create, [], in: conversation, by: user, &device)
        for people in people {
            _ = enqueue(.add(people: people), people, in: conversation, by: user, &device)
        }
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
        let met = log.kind == .direct ? view.members.first { $0 != own } : nil
        let readSeq = max(view.readSeqs[own] ?? 0, device.readSeqs[log.id] ?? 0)
        let unread = view.rows.filter { row in
            row.sender != own && row.text != nil && (row.seq ?? 0) > readSeq
        }
        return Conversation(
            id: log.id, kind: log.kind,
            state: log.entries.isEmpty ? .creating : view.roles[own] == nil ? .removed : .active,
            name: log.kind == .direct ? Self.name(of: log, met, in: state) : view.name,
            peer: met ?? log.peer?.id, unread: Int32(min(unread.count, 999)),
            lastMessage: view.rows.last, appliedSeq: Int64(device.seen[log.id] ?? 0),
            queued: Int32(device.waiting(in: log.id).count), blocked: device.blocked[log.id],
            forked: false,
            lastActivityMs: view.rows.last?.composedMs ?? log.foundedMs)
    }

    /// What a direct conversation is called: the other's name, as far as it is known.
    private static func name(of log: FakeLog, _ met: String?, in state: FakeState) -> String {
        if let met { return state.username(of: met) ?? "" }
        if case .username(let name) = log.peer { return name }
        return ""
    }
}

extension Person {
    fileprivate var id: String? {
        if case .id(let user) = self { user } else { nil }
    }
}
