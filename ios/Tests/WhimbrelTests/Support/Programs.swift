import Foundation

/// Runs a program to its end, and gives what it prints.
func output(of program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw Unexpected("\(program) has failed with \(process.terminationStatus)")
    }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
}

/// The program for a second process, which is built beside these tests.
func probe() throws -> String {
    let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let path = folder.appendingPathComponent("whimbrel-probe").path
    guard FileManager.default.isExecutableFile(atPath: path) else {
        throw Unexpected("there is no \(path)")
    }
    return path
}

extension TestServer {
    /// The payload of the push for what a conversation has after a number, in hexadecimal.
    func pushPayload(of conversation: String, after seq: Int64) throws -> String {
        try output(
            of: "\(programs)/push-payload",
            ["--server", folder, "--conversation", conversation, "--after", "\(seq)"])
    }
}

extension Data {
    /// The bytes of a text in hexadecimal.
    init?(hexadecimal: String) {
        self.init()
        var rest = Substring(hexadecimal)
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            append(byte)
            rest = rest.dropFirst(2)
        }
    }

    var hexadecimal: String {
        map { String(format: "%02x", $0) }.joined()
    }
}
