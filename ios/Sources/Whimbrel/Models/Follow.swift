/// Reads at first and at every change, until the task is cancelled or the client is shut down.
///
/// A paused client can't be read, and a conversation may not be there yet: both come with a
/// change later on, so they are no failures.
///
/// - Parameters:
///   - report: Takes why it could not be read, and nothing once it can be.
///   - reload: Reads; the first time without a change.
@MainActor
func follow(
    _ client: any ChatClient,
    report: @MainActor (WhimbrelError?) -> Void,
    reload: @MainActor (Change?) async throws -> Void
) async {
    do {
        let changes = try client.changes()
        try await read(report) { try await reload(nil) }
        for try await change in changes {
            try await read(report) { try await reload(change) }
        }
    } catch let error as WhimbrelError where error.code != .shutDown {
        report(error)
    } catch {
        // The task is cancelled or the client is shut down: what was read stays.
    }
}

@MainActor
private func read(
    _ report: @MainActor (WhimbrelError?) -> Void, _ reload: @MainActor () async throws -> Void
) async throws {
    do {
        try await reload()
        report(nil)
    } catch let error as WhimbrelError {
        switch error.code {
        case .paused, .notFound: break
        case .shutDown: throw error
        default: report(error)
        }
    }
}
