import Foundation
import Whimbrel

/// A conversation as the server in memory numbers it: what happened, in order.
struct FakeLog {
    let id: String
    let kind: ConversationKind
    let firstName: String
    let founder: String
    let foundedMs: Int64
    var entries: [FakeEntry] = []

    /// The conversation after its first entries, numbered from 1, and after some that wait behind
    /// them. Rows up to the number `hidden` are left out: a member sees nothing from before.
    func view(seen: Int, hidden: Int = 0, waiting: [FakeEntry] = []) -> FakeView {
        var view = FakeView(name: firstName)
        for (index, entry) in entries.prefix(seen).enumerated() {
            view.apply(entry, seq: Int64(index + 1), conversation: id)
        }
        view.rows.removeAll { ($0.seq ?? 0) <= hidden }
        for entry in waiting { view.apply(entry, seq: nil, conversation: id) }
        return view
    }
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
}

/// A conversation at some moment.
struct FakeView {
    var name: String
    var roles: [String: Role] = [:]
    /// The order in which members came.
    var members: [String] = []
    var readSeqs: [String: Int64] = [:]
    var rows: [Message] = []

    mutating func apply(_ entry: FakeEntry, seq: Int64?, conversation: String) {
        func row(_ content: MessageContent, _ part: Int = 0) -> Message {
            Message(
                id: part == 0 ? entry.id : String(entry.id.dropLast(2)) + String(10 + part),
                conversation: conversation, sender: entry.author, seq: seq, content: content,
                composedMs: entry.composedMs, serverTimeMs: entry.serverMs,
                delivery: entry.delivery, gapBefore: false)
        }
        switch entry.content {
        case .create:
            set([entry.author], to: .owner)
            rows.append(row(.created))
        case .add:
            set(entry.added, to: .member)
            rows.append(row(.added(users: entry.added)))
        case .remove(let user):
            remove(user)
            rows.append(row(.removed(users: [user])))
        case .leave:
            remove(entry.author)
            rows.append(row(.left(user: entry.author)))
        case .setRoles(let grants):
            for (part, grant) in grants.enumerated() {
                roles[grant.user] = grant.role
                rows.append(row(.roleChanged(user: grant.user, role: grant.role), part))
            }
        case .rename(let name):
            self.name = name
            rows.append(row(.renamed(name: name)))
        case .text(let text):
            rows.append(row(.text(text: text, edited: false)))
        case .edit(let target, let text):
            change(target, by: entry.author) { .text(text: text, edited: $0 != nil) }
        case .delete(let target):
            change(target, by: entry.author) { _ in .deleted }
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
        _ target: String, by author: String, _ content: (Int64?) -> MessageContent
    ) {
        guard let index = rows.firstIndex(where: { $0.id == target && $0.sender == author })
        else { return }
        let old = rows[index]
        rows[index] = Message(
            id: old.id, conversation: old.conversation, sender: old.sender, seq: old.seq,
            content: content(old.seq), composedMs: old.composedMs,
            serverTimeMs: old.serverTimeMs, delivery: old.delivery, gapBefore: old.gapBefore)
    }
}
