import Foundation
import Whimbrel
import WhimbrelNotifications

/// The principal class of the extension target, which also compiles the app's `Shared.swift`.
final class NotificationService: ChatNotificationService {
    override var dataFolder: URL? { Shared.dataFolder }
    override var keyStore: (any KeyStore)? { Shared.keyStore }
}
