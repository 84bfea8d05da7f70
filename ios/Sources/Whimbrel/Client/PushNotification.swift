import Foundation
import WhimbrelBindings

/// What to show for a push.
public enum PushNotification: Equatable, Hashable, Sendable {
    /// A message.
    case show(MessagePreview)
    /// That there is something new in a conversation, given by its id. What it is shows when the
    /// app has caught up.
    case generic(conversation: String)
    /// Nothing: it is known already, of this user's own, or nothing to be told of.
    case silent

    /// What to show for the payload of a push, read from the data folder without a client, beside
    /// one in this process or in another: for a notification service extension.
    ///
    /// Writes nothing, acknowledges nothing and uses no network; the client receives the message
    /// all the same when it catches up. Where nobody is registered, or the key store has no key,
    /// it is `silent`.
    ///
    /// - Parameters:
    ///   - payload: The bytes that the server has put into the push.
    ///   - dataFolder: Path of the client's data folder.
    ///   - keyStore: Keeps the key of the database.
    /// - Throws: ``WhimbrelError`` with `protocol` for bytes that are no payload of this protocol;
    ///   `invalidArgument` for a folder that is none; `keyStore`; `wrongKey`; `damaged`; `storage`.
    public static func open(
        payload: Data, dataFolder: String, keyStore: any KeyStore
    ) async throws -> PushNotification {
        try await waitUnlessCancelled {
            try await typed {
                let notification = try await openNotification(
                    dataFolder: dataFolder, keyStore: keyStore, payload: payload)
                return PushNotification(notification)
            }
        }
    }

    private init(_ native: WhimbrelBindings.Notification) {
        switch native {
        case .show(let preview): self = .show(preview)
        case .generic(let conversation): self = .generic(conversation: conversation)
        case .silent: self = .silent
        }
    }
}
