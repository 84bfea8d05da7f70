// A second process for the tests: opens the payload of a push beside a running client, as a
// notification service extension does, and prints what is to be shown.
//
// Arguments: the data folder, the key and the payload, both in hexadecimal.

import Foundation
import Whimbrel

struct Usage: Error {}

/// A key store that has one key.
final class OneKey: KeyStore {
    private let key: Data

    init(_ key: Data) {
        self.key = key
    }

    func loadKey() throws -> Data? { key }

    func storeKey(key: Data) throws {
        throw PlatformError.Failed(reason: "this key store keeps nothing")
    }
}

func bytes(_ hexadecimal: String) throws -> Data {
    var data = Data()
    var rest = Substring(hexadecimal)
    while !rest.isEmpty {
        guard let byte = UInt8(rest.prefix(2), radix: 16) else { throw Usage() }
        data.append(byte)
        rest = rest.dropFirst(2)
    }
    return data
}

let arguments = CommandLine.arguments
guard arguments.count == 4 else { throw Usage() }
let notification = try await PushNotification.open(
    payload: try bytes(arguments[3]),
    dataFolder: arguments[1],
    keyStore: OneKey(try bytes(arguments[2]))
)
switch notification {
case .show(let preview): print("show", preview.senderName, preview.text, separator: "\t")
case .generic: print("generic")
case .silent: print("silent")
}
