#if canImport(UserNotifications) && os(iOS)
    import Foundation
    import UserNotifications
    import Whimbrel

    /// A notification service extension that decrypts what a push brings, to show it. It reads the
    /// app's database, writes nothing and uses no network; the app receives the message all the
    /// same.
    ///
    /// ```swift
    /// final class NotificationService: ChatNotificationService {
    ///     override var dataFolder: URL? { sharedFolder }
    ///     override var keyStore: (any KeyStore)? { sharedKeyStore }
    /// }
    /// ```
    ///
    /// The push must have `"mutable-content": 1` and an alert with a text for the cases in which
    /// nothing better can be shown, such as before the first unlock.
    open class ChatNotificationService: UNNotificationServiceExtension {
        private let pending = Pending()

        /// The client's data folder, in the container of the app group; none where there is none.
        open var dataFolder: URL? { nil }

        /// The key store of the app, in the Keychain access group that both share; none where there
        /// is none.
        open var keyStore: (any KeyStore)? { nil }

        /// The bytes that the server has put into the push: by default those of the key `whimbrel`,
        /// in Base64.
        open func payload(of content: UNNotificationContent) -> Data? {
            (content.userInfo["whimbrel"] as? String).flatMap { Data(base64Encoded: $0) }
        }

        /// What is shown of a message: by default the author's name, the group's name and the text.
        open func show(_ preview: MessagePreview, in content: UNMutableNotificationContent) {
            content.title = preview.senderName
            if preview.conversationName != preview.senderName {
                content.subtitle = preview.conversationName
            }
            content.body = preview.text
            content.threadIdentifier = preview.conversation
            content.userInfo["conversation"] = preview.conversation
            content.sound = .default
        }

        /// What is shown where there is something new in a conversation that can't be shown: by
        /// default the push's own text.
        open func showGeneric(_ conversation: String, in content: UNMutableNotificationContent) {
            content.threadIdentifier = conversation
            content.userInfo["conversation"] = conversation
        }

        /// What is shown where the push turns out to be nothing to tell of: an empty notification,
        /// which the system shows silently where the app has the entitlement to filter them.
        open func showNothing(in content: UNMutableNotificationContent) {
            content.title = ""
            content.body = ""
            content.sound = nil
        }

        override open func didReceive(
            _ request: UNNotificationRequest,
            withContentHandler contentHandler: @escaping (UNNotificationContent) -> Void
        ) {
            pending.begin(request.content, contentHandler)
            guard let payload = payload(of: request.content), let dataFolder, let keyStore else {
                return pending.deliver { _ in }
            }
            let (folder, keys) = (dataFolder.path, keyStore)
            let service = Unchecked(self)
            Task {
                // Where it can't be opened, the push's own text is shown.
                let opened = try? await PushNotification.open(
                    payload: payload, dataFolder: folder, keyStore: keys)
                service.value.deliver(opened)
            }
        }

        /// The system's time is over: the push's own text is shown.
        override open func serviceExtensionTimeWillExpire() {
            pending.deliver { _ in }
        }

        private func deliver(_ opened: PushNotification?) {
            pending.deliver { content in
                switch opened {
                case .show(let preview): show(preview, in: content)
                case .generic(let conversation): showGeneric(conversation, in: content)
                case .silent: showNothing(in: content)
                case nil: break
                }
            }
        }
    }

    /// A notification that is to be shown once, by whoever comes first.
    private final class Pending: Sendable {
        private typealias Handler = (UNNotificationContent) -> Void
        private let waiting = Locked<(UNNotificationContent, Handler)?>(nil)

        func begin(
            _ content: UNNotificationContent,
            _ handler: @escaping (UNNotificationContent) -> Void
        ) {
            waiting.withLock { $0 = (content, handler) }
        }

        func deliver(_ change: (UNMutableNotificationContent) -> Void) {
            let taken = waiting.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }
            guard let (content, handler) = taken else { return }
            guard let changed = content.mutableCopy() as? UNMutableNotificationContent else {
                return handler(content)
            }
            change(changed)
            handler(changed)
        }
    }

    /// The system calls a service from one place at a time; what is shared is in ``Pending``.
    private struct Unchecked<Value>: @unchecked Sendable {
        let value: Value

        init(_ value: Value) {
            self.value = value
        }
    }
#endif
