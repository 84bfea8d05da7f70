import Foundation

extension Account: Identifiable {
    public var id: String { user }
}

extension Conversation: Identifiable {
    /// When something last happened; the list is sorted by it.
    public var lastActivity: Date { Date(milliseconds: lastActivityMs) }
}

extension Message: Identifiable {
    /// When it was composed, by its author's clock.
    public var composed: Date { Date(milliseconds: composedMs) }

    /// When the server accepted it.
    public var serverTime: Date? { serverTimeMs.map(Date.init(milliseconds:)) }

    /// The text, if it is one.
    public var text: String? {
        if case .text(let text, _) = content { text } else { nil }
    }
}

extension Member: Identifiable {
    public var id: String { user }
}

extension Contact: Identifiable {
    public var id: String { user }
}

extension Device: Identifiable {}

extension OutboxItem: Identifiable {}

extension Date {
    fileprivate init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}
