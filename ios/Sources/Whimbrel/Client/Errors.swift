import Foundation
import WhimbrelBindings

extension WhimbrelError {
    /// What went wrong, for programs. New codes may be added by later releases.
    public var code: ErrorCode {
        switch self { case .Failed(let code, _, _, _): code }
    }

    /// What went wrong, for developers: not to be shown to users. Holds no content, key or token.
    public var reason: String {
        switch self { case .Failed(_, let reason, _, _): reason }
    }

    /// Whether the same call may succeed later without anybody changing anything.
    public var isRetryable: Bool {
        switch self { case .Failed(_, _, let isRetryable, _): isRetryable }
    }

    /// What can be done about it.
    public var remedy: Remedy {
        switch self { case .Failed(_, _, _, let remedy): remedy }
    }
}

extension WhimbrelError: LocalizedError {
    /// A sentence to show, in English. Translate by ``code`` where the app speaks other languages.
    public var errorDescription: String? { code.text }

    /// ``reason``, for reports.
    public var failureReason: String? { reason }

    /// What the user can do, in English.
    public var recoverySuggestion: String? { remedy.text }
}

extension ErrorCode {
    /// The stable name, such as `not_found`: the same in every language and release.
    public var name: String {
        // It fails where the library has a defect.
        (try? errorName(code: self)) ?? "internal"
    }

    /// Every code, in a fixed order: for tables of texts.
    public static var all: [ErrorCode] {
        (try? errorCodes()) ?? []
    }

    fileprivate var text: String {
        switch self {
        case .invalidArgument: "This is not possible."
        case .notFound: "This is no longer there."
        case .noSuchUser: "There is no user of this name."
        case .wrongState: "This can't be done now."
        case .notSignedIn: "You are not signed in."
        case .accessDenied: "Name or password is wrong, or the session has ended."
        case .usernameTaken: "This name is taken."
        case .notAllowed: "You are not allowed to do this."
        case .notMember: "This user is not in the conversation."
        case .lastOwner: "Make somebody else an owner first."
        case .identityChanged: "The safety number of a member has changed."
        case .untrustedDevice: "A device could not be verified."
        case .revoked: "This device was removed from the account."
        case .tooManyDevices: "The account has as many devices as it can have."
        case .wrongCode: "The code is wrong."
        case .codeExpired: "The code is no longer good."
        case .codeUsed: "The code was used already."
        case .tooLarge: "This is too large."
        case .outboxFull: "Too many messages are waiting to be sent."
        case .rateLimited: "That was too often."
        case .unavailable: "The server can't be reached."
        case .untrustedServer: "The server could not be verified."
        case .protocol: "The server's answer could not be understood."
        case .updateNeeded: "The app must be updated."
        case .diskFull: "There is no space left on this device."
        case .wrongKey: "The data on this device can't be unlocked."
        case .damaged: "The data on this device is damaged."
        case .alreadyOpen: "The data is in use already."
        case .rolledBack: "The data on this device is an old copy."
        case .storage: "The data on this device can't be read or written."
        case .paused: "The app is paused."
        case .shutDown: "The app is closing."
        case .internal: "Something went wrong."
        case .keyStore: "The key on this device can't be read or kept."
        }
    }
}

extension Remedy {
    fileprivate var text: String {
        switch self {
        case .wait: "It is tried again by itself."
        case .tryAgain: "Try again later."
        case .changeInput: "Change what you have entered."
        case .checkIdentity: "Compare safety numbers, then accept the new one."
        case .signIn: "Sign in."
        case .updateApp: "Update the app."
        case .freeSpace: "Free some space."
        case .reEnrol: "Set this device up again."
        case .report: "Report it to the makers of this app."
        }
    }
}

/// Does something in the library, which throws ``WhimbrelError`` and nothing else.
func typed<Value>(_ work: () throws -> Value) throws -> Value {
    do {
        return try work()
    } catch {
        throw asWhimbrelError(error)
    }
}

/// Does something in the library, which throws ``WhimbrelError`` and nothing else.
func typed<Value: Sendable>(
    _ work: @Sendable () async throws -> Value
) async throws -> Value {
    do {
        return try await work()
    } catch {
        throw asWhimbrelError(error)
    }
}

/// What the generated code throws by itself, such as for bytes that it can't read, is a defect.
private func asWhimbrelError(_ error: any Error) -> WhimbrelError {
    if let error = error as? WhimbrelError { return error }
    return .Failed(
        code: .internal,
        reason: "the language border failed: \(type(of: error))",
        isRetryable: false,
        remedy: .report
    )
}
