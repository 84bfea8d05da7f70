import Foundation
import Whimbrel

/// A conversation as the server in memory numbers it: what happened, in order.
struct FakeLog {
    let id: String
    let kind: ConversationKind
    let firstName: String
    let founder: String
    /// Whom a direct conversation was opened with.
    let peer: Person?
    let foundedMs: Int64
    /// Counts conversations in the order in which they were founded.
    let number: Int
    var entries: [FakeEntry] = []

    /// The conversation after its first entries, numbered from 1.
    func view(seen: Int) -> FakeView {
        var view = FakeView(name: firstName)
        for (index, entry) in entries.prefix(seen).enumerated() {
            view.apply(entry, seq: Int64(index + 1), in: self)
        }
        return view
    }

    /// The conversation as a device shows it that has seen so many entries: with how it came in,
    /// without what it has missed, and with what waits behind that.
    func view(seen: Int, from place: FakePlace?, waiting: [FakeEntry]) -> FakeView {
        var view = view(seen: seen)
        if let place {
            view.rows.removeAll { place.missed.contains(Int($0.seq ?? 0)) }
            view.rows.insert(contentsOf: place.welcome, at: 0)
        }
        for entry in waiting { view.applyWaiting(entry, in: self) }
        return view
    }

    /// What a device sees that comes in by an entry: who came, and what the group is called.
    func welcome(_ users: [String], by entry: FakeEntry, seq: Int) -> [Message] {
        let name = view(seen: seq).name
        var contents = [MessageContent.added(users: users)]
        if kind == .group && !name.isEmpty { contents.append(.renamed(name: name)) }
        return contents.enumerated().map { part, content in
            entry.row(content, part, seq: Int64(seq), in: self)
        }
    }
}

/// From where on a device sees a conversation.
struct FakePlace {
    /// Rows in place of what was before.
    var welcome: [Message]
    /// Numbers that were never there for this device.
    var missed: Set<Int>
}

/// Something that happened in a conversation, or will.
struct FakeEntry {
    let id: String
    let author: String
    let content: OutboxContent
    let composedMs: Int64
    var serverMs: Int64?
    var delivery: Delivery = .sent
    /// Ids of the people that an `add` is about.
    var added: [String] = []
    /// Who carries out that the author leaves.
    var remover: String?

    /// A row of this entry; several differ in the first digits of their ids.
    func row(
        _ content: MessageContent, _ part: Int = 0, seq: Int64?, in log: FakeLog
    ) -> Message {
        Message(
            id: part == 0 ? id : String(format: "%04x", part) + id.dropFirst(4),
            conversation: log.id, sender: remover ?? author, seq: seq, content: content,
            composedMs: composedMs, serverTimeMs: serverMs, delivery: delivery, gapBefore: false)
    }
}

/// A conversation at some moment.
struct FakeView {
    var name: String
    var roles: [String: Role] = [:]
    /// The order in which members came.
    var members: [String] = []
    var readSeqs: [String: Int64] = [:]
    var rows: [Message] = []

    /// What waits shows as far as it is text: the rest is so once the server has it.
    mutating func applyWaiting(_ entry: FakeEntry, in log: FakeLog) {
        switch entry.content {
        case .text, .edit, .delete: apply(entry, seq: nil, in: log)
        default: break
        }
    }

    mutating func apply(_ entry: FakeEntry, seq: Int64?, in log: FakeLog) {
        func row(_ content: MessageContent, _ part: Int = 0) -> Message {
            entry.row(content, part, seq: seq, in: log)
        }
        switch entry.content {
        case .create:
            set([entry.author], to: .owner)
            if seq == 1 { rows.append(row(.created)) }
        case .add:
            set(entry.added, to: log.kind == .direct ? .owner : .member)
            rows.append(row(.added(users: entry.added)))
        case .remove(let user):
            remove(user)
            rows.append(row(.removed(users: [user])))
        case .leave:
            remove(entry.author)
            rows.append(row(.left(user: entry.author)))
        case .setRoles(let grants):
            for (part, grant) in grants.enumerated() where roles[grant.user] != nil {
                roles[grant.user] = grant.role
                rows.append(row(.roleChanged(user: grant.user, role: grant.role), part))
            }
        case .rename(let name):
            self.name = name
            rows.append(row(.renamed(name: name)))
        case .text(let text):
            rows.append(row(.text(text: text, edited: false)))
        case .edit(let target, let text):
            change(target, by: entry.author, to: .text(text: text, edited: true))
        case .delete(let target):
            change(target, by: entry.author, to: .deleted)
        case .readMark(let mark):
            readSeqs[entry.author] = max(mark, readSeqs[entry.author] ?? 0)
        case .upkeep:
            break
        }
    }

    private mutating func set(_ users: [String], to role: Role) {
        for user in users where roles[user] == nil {
            roles[user] = role
            members.append(user)
        }
    }

    private mutating func remove(_ user: String) {
        roles[user] = nil
        members.removeAll { $0 == user }
    }

    private mutating func change(
        _ target: String, by author: String, to content: MessageContent
    ) {
        guard let index = rows.firstIndex(where: { $0.id == target && $0.sender == author })
        else { return }
        let old = rows[index]
        // What was taken back stays so.
        if old.content == .deleted { return }
        rows[index] = Message(
            id: old.id, conversation: old.conversation, sender: old.sender, seq: old.seq,
            content: content, composedMs: old.composedMs,
            serverTimeMs: old.serverTimeMs, delivery: old.delivery, gapBefore: old.gapBefore)
    }
}
