import Foundation
import Whimbrel

// The session, devices and people of a fake.

extension FakeWhimbrel {
    @discardableResult
    public func register(username: String, password: String) async throws -> Account {
        try Check.username(username)
        try Check.password(password)
        return try await call { state, device in
            try Self.mustBeNew(device)
            if state.users[username] != nil {
                throw fakeError(.usernameTaken, "the name is taken")
            }
            let user = FakeUser(
                id: newId(), username: username, password: password, recoveryCode: newId())
            state.users[username] = user
            return Self.enter(user, &device)
        }
    }

    @discardableResult
    public func signIn(username: String, password: String) async throws -> Account {
        try await call { state, device in
            guard let account = device.account, account.username == username else {
                throw fakeError(.wrongState, "nobody of this name is registered here")
            }
            guard state.users[username]?.password == password else {
                throw fakeError(.accessDenied, "name or password is wrong")
            }
            return account
        }
    }

    @discardableResult
    public func recover(username: String, password: String, code: String?) async throws -> Account {
        try await call { state, device in
            try Self.mustBeNew(device)
            guard let user = state.users[username], user.password == password else {
                throw fakeError(.accessDenied, "name or password is wrong")
            }
            if let code, code != user.recoveryCode {
                throw fakeError(.wrongCode, "this is not the user's recovery code")
            }
            for id in state.devices.keys where state.devices[id]?.user == user.id {
                state.devices[id]?.account = nil
                state.devices[id]?.post(.account)
            }
            return Self.enter(user, &device)
        }
    }

    /// A fake has no database that could be an old copy.
    @discardableResult
    public func reEnrol(password: String) async throws -> Account {
        try await call { _, _ in
            throw fakeError(.wrongState, "the database is no old copy")
        }
    }

    public func signOut(_ how: SignOut) async throws {
        try await signedIn { _, device, _ in
            if how == .whenTold && device.network == .down {
                throw fakeError(.unavailable, "the server could not be told")
            }
            device.account = nil
            device.isShutDown = true
            for queue in device.queues { queue.end() }
            device.queues = []
        }
    }

    private static func mustBeNew(_ device: FakeDevice) throws {
        if device.account != nil {
            throw fakeError(.wrongState, "somebody is registered here")
        }
        if device.network == .down { throw fakeError(.unavailable, "there is no network") }
    }

    private static func enter(_ user: FakeUser, _ device: inout FakeDevice) -> Account {
        let account = Account(user: user.id, username: user.username, device: device.id)
        device.account = account
        device.post(.account, .connection)
        return account
    }
}

// MARK: Devices

extension FakeWhimbrel {
    public func devices() async throws -> DeviceList {
        try await signedIn { state, device, user in
            let own = state.devices.values.filter { $0.user == user }.map(\.id).sorted()
            return DeviceList(
                version: Int64(own.count), conflict: false,
                devices: own.map { id in
                    Device(
                        id: id, isThisOne: id == device.id, state: .listed, conversationsLeft: 0)
                })
        }
    }

    public func revokeDevice(_ revoked: String) async throws {
        try Check.id(revoked, "device")
        try await signedIn { state, device, user in
            guard state.devices[revoked]?.user == user else {
                throw fakeError(.notFound, "this is no device of the user")
            }
            if revoked == device.id {
                throw fakeError(.wrongState, "this is the device in use")
            }
            state.devices[revoked]?.account = nil
            state.devices[revoked]?.post(.account, .connection)
            device.post(.account)
        }
    }

    public func recoveryCode() async throws -> String? {
        try await signedIn { state, device, _ in
            guard device.link == nil, let name = device.account?.username else { return nil }
            return state.users[name]?.recoveryCode
        }
    }

    public func linkStart() async throws -> LinkTicket {
        try await call { _, device in
            if device.account != nil {
                throw fakeError(.wrongState, "somebody is registered here")
            }
            if device.network == .down { throw fakeError(.unavailable, "there is no network") }
            let digits = String(format: "%012d", Int64.random(in: 0..<1_000_000_000_000))
            let link = FakeLink(
                code: newId(), fingerprint: digits, expiresMs: nowMs() + 5 * 60 * 1000)
            device.link = link
            return LinkTicket(
                code: link.code, qr: link.code, fingerprint: digits, expiresMs: link.expiresMs)
        }
    }

