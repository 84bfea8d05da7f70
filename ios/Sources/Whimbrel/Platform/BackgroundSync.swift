#if os(iOS) && canImport(BackgroundTasks)
    import BackgroundTasks
    import Foundation

    /// Fetches and sends in the moments that the system grants to an app in the background.
    ///
    /// Name the identifier in `BGTaskSchedulerPermittedIdentifiers` of the app's Info.plist, call
    /// ``register(_:client:)`` before the app has finished launching, and ``schedule(_:after:)``
    /// whenever it goes to the background.
    public enum BackgroundSync {
        /// What is asked of the client: a task may take half a minute, and closing takes some of it.
        private static let budget: Duration = .seconds(20)

        /// Has the system run a sync under an identifier.
        ///
        /// - Parameter client: Gives the client that is open, or opens one and pauses it: a sync
        ///   closes the database again behind a client that was paused before.
        /// - Returns: Whether the identifier is one that the app has named.
        @discardableResult
        public static func register(
            _ identifier: String, client: @escaping @Sendable () async throws -> any ChatClient
        ) -> Bool {
            BGTaskScheduler.shared.register(forTaskWithIdentifier: identifier, using: nil) { task in
                let granted = Granted(task)
                let syncing = Task {
                    let outcome = try? await client().syncOnce(budget: budget)
                    granted.complete(success: outcome == .complete)
                }
                task.expirationHandler = {
                    syncing.cancel()
                    Task {
                        // What is suspended with a database open and locked is killed.
                        try? await client().pause()
                        granted.complete(success: false)
                    }
                }
            }
        }

        /// Asks for a sync, not before some time has passed.
        ///
        /// - Throws: What `BGTaskScheduler` does, such as where the user has switched it off.
        public static func schedule(_ identifier: String, after delay: Duration) throws {
            let request = BGAppRefreshTaskRequest(identifier: identifier)
            let seconds = Double(delay.components.seconds)
            request.earliestBeginDate = Date(timeIntervalSinceNow: seconds)
            try BGTaskScheduler.shared.submit(request)
        }

        /// A task of the system, which may be completed once.
        private final class Granted: @unchecked Sendable {
            private let task: Locked<BGTask?>

            init(_ task: BGTask) {
                self.task = Locked(task)
            }

            func complete(success: Bool) {
                let task = task.withLock { task in
                    defer { task = nil }
                    return task
                }
                task?.setTaskCompleted(success: success)
            }
        }
    }
#endif
