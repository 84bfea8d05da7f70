import Whimbrel

/// The error of a code, as the library makes it.
func fakeError(_ code: ErrorCode, _ reason: String) -> WhimbrelError {
    .Failed(
        code: code,
        reason: reason,
        isRetryable: [.rateLimited, .unavailable, .alreadyOpen].contains(code),
        remedy: remedy(of: code)
    )
}

private func remedy(of code: ErrorCode) -> Remedy {
    switch code {
    case .identityChanged, .untrustedDevice: .checkIdentity
    case .notSignedIn, .accessDenied: .signIn
    case .outboxFull, .unavailable: .wait
    case .rateLimited, .alreadyOpen, .paused, .shutDown: .tryAgain
    case .protocol, .updateNeeded: .updateApp
    case .diskFull: .freeSpace
    case .damaged, .rolledBack, .revoked: .reEnrol
    case .storage, .internal, .keyStore: .report
    default: .changeInput
    }
}

/// What the QR content of a link code begins with.
let linkQR = "link:"

/// What the library checks of arguments.
enum Check {
    static func id(_ text: String, _ what: String) throws {
        guard text.utf8.count == 32, text.allSatisfy(\.isHexDigit) else {
            throw fakeError(
                .invalidArgument, "this is no \(what) id: it must be 32 hexadecimal digits")
        }
    }

    /// A link code, as typed or scanned.
    static func code(_ text: String) throws -> String {
        let isQR = text.hasPrefix(linkQR)
        let code = (isQR ? String(text.dropFirst(linkQR.count)) : text).lowercased()
        guard code.utf8.count == 32, code.allSatisfy(\.isHexDigit) else {
            throw fakeError(.wrongCode, "this is no code")
        }
        return code
    }

    static func text(_ text: String) throws {
        if text.isEmpty { throw fakeError(.invalidArgument, "the text is empty") }
        if text.utf8.count > 16 * 1024 {
            throw fakeError(.tooLarge, "the text is over 16 KiB")
        }
    }

    static func limit(_ limit: Int) throws {
        if !(1...200).contains(limit) {
            throw fakeError(.invalidArgument, "limit must be 1 to 200")
        }
    }

    static func person(_ person: Person) throws {
        switch person {
        case .username(let name): try username(name)
        case .id(let user): try id(user, "user")
        }
    }

    static func username(_ name: String) throws {
        let allowed = "abcdefghijklmnopqrstuvwxyz0123456789._-"
        guard (3...32).contains(name.utf8.count), name.allSatisfy(allowed.contains) else {
            throw fakeError(.invalidArgument, "a user name has 3 to 32 of a-z, 0-9, . _ -")
        }
    }

    static func password(_ password: String) throws {
        if !(10...256).contains(password.utf8.count) {
            throw fakeError(.invalidArgument, "a password has 10 to 256 bytes")
        }
    }

    static func groupName(_ name: String) throws {
        if name.utf8.count > 256 { throw fakeError(.tooLarge, "the name is over 256 bytes") }
        // Marks that change the direction of text, and spaces without width.
        let marks: [ClosedRange<UInt32>] = [
            0x61C...0x61C, 0x200B...0x200B, 0x200E...0x200F, 0x2028...0x202E, 0x2060...0x2069,
            0xFEFF...0xFEFF,
        ]
        let isInvisible = { (scalar: Unicode.Scalar) in
            scalar.properties.generalCategory == .control
                || marks.contains { $0.contains(scalar.value) }
        }
        if name.unicodeScalars.contains(where: isInvisible) {
            throw fakeError(.invalidArgument, "the name has characters that are not to be seen")
        }
    }
}
