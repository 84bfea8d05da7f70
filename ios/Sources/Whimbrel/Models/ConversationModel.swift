#if canImport(Observation)
    import Observation

    /// A conversation and a window of its newest messages, for a view to show. Each message keeps
    /// its id for good, so that rows stay where they are while their state changes. New ones are
    /// added at the end, and none disappears at the start.
    ///
    /// ```swift
    /// List(model.messages) { Text($0.text ?? "") }
    ///     .task { await model.run() }
    /// ```
    @MainActor
    @Observable
    public final class ConversationModel {
        /// Messages that the window has at first, and that ``loadOlder()`` adds.
        public static let step = 50

        /// The conversation; none before it is read or where it is not there yet.
        public private(set) var conversation: Conversation?
        /// The newest messages, in order, those that wait to be sent last.
        public private(set) var messages: [Message] = []
        /// Who is in it.
        public private(set) var members: [Member] = []
        /// Whether there are older messages than those of the window.
        public private(set) var hasOlder = false
        /// Why it could not be read, until it can be.
        public private(set) var failure: WhimbrelError?

        /// Id of the conversation.
        public let id: String

        @ObservationIgnored private let client: any ChatClient
        @ObservationIgnored private var size = step
        /// Readings that have begun, and the last that is shown: an older one must not come over it.
        @ObservationIgnored private var begun = 0
        @ObservationIgnored private var shown = 0

        public init(client: any ChatClient, conversation id: String) {
            self.client = client
            self.id = id
        }

        /// Keeps the model up to date until the task is cancelled or the client is shut down.
        public func run() async {
            await follow(client) { failure in
                self.failure = failure
            } reload: { change in
                if change?.concerns(id) ?? true { try await reload() }
            }
        }

        /// Makes the window larger.
        ///
        /// - Throws: What ``ChatClient/messages(in:page:limit:)`` does.
        public func loadOlder() async throws {
            size += Self.step
            try await reload()
        }

        /// Sends text. It shows as soon as it is kept.
        ///
        /// - Throws: What ``ChatClient/send(_:to:)`` does.
        public func send(_ text: String) async throws {
            try await client.send(text, to: id)
        }

        /// Marks everything that the window shows as read.
        ///
        /// - Throws: What ``ChatClient/markRead(upTo:in:)`` does.
        public func markRead() async throws {
            guard let newest = messages.last(where: { $0.seq != nil }) else { return }
            try await client.markRead(upTo: newest.id, in: id)
        }

        private func reload() async throws {
            begun += 1
            let own = begun
            let conversation = try await client.conversation(id)
            let members = try await client.members(of: id)
            let before = Shown(messages)
            let rows = try await newest(size, past: before)
            guard own > shown else { return }
            shown = own
            self.conversation = conversation
            self.members = members
            let first = rows.firstIndex { before.ids.contains($0.id) } ?? rows.count
            size = max(size, rows.count - first)
            hasOlder = rows.count > size
            messages = Array(rows.suffix(size))
        }

        /// At least so many rows and all that are shown, and one row more: it tells whether there
        /// are older ones.
        private func newest(_ count: Int, past shown: Shown) async throws -> [Message] {
            let most = 200
            var rows = try await client.messages(
                in: id, page: .newest, limit: min(count + 1, most))
            while let first = rows.first, rows.count <= count || !shown.isBehind(first) {
                let older = try await client.messages(
                    in: id, page: .before(anchor: first.id), limit: most)
                if older.isEmpty { break }
                rows = older + rows
            }
            return rows
        }
    }

    /// What a window has shown.
    private struct Shown {
        let ids: Set<String>
        /// The first number; rows that wait for theirs may go.
        let oldest: Int64?

        init(_ messages: [Message]) {
            ids = Set(messages.map(\.id))
            oldest = messages.lazy.compactMap(\.seq).first
        }

        /// Whether everything shown comes after a row.
        func isBehind(_ row: Message) -> Bool {
            if ids.contains(row.id) { return false }
            guard let oldest, let seq = row.seq else { return oldest == nil }
            return seq < oldest
        }
    }

    extension Change {
        fileprivate func concerns(_ shown: String) -> Bool {
            switch self {
            case .conversation(let id), .messages(let id), .members(let id): id == shown
            case .everything, .connection: true
            case .contact, .outbox, .account: false
            }
        }
    }
#endif
