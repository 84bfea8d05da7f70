package dev.whimbrel

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.StateFlow

/**
 * A chat client: one account on this device. [WhimbrelClient.open] gives one; for tests of an app
 * there is one in memory, `FakeWhimbrel` in the module `whimbrel-testing`.
 *
 * Every call with an effect is in the database before it returns, whatever becomes of the network.
 * A call whose coroutine is cancelled may have happened all the same, and never happens by half.
 *
 * What a screen shows comes from [conversationList], [messageWindow], [memberList] and
 * [outboxItems], which read again by themselves.
 *
 * Each call can fail with [ErrorCode.PAUSED], [ErrorCode.SHUT_DOWN], [ErrorCode.INTERNAL] and,
 * where it takes text or an id, [ErrorCode.INVALID_ARGUMENT], besides the codes that it lists. All
 * failures are [WhimbrelException]s. Calls may come from any thread, the main thread included;
 * none blocks it.
 *
 * Call [shutdown] before the process ends. There is nothing else to close.
 */
public interface Whimbrel {
    /** The client as a whole; also known while paused, and after the end. */
    public val state: StateFlow<ClientState>

    /**
     * What changes, as long as it is collected; each collector gets every change. The first is
     * [Change.Everything], so that whoever reads anew with each change has read once and misses
     * nothing. Equal changes that wait become one. Ends when the client is shut down.
     */
    public val changes: Flow<Change>

    // The account.

    /**
     * Makes an account at the server, with this device as its first. Where the answer got lost,
     * the same call finishes the registration. User names have 3 to 32 of a to z, 0 to 9, dot,
     * underscore and hyphen; passwords 10 to 256 bytes.
     *
     * @throws WhimbrelException `invalid_argument` for an impossible name or password;
     *   `username_taken`, also where an unfinished registration had another password;
     *   `wrong_state` where somebody is registered here already; `rate_limited`; `unavailable`;
     *   `untrusted_server`; `protocol`; `disk_full`.
     */
    public suspend fun register(username: String, password: String): Account

    /**
     * Gets a new session with the password, after the old one has ended. To use an account on a
     * further device, link that device.
     *
     * @throws WhimbrelException `access_denied` for a wrong name or password; `wrong_state` where
     *   nobody, or somebody else, is registered here; `rate_limited`; `unavailable`;
     *   `untrusted_server`; `protocol`; `disk_full`.
     */
    public suspend fun signIn(username: String, password: String): Account

    /**
     * Signs in without any device left, in an empty data folder: with the recovery code the
     * identity is provably the same user's, without it contacts see a new one. All former devices
     * are removed. Where the answer got lost, the same call finishes it.
     *
     * @throws WhimbrelException `wrong_code`; `access_denied` for a wrong name or password;
     *   `wrong_state` where somebody is registered here; `rate_limited`; `unavailable`;
     *   `untrusted_server`; `protocol`; `disk_full`.
     */
    public suspend fun recover(username: String, password: String, code: String? = null): Account

    /**
     * Sets up anew a device whose database is an old copy (the alarm `rolled_back`), in the same
     * folder: it goes on as a new device of the same user, and the old one is removed. What is here
     * stays, and what it has missed is said again by its authors. What waited in the outbox may have
     * been sent after the copy was made: it stands there as failed, for [retry] or [discard]. Where
     * the answer got lost, the same call finishes it.
     *
     * @throws WhimbrelException `wrong_state` where the database is no old copy; `access_denied` for
     *   a wrong password; `revoked` where the user has removed this device or goes by another
     *   identity: link or recover one in an empty folder then; `untrusted_device`;
     *   `too_many_devices`; `rate_limited`; `unavailable`; `untrusted_server`; `protocol`;
     *   `disk_full`.
     */
    public suspend fun reEnrol(password: String): Account

    /**
     * Removes this device from the user's, closes the client for good and wipes the data folder.
     * The last device of a user stays listed: the account would be lost without one.
     *
     * @throws WhimbrelException `unavailable` where the server could not be told, unless that does
     *   not matter; `storage` where the folder could not be wiped.
     */
    public suspend fun signOut(how: SignOut)

    // Devices of this user.

    /**
     * The devices of this user, with what is left to do for each.
     *
     * @throws WhimbrelException `not_signed_in`; `damaged`; `storage`.
     */
    public suspend fun devices(): DeviceList

    /**
     * Removes another device of this user for good: its session ends, and it is removed from every
     * conversation. Works offline, and takes effect when the server knows.
     *
     * @throws WhimbrelException `not_found` where it is none; `wrong_state` for the only one;
     *   `not_signed_in`; `disk_full`; `rolled_back`; `revoked`.
     */
    public suspend fun revokeDevice(device: DeviceId)

