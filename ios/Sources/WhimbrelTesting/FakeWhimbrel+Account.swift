import Foundation
import Whimbrel

// The session, devices and people of a fake.

extension FakeWhimbrel {
    @discardableResult
    public func register(username: String, password: String) async throws -> Account {
        try Check.username(username)
        try Check.password(password)
        return try await call { state, device in
            try Self.mustBeNew(device, state)
            if state.users[username] != nil {
                throw fakeError(.usernameTaken, "the name is taken")
            }
            state.users[username] = FakeUser(
                id: newId(), username: username, password: password, recoveryCode: newId())
            device.knowsRecoveryCode = true
            return try Self.enter(username, &state, &device)
        }
    }

    @discardableResult
    public func signIn(username: String, password: String) async throws -> Account {
        try await call { state, device in
            guard let account = device.account, account.username == username else {
                throw fakeError(.wrongState, "nobody of this name is registered here")
            }
            try Self.mustReach(state)
            guard state.users[username]?.password == password else {
                throw fakeError(.accessDenied, "name or password is wrong")
            }
            device.post(.account)
            return account
        }
    }

    @discardableResult
    public func recover(username: String, password: String, code: String?) async throws -> Account {
        try await call { state, device in
            try Self.mustBeNew(device, state)
            guard let user = state.users[username], user.password == password else {
                throw fakeError(.accessDenied, "name or password is wrong")
            }
            if let code, code != user.recoveryCode {
                throw fakeError(.wrongCode, "this is not the user's recovery code")
            }
            for id in user.listed {
                state.users[username]?.revoke(id)
                state.devices[id]?.post(.account, .connection)
            }
            device.knowsRecoveryCode = true
            let account = try Self.enter(username, &state, &device)
            state.joinAt(&device, user.id)
            return account
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
        try await call { state, device in
            let username = device.account?.username ?? ""
            let listed = state.users[username]?.listed ?? []
            if listed.contains(device.id) && listed.count > 1 {
                if !state.isOnline(device) && how == .whenTold {
                    throw fakeError(.unavailable, "the server could not be told")
                }
                if state.isOnline(device) { state.users[username]?.revoke(device.id) }
            }
            device.account = nil
            device.outbox = []
            device.isShutDown = true
            device.endQueues()
        }
    }

    private static func mustBeNew(_ device: FakeDevice, _ state: FakeState) throws {
        if device.account != nil {
            throw fakeError(.wrongState, "somebody is registered here")
        }
        try mustReach(state)
    }

    private static func enter(
        _ username: String, _ state: inout FakeState, _ device: inout FakeDevice
    ) throws -> Account {
        guard let user = state.users[username] else {
            throw fakeError(.internal, "the fake has lost a user")
        }
        state.users[username]?.enter(device.id)
        state.tellOfDevices(of: username)
        let account = Account(user: user.id, username: username, device: device.id)
        device.account = account
        device.post(.account, .connection)
        return account
    }
}

// MARK: Devices

extension FakeWhimbrel {
    public func devices() async throws -> DeviceList {
        try await signedIn { state, device, user in
            let own = state.users.values.first { $0.id == user }
            // A device that was removed is not told any more.
            let out = (own?.revoked ?? []).subtracting([device.id])
            let all = (own?.devices ?? []).sorted()
            let ids = all.filter { !out.contains($0) } + all.filter(out.contains)
            return DeviceList(
                version: own?.version ?? 0, conflict: false,
                devices: ids.map { id in
                    Device(
                        id: id, isThisOne: id == device.id,
                        state: device.revoking.contains(id)
                            ? .going : out.contains(id) ? .revoked : .listed,
                        conversationsLeft: 0)
                })
        }
    }

    public func revokeDevice(_ revoked: String) async throws {
        try Check.id(revoked, "device")
        try await telling { state, device, _ in
            let username = device.account?.username ?? ""
            guard state.users[username]?.devices.contains(revoked) == true else {
                throw fakeError(.notFound, "this is no device of the user")
            }
            if revoked == device.id {
                throw fakeError(.wrongState, "this is the device in use")
            }
            device.revoking.insert(revoked)
            device.post(.account)
        }
    }

