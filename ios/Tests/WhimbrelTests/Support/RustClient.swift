import Foundation

/// The terminal client, which is in Rust, driven by JSON lines. See docs/CLI.md.
final class RustClient {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var read = Data()

    /// - Parameter folder: Where it keeps its data; made where it is missing.
    init(server: TestServer, folder: String) throws {
        process.executableURL = URL(fileURLWithPath: "\(server.programs)/whimbrel")
        process.arguments = [
            "--json", "--server", server.url, "--fingerprint", server.fingerprint,
            "--data", folder,
        ]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit {
        // The end of its input ends it.
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Has it do something, and gives the result of that. Waits on this thread.
    @discardableResult
    func call(_ command: String, _ fields: [String: Any] = [:]) throws -> Any {
        var line = fields
        line["cmd"] = command
        line["id"] = command
        var bytes = try JSONSerialization.data(withJSONObject: line)
        bytes.append(UInt8(ascii: "\n"))
        try input.fileHandleForWriting.write(contentsOf: bytes)
        while true {
            let answer = try JSONSerialization.jsonObject(with: try nextLine())
            guard let answer = answer as? [String: Any], answer["id"] as? String == command
            else { continue }
            guard answer["ok"] as? Bool == true else {
                throw Unexpected("\(command): \(answer["error"] ?? "no error")")
            }
            return answer["result"] ?? NSNull()
        }
    }

    /// The messages of a conversation that are texts: id and text, oldest first.
    func texts(in conversation: String) throws -> [[String]] {
        let page = try call("messages", ["conversation": conversation, "limit": 200])
        let rows = page as? [[String: Any]] ?? []
        return rows.filter { $0["kind"] as? String == "text" }.map { row in
            [row["id"] as? String ?? "", row["text"] as? String ?? ""]
        }
    }

    private func nextLine() throws -> Data {
        while true {
            if let end = read.firstIndex(of: UInt8(ascii: "\n")) {
                let line = read[read.startIndex..<end]
                read = Data(read[(end + 1)...])
                return line
            }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { throw Unexpected("the Rust client has ended") }
            read.append(more)
        }
    }
}
