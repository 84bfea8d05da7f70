import Foundation
import Whimbrel

/// Notices that wait for one reader. Two equal ones that wait become one.
final class ChangeQueue: Sendable {
    private struct State {
        var waiting: [Change] = []
        var reader: CheckedContinuation<[Change]?, Never>?
        var isOver = false
    }

    private let state = Locked(State())

    func post(_ change: Change) {
        wake { state in
            if !state.waiting.contains(change) { state.waiting.append(change) }
        }
    }

    /// No more notices come; those that wait can still be read.
    func end() {
        wake { $0.isOver = true }
    }

    /// No more notices are wanted.
    func finish() {
        wake { state in
            state.waiting = []
            state.isOver = true
        }
    }

    /// Waits for notices; none when there will be no more, and for a reader that another one has
    /// taken the place of.
    func nextBatch() async -> [Change]? {
        await withCheckedContinuation { continuation in
            let before = state.withLock { state in
                defer { state.reader = continuation }
                return state.reader
            }
            before?.resume(returning: nil)
            wake { _ in }
        }
    }

    private func wake(_ change: (inout State) -> Void) {
        let woken: (CheckedContinuation<[Change]?, Never>, [Change]?)? = state.withLock { state in
            change(&state)
            guard let reader = state.reader, state.isOver || !state.waiting.isEmpty else {
                return nil
            }
            let batch = state.waiting
            state.reader = nil
            state.waiting = []
            return (reader, batch.isEmpty ? nil : batch)
        }
        if let (reader, batch) = woken { reader.resume(returning: batch) }
    }
}
