import Foundation

/// The server that these tests talk to, as `cargo xtask ffi` has started it.
struct TestServer {
    /// Where it listens: `https://host:port`.
    let url: String
    /// The fingerprint of its certificate.
    let fingerprint: String
    /// Its data folder.
    let folder: String
    /// The folder with the programs of the repository.
    let programs: String

    /// - Throws: Where the environment does not name one.
    static func fromEnvironment() throws -> TestServer {
        let environment = ProcessInfo.processInfo.environment
        func value(_ name: String) throws -> String {
            guard let value = environment[name] else { throw Missing(name: name) }
            return value
        }
        return TestServer(
            url: try value("WHIMBREL_TEST_SERVER"),
            fingerprint: try value("WHIMBREL_TEST_FINGERPRINT"),
            folder: try value("WHIMBREL_TEST_SERVER_FOLDER"),
            programs: try value("WHIMBREL_TEST_PROGRAMS")
        )
    }

    private struct Missing: Error, CustomStringConvertible {
        let name: String
        var description: String {
            "\(name) is not set: run these tests by `cargo xtask ffi`, which starts a server"
        }
    }
}
