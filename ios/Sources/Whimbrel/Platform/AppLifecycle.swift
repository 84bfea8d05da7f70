#if os(iOS)
    import Foundation

    /// Pauses a client when the app goes to the background, and resumes it when it comes back. iOS
    /// ends apps that hold a lock on a file of an app group while they are suspended.
    ///
    /// ```swift
    /// .onChange(of: scenePhase, initial: true) { _, phase in
    ///     lifecycle.move(toForeground: phase != .background)
    /// }
    /// ```
    @MainActor
    public final class AppLifecycle {
        private let client: any ChatClient
        private var network: Task<Void, Never>?
        /// The moves so far, one after the other.
        private var moves: Task<Void, Never>?

        public init(client: any ChatClient) {
            self.client = client
        }

        /// Tells where the app is. Returns at once; moves are carried out in their order.
        public func move(toForeground isForeground: Bool) {
            let (client, before) = (client, moves)
            network?.cancel()
            network = nil
            if isForeground {
                let resumed = Task {
                    await before?.value
                    // A client that can't resume says why in each call.
                    try? await client.resume()
                }
                moves = resumed
                network = Task {
                    await resumed.value
                    await client.followNetwork()
                }
            } else {
                let isPaused = Self.askForTime()
                moves = Task {
                    await before?.value
                    // It is closed also where that fails.
                    try? await client.pause()
                    isPaused.signal()
                }
            }
        }

        /// Keeps the system from suspending the process before this is signalled. Asked at once:
        /// later it may be too late.
        private static func askForTime() -> DispatchSemaphore {
            let isPaused = DispatchSemaphore(value: 0)
            // Unlike UIApplication, this can be used in extensions, too.
            ProcessInfo.processInfo.performExpiringActivity(withReason: "closing the database") {
                hasExpired in
                if !hasExpired { isPaused.wait() }
            }
            return isPaused
        }
    }
#endif
