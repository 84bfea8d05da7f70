/// What a chat app can ask of a client: ``WhimbrelClient`` does it, and `FakeWhimbrel` of the
/// module `WhimbrelTesting` plays it in memory, for tests of an app's own code.
///
/// Every call with an effect is in the database before it returns, whatever becomes of the
/// network. Ids are strings of 32 hexadecimal digits.
///
/// Calls throw ``WhimbrelError``, of which each can have the codes `paused`, `shutDown`,
/// `internal` and, where it takes an id, `invalidArgument` besides those it lists. They throw
/// `CancellationError` as soon as the task that waits is cancelled: what had begun goes on to its
/// end all the same, and never happens by half.
public protocol ChatClient: Sendable {
    // MARK: What is

    /// The state of the client as a whole. Never waits; also known while paused.
    func state() throws -> ClientState
    /// Who is registered or signed in here. Never waits.
    func account() throws -> Account?
    /// What changes from now on. Call it before the first query, so that nothing falls between.
    /// Each call makes a sequence of its own, for one reader.
    func changes() throws -> ChangeSequence

    // MARK: The session

    /// Makes an account at the server, with this device as its first. Where the answer got lost,
    /// the same call finishes the registration.
    ///
    /// User names have 3 to 32 of a to z, 0 to 9, dot, underscore and hyphen; passwords 10 to 256
    /// bytes.
    ///
    /// - Throws: `invalidArgument` for an impossible name or password; `usernameTaken`;
    ///   `wrongState` where somebody is registered here already; `rateLimited`; `unavailable`;
    ///   `untrustedServer`; `protocol`; `diskFull`.
    @discardableResult
    func register(username: String, password: String) async throws -> Account
    /// Gets a new session with the password, after the old one has ended. To use an account on a
    /// further device, link that device.
    ///
    /// - Throws: `accessDenied` for a wrong name or password; `wrongState` where nobody, or
    ///   somebody else, is registered here; `rateLimited`; `unavailable`; `untrustedServer`;
    ///   `protocol`; `diskFull`.
    @discardableResult
    func signIn(username: String, password: String) async throws -> Account
    /// Signs in without any device left, in an empty data folder: with the recovery code the
    /// identity is provably the same user's, without it contacts see a new one.
    ///
    /// - Throws: `wrongCode`; `accessDenied`; `wrongState` where somebody is registered here;
    ///   `rateLimited`; `unavailable`; `untrustedServer`; `protocol`; `diskFull`.
    @discardableResult
    func recover(username: String, password: String, code: String?) async throws -> Account
    /// Sets up anew a device whose database is an old copy (`rolledBack`), in the same folder: it
    /// goes on as a new device of the same user, and the old one is removed. What is here stays, and
    /// what it has missed is said again by its authors. What waited in the outbox may have been sent
    /// after the copy was made: it stands there as failed, for `retry` or `discard`.
    ///
    /// - Throws: `wrongState` where the database is no old copy; `accessDenied`; `revoked` where the
    ///   user has removed this device or goes by another identity; `untrustedDevice`;
    ///   `tooManyDevices`; `rateLimited`; `unavailable`; `untrustedServer`; `protocol`; `diskFull`.
    @discardableResult
    func reEnrol(password: String) async throws -> Account
    /// Removes this device from the user's, closes the client for good and wipes the data folder.
    ///
    /// - Throws: `unavailable` where the server could not be told, unless that does not matter;
    ///   `storage` where the folder could not be wiped.
    func signOut(_ how: SignOut) async throws

    // MARK: Devices

    /// The devices of this user, with what is left to do for each.
    func devices() async throws -> DeviceList
    /// Removes another device of this user for good. Works offline.
    ///
    /// - Throws: `notFound`; `wrongState` for the only one; `notSignedIn`; `diskFull`.
    func revokeDevice(_ device: String) async throws
    /// The recovery code, for the user to write down; none on devices that were linked.
    func recoveryCode() async throws -> String?
    /// Begins to link this device, which has no account yet, to one of a user's: gives a code that
    /// is good for five minutes.
    func linkStart() async throws -> LinkTicket
    /// Waits until a device of the user has approved this one, and signs in. May be cancelled and
    /// called again: a device that is approved meanwhile comes in all the same. Only `linkCancel`
    /// gives up.
    ///
    /// - Throws: `wrongState` where no link was begun; `codeExpired` where its time is over or the
    ///   other device has refused; `wrongCode` and `untrustedDevice` where somebody else has
    ///   answered; `accessDenied`; `untrustedServer`; `protocol`; `diskFull`.
    @discardableResult
    func linkWait() async throws -> Account
    /// Gives up being linked: the code is no longer good.
    func linkCancel() async throws
    /// Looks at the device that shows a code, as text or QR content, before approving it. Both
    /// devices must show the same fingerprint.
    ///
    /// - Throws: `wrongCode`; `codeExpired`; `notSignedIn`; `rateLimited`; `unavailable`;
    ///   `untrustedServer`; `protocol`.
    func linkInspect(code: String) async throws -> LinkRequest
    /// Makes the device that shows a code one of this user's. Gives the device's id.
    ///
    /// - Throws: what `linkInspect` does; `tooManyDevices`; `codeUsed`.
    @discardableResult
    func linkApprove(code: String) async throws -> String
    /// Refuses the device that shows a code: the code is no longer good.
    func linkRefuse(code: String) async throws

