import Foundation
import Whimbrel

/// How a fake misbehaves.
public struct FakeScript: Sendable {
    /// How long each call takes.
    public var delay: Duration = .zero
    /// Each call fails with this code, and nothing happens.
    public var failure: ErrorCode?
    /// The server refuses what is sent with this code: the outbox item fails, and what is behind
    /// it waits for retry or discard.
    public var refusal: ErrorCode?
    /// The server takes what is sent, and nothing comes back from it: the outbox item stays in
    /// doubt until answers arrive again.
    public var dropsAcknowledgements = false

    public init() {}
}

/// What one fake client keeps.
struct FakeDevice {
    let id = newId()
    var script = FakeScript()
    var account: Account?
    var network: Network = .up
    var isPaused = false
    var isShutDown = false
    var outbox: [FakeItem] = []
    /// How far each conversation has arrived here.
    var seen: [String: Int] = [:]
    /// Where each conversation begins here that this device has not founded.
    var places: [String: FakePlace] = [:]
    /// Up to which number each conversation is read.
    var readSeqs: [String: Int64] = [:]
    /// Why nothing is sent in a conversation.
    var blocked: [String: ErrorCode] = [:]
    var verified: Set<String> = []
    /// Devices that are revoked here, and not yet at the server.
    var revoking: Set<String> = []
    /// The code that this device shows.
    var code: String?
    /// This device was its user's first, or recovered the account.
    var knowsRecoveryCode = false
    var queues: [ChangeQueue] = []

    var user: String? { account?.user }

    func isLeaving(_ conversation: String) -> Bool {
        outbox.contains { $0.conversation == conversation && $0.entry.content == .leave }
    }

    /// What waits in a conversation, as entries behind those of the server.
    func waiting(in conversation: String) -> [FakeEntry] {
        outbox.filter { $0.conversation == conversation }.map(\.pending)
    }

    mutating func endQueues() {
        for queue in queues { queue.end() }
        queues = []
    }

    func post(_ changes: Change...) {
        for queue in queues {
            for change in changes { queue.post(change) }
        }
    }
}

/// Something in the outbox of a fake.
struct FakeItem {
    let conversation: String
    var entry: FakeEntry
    var state: OutboxState = .queued
    var attempts: Int32 = 0
    var failure: ErrorCode?
    /// Whom an `add` is about, until the server has said who that is.
    var people: [Person] = []

    var id: String { entry.id }

    /// The entry as its author sees it before the server has it.
    var pending: FakeEntry {
        var pending = entry
        pending.delivery = state == .failed ? .failed : .queued
        return pending
    }

    /// The message that an edit or a deletion is about.
    var target: String? {
        switch entry.content {
        case .edit(let target, _), .delete(let target): target
        default: nil
        }
    }
}

/// A device that waits to be linked.
struct FakeLink {
    let device: String
    let expiresMs: Int64
    /// The name of the user who has approved it.
    var username: String?
    /// The device has come in.
    var isUsed = false
    /// Cancelled, refused, or another code has taken its place.
    var isOver = false

    var isGood: Bool { isUsed || !isOver && nowMs() < expiresMs }
}

/// 32 hexadecimal digits.
func newId() -> String {
    UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
}

func nowMs() -> Int64 {
    Int64(Date().timeIntervalSince1970 * 1000)
}
