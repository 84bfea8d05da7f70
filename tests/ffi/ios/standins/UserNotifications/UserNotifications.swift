// A stand-in for the part of UserNotifications that is used, written by hand from its
// documentation.

import Foundation

open class UNNotificationSound: NSObject {
    open class var `default`: UNNotificationSound { fatalError("a stand-in") }
}

open class UNNotificationContent: NSObject {
    open var userInfo: [AnyHashable: Any] { fatalError("a stand-in") }
}

open class UNMutableNotificationContent: UNNotificationContent {
    open var title = ""
    open var subtitle = ""
    open var body = ""
    open var threadIdentifier = ""
    open var sound: UNNotificationSound?

    override open var userInfo: [AnyHashable: Any] {
        get { fatalError("a stand-in") }
        set { fatalError("a stand-in") }
    }
}

open class UNNotificationRequest: NSObject {
    open var content: UNNotificationContent { fatalError("a stand-in") }
}

open class UNNotificationServiceExtension: NSObject {
    open func didReceive(
        _ request: UNNotificationRequest,
        withContentHandler contentHandler: @escaping (UNNotificationContent) -> Void
    ) { fatalError("a stand-in") }

    open func serviceExtensionTimeWillExpire() { fatalError("a stand-in") }
}
