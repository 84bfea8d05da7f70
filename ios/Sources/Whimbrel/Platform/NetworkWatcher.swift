#if canImport(Network)
    import Network

    extension ChatClient {
        /// Tells the client whether there is a network, as the system sees it, until the task is
        /// cancelled or the client is shut down. Begins with what is.
        public func followNetwork() async {
            for await path in NWPathMonitor() {
                do {
                    try await setNetwork(path.status == .satisfied ? .up : .down)
                } catch {
                    return
                }
            }
        }
    }
#endif