    // MARK: Conversations

    /// A page of the list of conversations, the most recently active first.
    ///
    /// - Throws: `invalidArgument` for a negative offset and for a limit below 1 or above 200.
    func conversations(offset: Int, limit: Int) async throws -> [Conversation]
    /// One conversation.
    ///
    /// - Throws: `notFound`.
    func conversation(_ conversation: String) async throws -> Conversation
    /// Who is in a conversation now.
    ///
    /// - Throws: `notFound`.
    func members(of conversation: String) async throws -> [Member]
    /// Opens the direct conversation with somebody: the one there is, or a new one. Works offline.
    ///
    /// - Throws: `notSignedIn`; `invalidArgument` for an impossible name or the own one;
    ///   `outboxFull`; `diskFull`; `rolledBack`; `revoked`.
    func createDirect(with peer: Person) async throws -> String
    /// Makes a group. Works offline.
    ///
    /// - Throws: `notSignedIn`; `invalidArgument`; `tooLarge`; `outboxFull`; `diskFull`;
    ///   `rolledBack`; `revoked`.
    func createGroup(named name: String, members: [Person]) async throws -> String
    /// Adds people to a group: who is added before a message can read it. Only owners and admins
    /// may. Gives the outbox item, which fails where somebody else has taken that right meanwhile.
    ///
    /// - Throws: `notFound`; `notAllowed`, also for a direct conversation; `notMember`;
    ///   `invalidArgument`; `tooLarge`; `outboxFull`; `diskFull`; `rolledBack`; `revoked`.
    @discardableResult
    func addMembers(_ people: [Person], to conversation: String) async throws -> String
    /// Removes a user from a group; what follows that user can't read. Gives the outbox item.
    ///
    /// - Throws: `notFound`; `notMember`; `notAllowed`; `invalidArgument` for oneself;
    ///   `outboxFull`; `diskFull`; `rolledBack`; `revoked`.
    @discardableResult
    func removeMember(_ user: String, from conversation: String) async throws -> String
    /// Gives users of a group other roles, all in one step. Only owners may. Gives the outbox item.
    ///
    /// - Throws: `notFound`; `notMember`; `notAllowed`; `lastOwner`; `invalidArgument`;
    ///   `outboxFull`; `diskFull`; `rolledBack`; `revoked`.
    @discardableResult
    func setRoles(_ roles: [RoleGrant], in conversation: String) async throws -> String
    /// Leaves a group. The app of another member carries it out; until then whatever would send
    /// something there fails with `wrongState`. Gives the outbox item.
    ///
    /// - Throws: `notFound`; `notAllowed`; `lastOwner`; `wrongState`; `outboxFull`; `diskFull`;
    ///   `rolledBack`; `revoked`.
    @discardableResult
    func leave(_ conversation: String) async throws -> String
    /// Names a group. Only owners and admins may. Gives the outbox item.
    ///
    /// - Throws: `notFound`; `notAllowed`; `notMember`; `invalidArgument`; `tooLarge`;
    ///   `outboxFull`; `diskFull`; `rolledBack`; `revoked`.
    @discardableResult
    func rename(_ conversation: String, to name: String) async throws -> String
    /// Says which conversation is on screen, so that it is fetched first; none for no conversation.
    func focus(on conversation: String?) async throws
    /// A code that all members of a conversation share as long as nobody is between them.
    ///
    /// - Throws: `notFound`.
    func epochCode(of conversation: String) async throws -> String?

    // MARK: Messages

