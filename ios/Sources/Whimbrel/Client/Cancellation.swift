import Foundation

/// Waits for work, and no longer than the caller wants to.
///
/// The native calls can't be cancelled: what has begun goes on to its end, so that no write is cut
/// in two. A cancelled caller gets its error at once and does not wait for that end.
///
/// - Throws: `CancellationError` when the task is cancelled; what the work throws.
func waitUnlessCancelled<Value: Sendable>(
    for work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try Task.checkCancellation()
    let outcome = Outcome<Value>()
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            outcome.awaited(by: continuation)
            Task {
                do {
                    outcome.settle(.success(try await work()))
                } catch {
                    outcome.settle(.failure(error))
                }
            }
        }
    } onCancel: {
        outcome.settle(.failure(CancellationError()))
    }
}

/// The first result that comes, handed to whoever waits for it.
private final class Outcome<Value: Sendable>: Sendable {
    private enum State {
        case nobodyWaits
        case waiting(CheckedContinuation<Value, any Error>)
        case early(Result<Value, any Error>)
        case over
    }

    private let state = Locked<State>(.nobodyWaits)

    func awaited(by continuation: CheckedContinuation<Value, any Error>) {
        let early: Result<Value, any Error>? = state.withLock { state in
            if case .early(let result) = state {
                state = .over
                return result
            }
            state = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(with: early) }
    }

    func settle(_ result: Result<Value, any Error>) {
        let waiting: CheckedContinuation<Value, any Error>? = state.withLock { state in
            switch state {
            case .nobodyWaits:
                state = .early(result)
                return nil
            case .waiting(let continuation):
                state = .over
                return continuation
            case .early, .over:
                return nil
            }
        }
        waiting?.resume(with: result)
    }
}