    /**
     * The recovery code, for the user to write down: with it a user who has lost all devices keeps
     * the identity. `null` on devices that were linked.
     *
     * @throws WhimbrelException `damaged`; `storage`.
     */
    public suspend fun recoveryCode(): String?

    /**
     * Begins to link this device, which has no account yet, to one of a user's: shows a code that
     * is good for five minutes and for one linking. A code shown before is no longer good.
     *
     * @throws WhimbrelException `wrong_state` where somebody is registered here; `rate_limited`;
     *   `unavailable`; `untrusted_server`; `protocol`; `disk_full`.
     */
    public suspend fun linkStart(): LinkTicket

    /**
     * Waits until a device of the user has approved this one, and signs in. May be cancelled and
     * called again, also after a restart; only [linkCancel] gives up. Once this device is signed
     * in, it gives the account.
     *
     * @throws WhimbrelException `wrong_state` where no link was begun or it was cancelled;
     *   `code_expired` where its time is over, or the other device has refused; `wrong_code` and
     *   `untrusted_device` where somebody else has answered; `access_denied` where the server does
     *   not let this device in: sign in with the password then; `untrusted_server`; `protocol`;
     *   `disk_full`.
     */
    public suspend fun linkWait(): Account

    /**
     * Gives up being linked: the code is no longer good.
     *
     * @throws WhimbrelException `disk_full`; `storage`.
     */
    public suspend fun linkCancel()

    /**
     * Looks at the device that shows a code, as text or QR content, before approving it.
     *
     * @throws WhimbrelException `wrong_code` for a wrong character, and where somebody else has
     *   answered under that code; `code_used` for one that a device has come in by; `code_expired`
     *   for one that is over, was cancelled, or that the server does not know; `not_signed_in`;
     *   `rate_limited`; `unavailable`; `untrusted_server`; `protocol`.
     */
    public suspend fun linkInspect(code: String): LinkRequest

    /**
     * Makes the device that shows a code one of this user's: hands over the identity, and adds the
     * device to every conversation, which [devices] shows going on. May be repeated. Where the
     * device does not come while its code is good, this client revokes it again; if the app is
     * killed or paused meanwhile, the device stays listed until it is approved again in time, or
     * revoked.
     *
     * @throws WhimbrelException those of [linkInspect]; `too_many_devices`; `code_used`;
     *   `unavailable` where the server was away for too long: the device is not one of this
     *   user's, or no more.
     */
    public suspend fun linkApprove(code: String): DeviceId

    /**
     * Refuses the device that shows a code: the code is no longer good.
     *
     * @throws WhimbrelException `wrong_code`; `unavailable`; `untrusted_server`; `protocol`.
     */
    public suspend fun linkRefuse(code: String)

    // Conversations.

    /**
     * A page of the list of conversations, the most recently active first. See [conversationList]
     * for one that keeps itself up to date.
     *
     * @param limit 1 to 200.
     * @throws WhimbrelException `invalid_argument` for a negative offset and for another limit;
     *   `damaged`; `storage`.
     */
    public suspend fun conversations(offset: Int = 0, limit: Int = 50): List<Conversation>

    /**
     * One conversation.
     *
     * @throws WhimbrelException `not_found`; `damaged`; `storage`.
     */
    public suspend fun conversation(id: ConversationId): Conversation

    /**
     * Who is in a conversation now. See [memberList] for a list that keeps itself up to date.
     *
     * @throws WhimbrelException `not_found`; `damaged`; `storage`.
     */
    public suspend fun members(conversation: ConversationId): List<Member>

    /**
     * A code that all members of a conversation share as long as nobody is between them, in six
     * groups of five digits; it changes with every change of the group. Members who read each
     * other different codes while both are up to date have been separated by the server.
     *
     * @throws WhimbrelException `not_found`; `damaged`; `storage`.
     */
    public suspend fun epochCode(conversation: ConversationId): String?

    /**
     * Says which conversation is on screen, so that it is fetched first; `null` for no
     * conversation. One that is not there may come.
     */
    public suspend fun focus(conversation: ConversationId?)

