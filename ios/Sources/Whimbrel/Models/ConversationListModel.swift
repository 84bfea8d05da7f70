#if canImport(Observation)
    import Observation

    /// The list of conversations and the state of the client, for a view to show.
    ///
    /// ```swift
    /// List(model.conversations) { Text($0.name) }
    ///     .task { await model.run() }
    /// ```
    @MainActor
    @Observable
    public final class ConversationListModel {
        /// The most recently active conversations, the latest first, at most 200.
        public private(set) var conversations: [Conversation] = []
        /// Connection, account, alarm, and how much waits to be sent.
        public private(set) var state: ClientState?
        /// Why the list could not be read, until it can be.
        public private(set) var failure: WhimbrelError?

        @ObservationIgnored private let client: any ChatClient

        public init(client: any ChatClient) {
            self.client = client
        }

        /// Keeps the model up to date until the task is cancelled or the client is shut down.
        public func run() async {
            await follow(client) { failure in
                self.failure = failure
            } reload: { change in
                state = try client.state()
                if change?.concernsList ?? true {
                    conversations = try await client.conversations(offset: 0, limit: 200)
                }
            }
        }
    }

    extension Change {
        fileprivate var concernsList: Bool {
            switch self {
            case .contact: false
            default: true
            }
        }
    }
#endif
