#if canImport(os)
    import os

    /// Writes the lines of a client's log to the log of the system. They hold no content, name, key
    /// or token.
    public final class SystemLog: LogSink {
        private let logger: Logger

        /// - Parameter subsystem: Names the app, such as its bundle identifier.
        public init(subsystem: String) {
            logger = Logger(subsystem: subsystem, category: "whimbrel")
        }

        public func log(line: LogRecord) throws {
            switch line.level {
            case .info: logger.info("\(line.text, privacy: .public)")
            case .warning: logger.warning("\(line.text, privacy: .public)")
            case .error: logger.error("\(line.text, privacy: .public)")
            }
        }
    }
#endif