    /**
     * Opens the direct conversation with somebody: the one there is, or a new one. Works offline;
     * where both sides begin at the same time, the two become one, and the id given here goes on
     * to stand for it.
     *
     * @throws WhimbrelException `not_signed_in`; `invalid_argument` for an impossible name or the
     *   own one; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    public suspend fun createDirect(peer: Person): ConversationId

    /**
     * Makes a group. Works offline.
     *
     * @throws WhimbrelException `not_signed_in`; `invalid_argument` for an impossible user name,
     *   and for control characters in the group's; `too_large` for a name over 256 bytes or too
     *   many members; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    public suspend fun createGroup(name: String, members: List<Person>): ConversationId

    /**
     * Adds people to a group, in turn with the messages sent there: who is added before a message
     * can read it. Only owners and admins may. Gives the outbox item, which fails with
     * `not_allowed` where the right is lost before it goes out.
     *
     * @throws WhimbrelException `not_found`; `not_allowed` without the right and for a direct
     *   conversation; `not_member` where this user was removed; `invalid_argument` for nobody or an
     *   impossible name; `too_large` for more than 32 people at once; `outbox_full`; `disk_full`;
     *   `rolled_back`; `revoked`.
     */
    public suspend fun addMembers(conversation: ConversationId, people: List<Person>): ItemId

    /**
     * Removes a user from a group; what follows that user can't read. Only owners and admins may.
     * Gives the outbox item, which fails with `not_allowed` where the right is lost before it goes
     * out.
     *
     * @throws WhimbrelException `not_found`; `not_member` for somebody who is not in it, and where
     *   this user was removed; `not_allowed` without the right and for a direct conversation;
     *   `invalid_argument` for oneself; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    public suspend fun removeMember(conversation: ConversationId, user: UserId): ItemId

    /**
     * Gives users of a group other roles, all in one step: ownership is handed over by making the
     * other an owner and oneself something else in one call. Only owners may. Gives the outbox
     * item.
     *
     * @throws WhimbrelException `not_found`; `not_member` for somebody who is not in it;
     *   `not_allowed` without being an owner and for a direct conversation; `last_owner` where
     *   nobody would be left as owner; `invalid_argument`; `outbox_full`; `disk_full`;
     *   `rolled_back`; `revoked`.
     */
    public suspend fun setRoles(conversation: ConversationId, roles: Map<UserId, Role>): ItemId

    /**
     * Leaves a group. The app of another member carries it out; until then whatever would send
     * something there fails with `wrong_state`. Gives the outbox item.
     *
     * @throws WhimbrelException `not_found`; `not_allowed` for a direct conversation; `last_owner`:
     *   make somebody else an owner first; `wrong_state` where this user is leaving already;
     *   `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    public suspend fun leave(conversation: ConversationId): ItemId

    /**
     * Names a group. Only owners and admins may. Gives the outbox item.
     *
     * @throws WhimbrelException `not_found`; `not_allowed` without the right and for a direct
     *   conversation; `not_member` where this user was removed; `invalid_argument` for control
     *   characters; `too_large` over 256 bytes; `outbox_full`; `disk_full`; `rolled_back`;
     *   `revoked`.
     */
    public suspend fun rename(conversation: ConversationId, name: String): ItemId

    // Messages.

    /**
     * A page of messages, in the order of the conversation: by number, and behind them those that
     * wait for one. See [messageWindow] for one that keeps itself up to date.
     *
     * @param limit 1 to 200.
     * @throws WhimbrelException `not_found` where conversation or message is unknown;
     *   `invalid_argument` for another limit; `damaged`; `storage`.
     */
    public suspend fun messages(
        conversation: ConversationId,
        page: MessagePage = MessagePage.Newest,
        limit: Int = 50,
    ): List<Message>

    /**
     * One message.
     *
     * @throws WhimbrelException `not_found`; `damaged`; `storage`.
     */
    public suspend fun message(conversation: ConversationId, message: MessageId): Message

    /**
     * Sends text. When it returns, the message survives a kill and a power cut, and is sent as
     * soon as that is possible.
     *
     * @throws WhimbrelException `not_found`; `invalid_argument` for empty text; `too_large` over 16
     *   KiB of UTF-8; `not_member` where this user was removed; `outbox_full`; `disk_full`;
     *   `rolled_back`; `revoked`.
     */
    public suspend fun send(conversation: ConversationId, text: String): MessageId

    /**
     * Changes the text of an own message. One that was never written to a connection is simply
     * another one from then on; otherwise an edit message follows it.
     *
     * @throws WhimbrelException `not_found`; `not_allowed` for a message of somebody else;
     *   `wrong_state` for one that is no text or was taken back; `invalid_argument` for empty text;
     *   `too_large` over 16 KiB of UTF-8; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    public suspend fun edit(conversation: ConversationId, message: MessageId, text: String)

    /**
     * Takes an own message back. One that was never written to a connection leaves no trace;
     * otherwise a delete message follows it.
     *
     * @throws WhimbrelException `not_found`; `not_allowed` for a message of somebody else;
     *   `wrong_state` for one that is no text or was taken back already; `outbox_full`;
     *   `disk_full`; `rolled_back`; `revoked`.
     */
    public suspend fun delete(conversation: ConversationId, message: MessageId)

