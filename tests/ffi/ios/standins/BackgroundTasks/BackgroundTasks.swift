// A stand-in for the part of BackgroundTasks that is used, written by hand from its documentation.

import Foundation

open class BGTask {
    open var expirationHandler: (() -> Void)?

    open func setTaskCompleted(success: Bool) { fatalError("a stand-in") }
}

open class BGTaskRequest {
    open var earliestBeginDate: Date?
}

open class BGAppRefreshTaskRequest: BGTaskRequest {
    public init(identifier: String) { fatalError("a stand-in") }
}

public final class BGTaskScheduler: Sendable {
    public static var shared: BGTaskScheduler { fatalError("a stand-in") }

    public func register(
        forTaskWithIdentifier identifier: String, using queue: DispatchQueue?,
        launchHandler: @escaping @Sendable (BGTask) -> Void
    ) -> Bool { fatalError("a stand-in") }

    public func submit(_ request: BGTaskRequest) throws { fatalError("a stand-in") }
}

extension ProcessInfo {
    public func performExpiringActivity(
        withReason reason: String, using block: @escaping @Sendable (Bool) -> Void
    ) { fatalError("a stand-in") }
}

// What Foundation has on iOS, and on Linux has not.

extension FileManager {
    public func containerURL(forSecurityApplicationGroupIdentifier groupIdentifier: String) -> URL?
    { fatalError("a stand-in") }
}

extension URL {
    public static var applicationSupportDirectory: URL { fatalError("a stand-in") }
}
