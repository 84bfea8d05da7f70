/// What changes in a client: each notice once, until the client is shut down or the task that
/// reads is cancelled. Both end the sequence; neither throws.
///
/// Notices carry ids only: read again what is on screen. They wait in the library, where two equal
/// ones become one, and where too many become one notice of `everything`. So a slow reader costs
/// no memory.
///
/// ```swift
/// for try await change in try client.changes() {
///     if change == .messages(conversation: shown) { await reload() }
/// }
/// ```
///
/// One reader and one loop only: what it has fetched goes with the loop that is left. Call
/// ``ChatClient/changes()`` for each.
public struct ChangeSequence: AsyncSequence, Sendable {
    public typealias Element = Change

    private let nextBatch: @Sendable () async throws -> [Change]?
    private let finish: @Sendable () -> Void

    /// A sequence over a source of batches, for those who play a client.
    ///
    /// - Parameters:
    ///   - nextBatch: Waits for notices; none when there will be no more.
    ///   - finish: Makes a waiting `nextBatch` give none, now and later.
    public init(
        nextBatch: @escaping @Sendable () async throws -> [Change]?,
        finish: @escaping @Sendable () -> Void
    ) {
        self.nextBatch = nextBatch
        self.finish = finish
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(nextBatch: nextBatch, finish: finish)
    }

    /// Reads a ``ChangeSequence``.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let nextBatch: @Sendable () async throws -> [Change]?
        fileprivate let finish: @Sendable () -> Void
        private var batch: ArraySlice<Change> = []

        fileprivate init(
            nextBatch: @escaping @Sendable () async throws -> [Change]?,
            finish: @escaping @Sendable () -> Void
        ) {
            self.nextBatch = nextBatch
            self.finish = finish
        }

        /// The next notice, or none when there will be no more.
        public mutating func next() async throws -> Change? {
            if Task.isCancelled {
                finish()
                return nil
            }
            if batch.isEmpty {
                let (nextBatch, finish) = (nextBatch, finish)
                let read = try await withTaskCancellationHandler(
                    operation: { try await nextBatch() },
                    onCancel: { finish() }
                )
                batch = ArraySlice(read ?? [])
            }
            return batch.popFirst()
        }
    }
}