    /**
     * Marks everything up to a message as read, here and for the others to see. Marks never go
     * back.
     *
     * @throws WhimbrelException `not_found`; `disk_full`.
     */
    public suspend fun markRead(conversation: ConversationId, message: MessageId)

    // The outbox.

    /**
     * What waits to be sent, in order: everywhere, or in one conversation. See [outboxItems] for a
     * list that keeps itself up to date.
     *
     * @throws WhimbrelException `not_found`; `damaged`; `storage`.
     */
    public suspend fun outbox(conversation: ConversationId? = null): List<OutboxItem>

    /**
     * Tries a failed outbox item, and what waits behind it, again now. One that has not failed
     * goes on as it would have.
     *
     * @throws WhimbrelException `not_found`; `disk_full`; `rolled_back`; `revoked`.
     */
    public suspend fun retry(item: ItemId)

    /**
     * Takes an item out of the outbox; a queued message is gone with it. One that may already have
     * reached the server is taken back by a delete message. Discarding an edit or a deletion gives
     * the message its former text back. Discarding the founding of a conversation, or the
     * invitation that a direct one was opened for, discards the conversation with everything
     * queued in it. Works with a full disk.
     *
     * @throws WhimbrelException `not_found`; `wrong_state` for an item other than a message that
     *   is or may be at the server; `not_allowed` for the invitation of the other user of a direct
     *   conversation that is there.
     */
    public suspend fun discard(item: ItemId)

    // Contacts.

    /**
     * Somebody whom this user has met in a conversation: the name, the safety number to compare,
     * and whether the user's identity has changed.
     *
     * @throws WhimbrelException `not_found` for somebody never met, and for oneself; `damaged`;
     *   `storage`.
     */
    public suspend fun contact(user: UserId): Contact

    /**
     * Whether a scanned QR picture shows the safety number of a user. Changes nothing: keep the
     * outcome with [setVerified].
     *
     * @throws WhimbrelException `wrong_code` where the picture shows no safety number; those of
     *   [contact].
     */
    public suspend fun matchesSafetyQr(user: UserId, scanned: String): Boolean

    /**
     * Keeps that the safety number of a user was compared and fitted, or that this no longer
     * holds. A change of identity stops sending until it is accepted: in the direct conversation
     * with the user, and for a verified user in every group, too.
     *
     * @throws WhimbrelException `not_found` for somebody never met; `identity_changed` where a new
     *   identity is not accepted yet; `invalid_argument` for oneself.
     */
    public suspend fun setVerified(user: UserId, verified: Boolean)

    /**
     * Relies on the new identity of a user from now on: what waited for it is sent. Compare the
     * safety number first.
     *
     * @throws WhimbrelException `not_found` for somebody never met; `invalid_argument` for
     *   oneself.
     */
    public suspend fun acceptIdentity(user: UserId)

    // The life of the client.

    /**
     * Tells whether there is a network. With [Network.UP] it connects at once, with [Network.DOWN]
     * it does not try to; a client that is paused remembers it. Calls that ask the server
     * themselves, such as [register], [signIn] and those for linking, try all the same.
     */
    public suspend fun setNetwork(network: Network)

    /**
     * Lets go of everything before the app is suspended: calls are refused, the connection is
     * closed, running queries are interrupted, the database is closed and its lock released.
     * Paused already: does nothing.
     *
     * @throws WhimbrelException `disk_full`, `storage` where the database did not close cleanly.
     *   It is closed all the same, and nothing is lost.
     */
    public suspend fun pause()

    /**
     * Goes on after [pause], or after a defect. Running already: does nothing.
     *
     * @throws WhimbrelException `already_open` where another process has taken the folder
     *   meanwhile; `damaged`; `disk_full`; `storage`. The client then stays paused.
     */
    public suspend fun resume()

    /**
     * Fetches everything and sends what waits, within a budget: for the moments a system grants to
     * an app in the background. A paused client is paused again when it returns, and when the
     * coroutine is cancelled.
     *
     * @param budgetMs milliseconds, not negative.
     * @throws WhimbrelException `invalid_argument`; `not_signed_in`; `access_denied` where the
     *   session has ended and the password is needed; `update_needed`; `rolled_back`; `revoked`;
     *   `disk_full`; those of [resume].
     */
    public suspend fun syncOnce(budgetMs: Long): SyncOutcome

    /**
     * Ends the client: like [pause], and for good. Every later call fails with `shut_down`, and
     * [changes] ends. May be called again.
     *
     * @throws WhimbrelException `disk_full`, `storage` where the database did not close cleanly.
     *   It is closed all the same.
     */
    public suspend fun shutdown()
}
