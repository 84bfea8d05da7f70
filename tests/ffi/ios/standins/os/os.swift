// A stand-in for the part of os that is used, written by hand from its documentation.

public struct OSLogPrivacy: Sendable {
    public static var `public`: OSLogPrivacy { OSLogPrivacy() }
}

public struct OSLogMessage: ExpressibleByStringInterpolation, Sendable {
    public struct StringInterpolation: StringInterpolationProtocol {
        public init(literalCapacity: Int, interpolationCount: Int) {}

        public mutating func appendLiteral(_ literal: String) {}

        public mutating func appendInterpolation(
            _ value: @autoclosure () -> String, privacy: OSLogPrivacy
        ) {}
    }

    public init(stringLiteral value: String) {}

    public init(stringInterpolation: StringInterpolation) {}
}

public struct Logger: Sendable {
    public init(subsystem: String, category: String) {}

    public func info(_ message: OSLogMessage) {}

    public func warning(_ message: OSLogMessage) {}

    public func error(_ message: OSLogMessage) {}
}