    /// A page of messages, in the order of the conversation: by number, and behind them those that
    /// wait for one.
    ///
    /// - Throws: `notFound`; `invalidArgument` for a limit below 1 or above 200.
    func messages(in conversation: String, page: MessagePage, limit: Int) async throws -> [Message]
    /// One message.
    ///
    /// - Throws: `notFound`.
    func message(_ message: String, in conversation: String) async throws -> Message
    /// Sends text. When it returns, the message survives a kill and a power cut, and is sent as
    /// soon as that is possible. Gives the message's id, which is the same on every device.
    ///
    /// - Throws: `notFound`; `invalidArgument` for empty text; `tooLarge` over 16 KiB of UTF-8;
    ///   `notMember`; `outboxFull`; `diskFull`; `rolledBack`; `revoked`.
    @discardableResult
    func send(_ text: String, to conversation: String) async throws -> String
    /// Changes the text of an own message.
    ///
    /// - Throws: `notFound`; `notAllowed` for a message of somebody else; `wrongState` for one that
    ///   is no text or was taken back; `invalidArgument`; `tooLarge`; `outboxFull`; `diskFull`.
    func edit(_ message: String, in conversation: String, to text: String) async throws
    /// Takes an own message back.
    ///
    /// - Throws: `notFound`; `notAllowed` for a message of somebody else; `wrongState`;
    ///   `outboxFull`; `diskFull`; `rolledBack`; `revoked`.
    func delete(_ message: String, in conversation: String) async throws
    /// Marks everything up to a message as read, here and for the others to see. Marks never go
    /// back.
    ///
    /// - Throws: `notFound`; `diskFull`.
    func markRead(upTo message: String, in conversation: String) async throws

    // MARK: The outbox

    /// What waits to be sent, in order: everywhere, or in one conversation.
    ///
    /// - Throws: `notFound`.
    func outbox(of conversation: String?) async throws -> [OutboxItem]
    /// Tries a failed outbox item, and what waits behind it, again now.
    ///
    /// - Throws: `notFound`; `diskFull`; `rolledBack`; `revoked`.
    func retry(_ item: String) async throws
    /// Takes an item out of the outbox; a queued message is gone with it.
    ///
    /// - Throws: `notFound`; `wrongState`; `notAllowed`.
    func discard(_ item: String) async throws

    // MARK: People

    /// What is known of a user, with the safety number to compare.
    ///
    /// - Throws: `notFound` for somebody never met, and for oneself.
    func contact(_ user: String) async throws -> Contact
    /// Whether a scanned QR picture shows the safety number of a user. Changes nothing.
    ///
    /// - Throws: `wrongCode` where the picture shows no safety number; what `contact` does.
    func matchesSafetyQR(of user: String, scanned: String) async throws -> Bool
    /// Keeps that the safety number of a user was compared and fitted, or no longer holds.
    ///
    /// - Throws: `notFound`; `identityChanged` where a new identity is not accepted yet;
    ///   `invalidArgument` for oneself.
    func setVerified(_ user: String, _ verified: Bool) async throws
    /// Relies on the new identity of a user from now on. Compare the safety number first.
    ///
    /// - Throws: `notFound`; `invalidArgument` for oneself.
    func acceptIdentity(of user: String) async throws

    // MARK: The life of the client

    /// Tells whether there is a network. With `up` it connects at once, with `down` it does not try
    /// to; a client that is paused remembers it. Calls that ask the server themselves, such as
    /// `register`, `signIn` and those for linking, try all the same.
    func setNetwork(_ network: Network) async throws
    /// Lets go of everything before the app is suspended: calls are refused, the connection is
    /// closed, the database is closed and its lock released. Paused already: does nothing.
    ///
    /// - Throws: `diskFull`, `storage` where the database did not close cleanly. It is closed all
    ///   the same, and nothing is lost.
    func pause() async throws
    /// Goes on after `pause`. Running already: does nothing.
    ///
    /// - Throws: `alreadyOpen` where another process has taken the folder meanwhile; `damaged`;
    ///   `diskFull`; `storage`. The client then stays paused.
    func resume() async throws
    /// Fetches everything and sends what waits, for the moments that the system grants to an app
    /// in the background. A paused client is paused again when it ends, which it does within its
    /// budget, also where the task is cancelled; `pause` ends it at once.
    ///
    /// - Throws: `invalidArgument` for a negative budget; `notSignedIn`; `accessDenied`;
    ///   `updateNeeded`; `rolledBack`; `revoked`; `diskFull`; what `resume` does.
    func syncOnce(budget: Duration) async throws -> SyncOutcome
    /// Ends the client: like `pause`, and for good. Every sequence of changes ends. May be called
    /// again.
    func shutdown() async throws
}

extension ChatClient {
    /// The first page of the list of conversations.
    public func conversations() async throws -> [Conversation] {
        try await conversations(offset: 0, limit: 50)
    }

    /// The newest messages of a conversation, or another page of 50.
    public func messages(
        in conversation: String, page: MessagePage = .newest
    ) async throws -> [Message] {
        try await messages(in: conversation, page: page, limit: 50)
    }

    /// Everything that waits to be sent.
    public func outbox() async throws -> [OutboxItem] {
        try await outbox(of: nil)
    }

    /// Signs in without any device and without the recovery code: contacts see a new identity.
    @discardableResult
    public func recover(username: String, password: String) async throws -> Account {
        try await recover(username: username, password: password, code: nil)
    }
}
