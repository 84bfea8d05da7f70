import Foundation
import Whimbrel

/// What the app and its notification extension share. Change the names to your own, and name the
/// group in the entitlements of both targets.
enum Shared {
    static let name = "org.example.chat"
    static let group = "group.org.example.chat"
    /// As `whimbrel-server` prints them. On a device, not in the simulator, this must be an address
    /// that the device can reach.
    static let server = "https://127.0.0.1:8443"
    static let fingerprint: String? = nil

    static var dataFolder: URL {
        let manager = FileManager.default
        let container =
            manager.containerURL(forSecurityApplicationGroupIdentifier: group)
            ?? URL.applicationSupportDirectory
        return container.appending(path: "whimbrel")
    }

    static let keyStore = KeychainKeyStore(service: name, accessGroup: group)
}
