import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A listener on this machine that answers everybody with bytes of no protocol.
final class Gibberish: Sendable {
    let port: UInt16
    private let listener: Int32

    init() throws {
        // Who has hung up must not end this process.
        signal(SIGPIPE, SIG_IGN)
        #if canImport(Glibc)
            listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            listener = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (listener, length) = (listener, size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) != 0 || listen(listener, 8) != 0
                    || getsockname(listener, address, &size) != 0
            }
        }
        guard !failed else { throw Unexpected("can't listen: \(errno)") }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { Self.answer(listener) }
    }

    /// Ends the listener, and with it its thread.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static func answer(_ listener: Int32) {
        let bytes = Array("GIBBERISH 1.0 what?\r\n\r\n".utf8)
        while true {
            let connection = accept(listener, nil, nil)
            if connection < 0 { return }
            _ = write(connection, bytes, bytes.count)
            close(connection)
        }
    }
}