    @discardableResult
    public func linkWait() async throws -> Account {
        while true {
            let account: Account? = try await call { _, device in
                if let account = device.account { return account }
                guard let link = device.link else {
                    throw fakeError(.wrongState, "no link was begun")
                }
                switch link.state {
                case .open where link.expiresMs > nowMs():
                    return nil
                case .open, .refused:
                    throw fakeError(.codeExpired, "the code is no longer good")
                case .approved(let user, let username):
                    let account = Account(user: user, username: username, device: device.id)
                    device.account = account
                    device.post(.account, .connection)
                    return account
                }
            }
            if let account { return account }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    public func linkCancel() async throws {
        try await call { _, device in device.link = nil }
    }

    public func linkInspect(code: String) async throws -> LinkRequest {
        try await signedIn { state, _, _ in
            let (device, link) = try Self.open(code, in: state)
            return LinkRequest(
                device: device, fingerprint: link.fingerprint, expiresMs: link.expiresMs)
        }
    }

    @discardableResult
    public func linkApprove(code: String) async throws -> String {
        try await signedIn { state, own, user in
            let (device, _) = try Self.open(code, in: state)
            let username = own.account?.username ?? ""
            state.devices[device]?.link?.state = .approved(user: user, username: username)
            own.post(.account)
            return device
        }
    }

    public func linkRefuse(code: String) async throws {
        try await signedIn { state, _, _ in
            let (device, _) = try Self.open(code, in: state)
            state.devices[device]?.link?.state = .refused
        }
    }

    /// The device that shows a code that is good.
    private static func open(_ code: String, in state: FakeState) throws -> (String, FakeLink) {
        for device in state.devices.values {
            guard let link = device.link, link.code == code else { continue }
            guard case .open = link.state, link.expiresMs > nowMs() else {
                throw fakeError(.codeExpired, "the code is no longer good")
            }
            return (device.id, link)
        }
        throw fakeError(.wrongCode, "no device shows this code")
    }
}

// MARK: People

extension FakeWhimbrel {
    public func contact(_ user: String) async throws -> Contact {
        try Check.id(user, "user")
        return try await signedIn { state, device, own in
            if user == own { throw fakeError(.notFound, "this is the user's own id") }
            let username = try Self.met(user, by: device, own, in: state)
            let number = Self.safetyNumber(of: own, user)
            return Contact(
                user: user, username: username, verified: device.verified.contains(user),
                identityChange: nil, conflict: false, safetyNumber: number,
                safetyQr: "fake-safety-number:\(number)")
        }
    }

    public func matchesSafetyQR(of user: String, scanned: String) async throws -> Bool {
        let contact = try await contact(user)
        guard scanned.hasPrefix("fake-safety-number:") else {
            throw fakeError(.wrongCode, "the picture shows no safety number")
        }
        return contact.safetyQr == scanned
    }

    public func setVerified(_ user: String, _ verified: Bool) async throws {
        try Check.id(user, "user")
        try await signedIn { state, device, own in
            _ = try Self.met(user, by: device, own, in: state)
            if verified { device.verified.insert(user) } else { device.verified.remove(user) }
            device.post(.contact(user: user))
        }
    }

    public func acceptIdentity(of user: String) async throws {
        try Check.id(user, "user")
        try await signedIn { state, device, own in
            _ = try Self.met(user, by: device, own, in: state)
        }
    }

    /// The name of somebody who was met.
    private static func met(
        _ user: String, by device: FakeDevice, _ own: String, in state: FakeState
    ) throws -> String {
        if user == own { throw fakeError(.invalidArgument, "this is the user's own id") }
        let isMet = device.seen.keys.contains { conversation in
            state.logs[conversation].map { state.view($0, on: device).roles[user] != nil } ?? false
        }
        guard isMet, let username = state.username(of: user) else {
            throw fakeError(.notFound, "this user was never met")
        }
        return username
    }

    /// Twelve groups of five digits, the same for both.
    private static func safetyNumber(of one: String, _ other: String) -> String {
        var seed: UInt64 = 14_695_981_039_346_656_037
        for byte in [one, other].sorted().joined().utf8 {
            seed = (seed ^ UInt64(byte)) &* 1_099_511_628_211
        }
        return (0..<12).map { _ in
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return String(format: "%05d", Int(seed >> 40) % 100_000)
        }.joined(separator: " ")
    }
}
