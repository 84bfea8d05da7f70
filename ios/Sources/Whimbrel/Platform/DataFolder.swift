import Foundation

extension ClientOptions {
    /// Options for a folder on this device: makes it, keeps it out of backups, and on iOS has it
    /// readable from the first unlock on.
    ///
    /// An old copy of the database can't send any more; so it must not come back from a backup.
    ///
    /// - Parameters:
    ///   - folder: The client's own folder; in the container of an app group where an extension
    ///     shows notifications.
    ///   - server: `https://host` or `https://host:port`.
    ///   - pinnedFingerprint: SHA-256 of the server's certificate, 64 hexadecimal digits; none for
    ///     a certificate of a public authority.
    /// - Throws: What `FileManager` does where the folder can't be made.
    public static func keptOutOfBackups(
        folder: URL, server: String, pinnedFingerprint: String? = nil
    ) throws -> ClientOptions {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #if canImport(Darwin)
            var folder = folder
            var values = URLResourceValues()
            values.isExcludedFromBackup = true
            try folder.setResourceValues(values)
        #endif
        #if os(iOS)
            let protection = FileProtectionType.completeUntilFirstUserAuthentication
            try FileManager.default.setAttributes(
                [.protectionKey: protection], ofItemAtPath: folder.path)
        #endif
        return ClientOptions(
            dataFolder: folder.path, server: server, pinnedFingerprint: pinnedFingerprint)
    }
}
