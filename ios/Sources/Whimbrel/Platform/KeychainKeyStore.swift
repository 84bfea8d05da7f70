#if canImport(Security)
    import Foundation
    import Security

    /// Keeps the key of a database in the Keychain, on this device only and readable from the first
    /// unlock after a start on, so that pushes can be shown while the device is locked.
    ///
    /// An app with a notification service extension gives both the same access group.
    public final class KeychainKeyStore: KeyStore {
        private let service: String
        private let account: String
        private let accessGroup: String?

        /// - Parameters:
        ///   - service: Names the app's entry, such as its bundle identifier.
        ///   - account: Tells the entries of several data folders apart.
        ///   - accessGroup: A Keychain access group that app and extension share; none for the
        ///     app's own.
        public init(service: String, account: String = "database", accessGroup: String? = nil) {
            self.service = service
            self.account = account
            self.accessGroup = accessGroup
        }

        public func loadKey() throws -> Data? {
            var query = entry
            query[kSecReturnData] = true
            query[kSecMatchLimit] = kSecMatchLimitOne
            var result: CFTypeRef?
            let status = SecItemCopyMatching(query as CFDictionary, &result)
            switch status {
            case errSecSuccess:
                return result as? Data
            case errSecItemNotFound:
                return nil
            default:
                // There may be one: before the first unlock it can't be read.
                throw Self.failure("read", status)
            }
        }

        public func storeKey(key: Data) throws {
            var query = entry
            query[kSecValueData] = key
            query[kSecAttrAccessible] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
            // A key that is there already may be the one of a database: it is never replaced.
            let status = SecItemAdd(query as CFDictionary, nil)
            guard status == errSecSuccess else { throw Self.failure("kept", status) }
        }

        private var entry: [CFString: Any] {
            var entry: [CFString: Any] = [
                kSecClass: kSecClassGenericPassword,
                kSecAttrService: service,
                kSecAttrAccount: account,
                kSecAttrSynchronizable: false,
                kSecUseDataProtectionKeychain: true,
            ]
            if let accessGroup { entry[kSecAttrAccessGroup] = accessGroup }
            return entry
        }

        private static func failure(_ what: String, _ status: OSStatus) -> PlatformError {
            .Failed(reason: "the Keychain entry could not be \(what): status \(status)")
        }
    }
#endif
