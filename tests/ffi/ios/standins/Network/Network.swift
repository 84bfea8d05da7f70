// A stand-in for the part of Network that is used, written by hand from its documentation.

public struct NWPath: Sendable {
    public enum Status: Sendable { case satisfied, unsatisfied, requiresConnection }

    public let status: Status
}

public final class NWPathMonitor: AsyncSequence, Sendable {
    public typealias Element = NWPath

    public init() {}

    public struct Iterator: AsyncIteratorProtocol {
        public mutating func next() async -> NWPath? { fatalError("a stand-in") }
    }

    public func makeAsyncIterator() -> Iterator { Iterator() }
}