    public func recoveryCode() async throws -> String? {
        try await call { state, device in
            guard device.knowsRecoveryCode, let name = device.account?.username else { return nil }
            return state.users[name]?.recoveryCode
        }
    }

    public func linkStart() async throws -> LinkTicket {
        try await call { state, device in
            try Self.mustBeNew(device, state)
            state.endLink(device.code)
            let code = newId()
            let link = FakeLink(device: device.id, expiresMs: nowMs() + 5 * 60 * 1000)
            state.links[code] = link
            device.code = code
            return LinkTicket(
                code: code, qr: linkQR + code, fingerprint: Self.fingerprint(of: code),
                expiresMs: link.expiresMs)
        }
    }

    @discardableResult
    public func linkWait() async throws -> Account {
        while true {
            let account: Account? = try await call { state, device in
                if let account = device.account { return account }
                guard let code = device.code, let link = state.links[code] else {
                    throw fakeError(.wrongState, "no link was begun, or it was cancelled")
                }
                if !link.isGood {
                    state.endLink(code)
                    throw fakeError(.codeExpired, "its time is over, or the other has refused")
                }
                guard let username = link.username else { return nil }
                guard state.isReachable else { return nil }
                state.links[code]?.isUsed = true
                let account = try Self.enter(username, &state, &device)
                state.joinAt(&device, account.user)
                return account
            }
            if let account { return account }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    public func linkCancel() async throws {
        try await call { state, device in
            state.endLink(device.code)
            device.code = nil
        }
    }

    public func linkInspect(code: String) async throws -> LinkRequest {
        try await call { state, device in
            let (code, link) = try Self.open(code, for: device, in: state)
            return LinkRequest(
                device: link.device, fingerprint: Self.fingerprint(of: code),
                expiresMs: link.expiresMs)
        }
    }

    @discardableResult
    public func linkApprove(code: String) async throws -> String {
        try await call { state, own in
            let (code, link) = try Self.open(code, for: own, in: state)
            let username = own.account?.username ?? ""
            if let other = link.username, other != username {
                throw fakeError(.codeUsed, "somebody else has approved it")
            }
            if link.username == nil && state.users[username]?.listed.count ?? 0 >= 10 {
                throw fakeError(.tooManyDevices, "a user has at most 10 devices")
            }
            state.links[code]?.username = username
            state.users[username]?.enter(link.device)
            state.tellOfDevices(of: username)
            own.post(.account)
            return link.device
        }
    }

    public func linkRefuse(code: String) async throws {
        try await call { state, _ in
            let code = try Check.code(code)
            try Self.mustReach(state)
            state.endLink(code)
        }
    }

    /// A code that is good, and its link.
    private static func open(
        _ code: String, for device: FakeDevice, in state: FakeState
    ) throws -> (String, FakeLink) {
        let code = try Check.code(code)
        if device.account == nil { throw fakeError(.notSignedIn, "nobody is registered here") }
        try mustReach(state)
        if state.isRevoked(device) {
            throw fakeError(.accessDenied, "the server does not let this device in")
        }
        guard let link = state.links[code], link.isGood else {
            throw fakeError(.codeExpired, "no device shows this code")
        }
        if link.isUsed { throw fakeError(.codeUsed, "the code was used already") }
        return (code, link)
    }

    /// Digits that both devices show.
    private static func fingerprint(of code: String) -> String {
        let digits = digits(of: code, groups: 3).split(separator: " ").map { $0.suffix(4) }
        return digits.joined(separator: " ")
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
        guard state.knows(device, user), let username = state.username(of: user) else {
            throw fakeError(.notFound, "this user was never met")
        }
        return username
    }

    /// Twelve groups of five digits, the same for both.
    private static func safetyNumber(of one: String, _ other: String) -> String {
        digits(of: [one, other].sorted().joined(), groups: 12)
    }

    /// Groups of five digits that follow from a text.
    private static func digits(of text: String, groups: Int) -> String {
        var seed: UInt64 = 14_695_981_039_346_656_037
        for byte in text.utf8 {
            seed = (seed ^ UInt64(byte)) &* 1_099_511_628_211
        }
        return (0..<groups).map { _ in
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return String(format: "%05d", Int(seed >> 40) % 100_000)
        }.joined(separator: " ")
    }
}
