#if canImport(Network)
    import Network

    extension ChatClient {
        /// Tells the client whether there is a network, as the system sees it, until the task is
        /// cancelled or the client is shut down. Run it while the app is in the foreground: a
        /// paused client takes no such news, and a new run begins with what is.
        public func followNetwork() async {
            for await path in NWPathMonitor() {
                do {
                    try await setNetwork(path.status == .satisfied ? .up : .down)
                } catch let error as WhimbrelError where error.code == .paused {
                    continue
                } catch {
                    return
                }
            }
        }
    }
#endif
