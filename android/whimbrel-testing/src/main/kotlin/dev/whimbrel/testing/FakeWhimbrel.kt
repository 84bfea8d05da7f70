package dev.whimbrel.testing

import dev.whimbrel.Account
import dev.whimbrel.Change
import dev.whimbrel.ClientState
import dev.whimbrel.Contact
import dev.whimbrel.Conversation
import dev.whimbrel.ConversationId
import dev.whimbrel.ConversationKind
import dev.whimbrel.Device as DeviceRecord
import dev.whimbrel.DeviceId
import dev.whimbrel.DeviceList
import dev.whimbrel.DeviceState
import dev.whimbrel.ErrorCode
import dev.whimbrel.ItemId
import dev.whimbrel.LinkRequest
import dev.whimbrel.LinkTicket
import dev.whimbrel.Member
import dev.whimbrel.Message
import dev.whimbrel.MessageId
import dev.whimbrel.MessagePage
import dev.whimbrel.Network
import dev.whimbrel.OutboxContent
import dev.whimbrel.OutboxItem
import dev.whimbrel.OutboxState
import dev.whimbrel.Person
import dev.whimbrel.Role
import dev.whimbrel.SignOut
import dev.whimbrel.SyncOutcome
import dev.whimbrel.UserId
import dev.whimbrel.Whimbrel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.flow

/** For how long a link code is good. */
private const val LINK_MS = 5 * 60 * 1000L

/** Digits that both devices show. */
private const val LINK_DIGITS = 12

/** People that can be added at once, and devices of a user. */
private const val PEOPLE_MAX = 32
private const val DEVICES_MAX = 10

/**
 * A client in memory, for tests of view models without native code. It answers as the real one
 * does; who is to answer from the other side gets another client of the same [FakeServer], which
 * also scripts what goes wrong.
 *
 * Left out: identity keys and what proves them, full disks and other harm to the database.
 */
public class FakeWhimbrel(public val server: FakeServer = FakeServer()) : Whimbrel {
    private val device = Device(server)
    private val failures = ArrayDeque<ErrorCode>()

    init {
        synchronized(server.lock) { server.devices += device }
    }

    /** The next call at this client fails with a code, and has no effect. */
    public fun failNext(code: ErrorCode): Unit =
        synchronized(server.lock) { failures.addLast(code) }

    override val state: StateFlow<ClientState> = device.state.asStateFlow()

    override val changes: Flow<Change> = flow {
        val subscription = Subscription()
        synchronized(server.lock) {
            device.subscriptions += subscription
            subscription.add(Change.Everything)
            if (device.isEnded) subscription.end()
        }
        try {
            for (ignored in subscription.signal) {
                synchronized(server.lock) { subscription.takeAll() }.forEach { emit(it) }
            }
        } finally {
            synchronized(server.lock) { device.subscriptions -= subscription }
        }
    }

    override suspend fun register(username: String, password: String): Account = change {
        checkUsername(username)
        checkPassword(password)
        checkNobody()
        checkReachable()
        if (server.users.any { it.name == username }) {
            fail(ErrorCode.USERNAME_TAKEN, "the name is taken")
        }
        val user = User(UserId(server.newId()), username, password)
        server.users += user
        hasRecoveryCode = true
        signIn(user)
        checkNotNull(account())
    }

    override suspend fun signIn(username: String, password: String): Account = change {
        checkUsername(username)
        if (user?.name != username) {
            fail(ErrorCode.WRONG_STATE, "this user is not registered here")
        }
        checkReachable()
        if (me.password != password) fail(ErrorCode.ACCESS_DENIED, "the password is wrong")
        checkNotNull(account())
    }

    override suspend fun recover(username: String, password: String, code: String?): Account =
        change {
            checkNobody()
            checkReachable()
            val user = server.users.find { it.name == username && it.password == password }
                ?: fail(ErrorCode.ACCESS_DENIED, "name or password is wrong")
            if (code != null && code != user.recoveryCode) {
                fail(ErrorCode.WRONG_CODE, "this is not the recovery code")
            }
            user.revoked += user.devices.keys
            if (code == null) user.identity++
            signIn(user)
            joinAt(user)
            checkNotNull(account())
        }

    /** A fake has no database that could be an old copy. */
    override suspend fun reEnrol(password: String): Account = change {
        fail(ErrorCode.WRONG_STATE, "the database is no old copy")
    }

    override suspend fun signOut(how: SignOut): Unit = change {
        if (how == SignOut.WHEN_TOLD) checkReachable()
        user?.let { if (it.devices.size > 1) it.devices -= id }
        user = null
        end()
    }

    override suspend fun devices(): DeviceList = call {
        val devices = me.devices.keys.map {
            val state = if (it in me.revoked) DeviceState.REVOKED else DeviceState.LISTED
            DeviceRecord(DeviceId(it), it == id, state, conversationsLeft = 0)
        }
        DeviceList(me.version, conflict = false, devices.sortedBy { it.state })
    }

    override suspend fun revokeDevice(device: DeviceId): Unit = change {
        checkId("device", device.value)
        if (device.value !in me.devices) fail(ErrorCode.NOT_FOUND, "there is no such device")
        if (device.value == id) fail(ErrorCode.WRONG_STATE, "this is the device itself")
        me.revoked += device.value
        me.version++
        tell(Change.Account)
    }

    override suspend fun recoveryCode(): String? =
        call { user?.recoveryCode?.takeIf { hasRecoveryCode } }

    override suspend fun linkStart(): LinkTicket = change {
        checkNobody()
        checkReachable()
        server.links.values.remove(link)
        val code = server.newId()
        val link = Link(server.newId(), server.nowMs() + LINK_MS)
        this.link = link
        server.links[code] = link
        LinkTicket(code, "link:$code", code.takeLast(LINK_DIGITS), link.expiresMs)
    }

    override suspend fun linkWait(): Account {
        val link = call { link ?: fail(ErrorCode.WRONG_STATE, "no link was begun") }
        val user = link.outcome.await()
        return change {
            id = link.device
            if (this.user == null) {
                signIn(user)
                joinAt(user)
            }
            checkNotNull(account())
        }
    }

    override suspend fun linkCancel(): Unit = change {
        server.links.values.remove(link)
        link = null
    }

    override suspend fun linkInspect(code: String): LinkRequest = call {
        val link = linkOf(code)
        LinkRequest(DeviceId(link.device), code.takeLast(LINK_DIGITS), link.expiresMs)
    }

    override suspend fun linkApprove(code: String): DeviceId = change {
        val link = linkOf(code)
        if (link.isUsed) fail(ErrorCode.CODE_USED, "the code was used already")
        if (me.devices.size - me.revoked.size >= DEVICES_MAX) {
            fail(ErrorCode.TOO_MANY_DEVICES, "a user has at most $DEVICES_MAX devices")
        }
        link.isUsed = true
        link.outcome.complete(me)
        DeviceId(link.device)
    }

    override suspend fun linkRefuse(code: String): Unit = change {
        val link = linkOf(code)
        server.links.values.remove(link)
        link.outcome.completeExceptionally(
            refusal(ErrorCode.CODE_EXPIRED, "the other device has refused"),
        )
    }

    override suspend fun conversations(offset: Int, limit: Int): List<Conversation> = call {
        if (offset < 0) invalid("offset must not be negative")
        checkLimit(limit)
        val user = user?.id ?: return@call emptyList()
        views.values.map { it.toConversation(user, outbox) }
            .sortedByDescending { it.lastActivityMs }
            .drop(offset)
            .take(limit)
    }

    override suspend fun conversation(id: ConversationId): Conversation =
        call { viewOf(id).toConversation(me.id, outbox) }

    override suspend fun members(conversation: ConversationId): List<Member> = call {
        val view = viewOf(conversation)
        val read = view.read()
        val roles = view.room?.roles ?: mapOf(me.id to Role.OWNER)
        roles.map { (user, role) ->
            val name = server.userOf(user).name
            Member(user, name, role, view.delivered[user] ?: 0, read[user] ?: 0)
        }
    }

    override suspend fun epochCode(conversation: ConversationId): String? =
        call { viewOf(conversation).room?.let { digits(it.id.value, it.log.size, groups = 6) } }

    override suspend fun focus(conversation: ConversationId?): Unit =
        call { conversation?.let { checkId("conversation", it.value) } }

    override suspend fun createDirect(peer: Person): ConversationId = change {
        checkPerson(peer)
        val name = when (peer) {
            is Person.Id -> server.userOf(peer.user).name
            is Person.Username -> peer.username
        }
        if (name == me.name) invalid("a conversation with oneself")
        // Both sides come to the same id.
        val pair = listOf(me.name, name).sorted().joinToString("/")
        val bytes = java.util.UUID.nameUUIDFromBytes(pair.encodeToByteArray())
        val id = ConversationId(bytes.toString().replace("-", ""))
        if (id !in views) found(View(id, ConversationKind.DIRECT, name, peer, server.nowMs()))
        id
    }

    override suspend fun createGroup(name: String, members: List<Person>): ConversationId =
        change {
            checkSignedIn()
            checkGroupName(name)
            members.forEach(::checkPerson)
            val id = ConversationId(server.newId())
            found(View(id, ConversationKind.GROUP, name, null, server.nowMs()))
            if (members.isNotEmpty()) put(id, OutboxContent.Add(members))
            id
        }

    override suspend fun addMembers(conversation: ConversationId, people: List<Person>): ItemId =
        goal(conversation) { view ->
            checkMayRule(view)
            if (people.isEmpty()) invalid("nobody is to be added")
            people.forEach(::checkPerson)
            if (people.size > PEOPLE_MAX) {
                fail(ErrorCode.TOO_LARGE, "more than $PEOPLE_MAX people at once")
            }
            OutboxContent.Add(people)
        }

    override suspend fun removeMember(conversation: ConversationId, user: UserId): ItemId =
        goal(conversation) { view ->
            checkId("user", user.value)
            if (user == device.me.id) invalid("leave the group instead")
            checkMayRule(view)
            checkMember(view, user)
            OutboxContent.Remove(user)
        }

    override suspend fun setRoles(
        conversation: ConversationId,
        roles: Map<UserId, Role>,
    ): ItemId = goal(conversation) { view ->
        if (roles.isEmpty()) invalid("no roles are given")
        val now = view.room?.roles.orEmpty()
        if (now[device.me.id] != Role.OWNER) fail(ErrorCode.NOT_ALLOWED, "only owners may")
        roles.keys.forEach { checkMember(view, it) }
        checkOwnerIsLeft(now + roles)
        OutboxContent.SetRoles(roles)
    }

    override suspend fun leave(conversation: ConversationId): ItemId = goal(conversation) { view ->
        checkOwnerIsLeft(view.room?.roles.orEmpty() - device.me.id)
        OutboxContent.Leave
    }

    override suspend fun rename(conversation: ConversationId, name: String): ItemId =
        goal(conversation) { view ->
            checkMayRule(view)
            checkGroupName(name)
            OutboxContent.Rename(name)
        }

    override suspend fun messages(
        conversation: ConversationId,
        page: MessagePage,
        limit: Int,
    ): List<Message> = call {
        checkLimit(limit)
        val all = viewOf(conversation).messages(me.id, outbox)
        when (page) {
            MessagePage.Newest -> all.takeLast(limit)
            is MessagePage.Before -> all.take(indexIn(all, page.anchor)).takeLast(limit)
            is MessagePage.After -> all.drop(indexIn(all, page.anchor) + 1).take(limit)
            is MessagePage.Around -> {
                val start = (indexIn(all, page.anchor) - limit / 2).coerceAtLeast(0)
                all.drop(start).take(limit)
            }
        }
    }

    override suspend fun message(conversation: ConversationId, message: MessageId): Message =
        call { messageOf(viewOf(conversation), message) }

    override suspend fun send(conversation: ConversationId, text: String): MessageId = change {
        val view = viewOf(conversation)
        checkText(text)
        checkMayTalk(view)
        MessageId(put(conversation, OutboxContent.Text(text)))
    }

    override suspend fun edit(
        conversation: ConversationId,
        message: MessageId,
        text: String,
    ): Unit = change {
        checkText(text)
        checkOwnText(conversation, message)
        val waiting = unsent(message.value)
        if (waiting == null) {
            put(conversation, OutboxContent.Edit(message, text))
        } else {
            waiting.content = OutboxContent.Text(text)
            waiting.state = OutboxState.QUEUED
            tellOf(conversation)
        }
    }

    override suspend fun delete(conversation: ConversationId, message: MessageId): Unit = change {
        checkOwnText(conversation, message)
        val waiting = unsent(message.value)
        if (waiting == null) put(conversation, OutboxContent.Delete(message)) else drop(waiting)
    }

    override suspend fun markRead(conversation: ConversationId, message: MessageId): Unit = change {
        val view = viewOf(conversation)
        val seq = messageOf(view, message).seq ?: return@change
        if (seq > view.readSeq) {
            view.readSeq = seq
            put(conversation, OutboxContent.ReadMark(seq))
        }
    }

    override suspend fun outbox(conversation: ConversationId?): List<OutboxItem> = call {
        conversation?.let { viewOf(it) }
        outbox.filter { conversation == null || it.conversation == conversation }
            .map { it.toItem() }
    }

    override suspend fun retry(item: ItemId): Unit = change {
        val waiting = itemOf(item)
        if (waiting.state == OutboxState.FAILED) waiting.state = OutboxState.QUEUED
        tell(Change.Outbox)
    }

    override suspend fun discard(item: ItemId): Unit = change {
        val waiting = itemOf(item)
        val isText = waiting.content is OutboxContent.Text
        val isSent = waiting.state == OutboxState.IN_DOUBT
        when {
            isSent && !isText -> fail(ErrorCode.WRONG_STATE, "it may be at the server")
            isSent -> put(waiting.conversation, OutboxContent.Delete(MessageId(waiting.id)))
            waiting.content == OutboxContent.Create -> {
                outbox.removeAll { it.conversation == waiting.conversation }
                views -= waiting.conversation
            }
        }
        if (!isSent) drop(waiting)
    }

    override suspend fun contact(user: UserId): Contact = call { contactOf(user) }

    override suspend fun matchesSafetyQr(user: UserId, scanned: String): Boolean = call {
        val contact = contactOf(user)
        if (!scanned.startsWith(SAFETY)) fail(ErrorCode.WRONG_CODE, "no safety number")
        contact.safetyQr == scanned
    }

    override suspend fun setVerified(user: UserId, verified: Boolean): Unit = change {
        if (user == me.id) invalid("a safety number with oneself")
        contactOf(user)
        if (verified && identityIsNew(user)) {
            fail(ErrorCode.IDENTITY_CHANGED, "the new identity is not accepted yet")
        }
        if (verified) this.verified += user else this.verified -= user
        tell(Change.Contact(user))
    }

    override suspend fun acceptIdentity(user: UserId): Unit = change {
        if (user == me.id) invalid("the identity of oneself")
        contactOf(user)
        val identity = server.userOf(user).identity
        if (accepted.put(user, identity) != identity) verified -= user
        tell(Change.Contact(user))
    }

    override suspend fun setNetwork(network: Network): Unit =
        change(whilePaused = true) { hasNetwork = network == Network.UP }

    override suspend fun pause(): Unit = change(whilePaused = true) { isPaused = true }

    override suspend fun resume(): Unit = change(whilePaused = true) { isPaused = false }

    override suspend fun syncOnce(budgetMs: Long): SyncOutcome {
        val wasPaused = call(whilePaused = true) {
            if (budgetMs < 0) invalid("budgetMs must not be negative")
            me
            isPaused.also { isPaused = false }
        }
        return change(whilePaused = true) {
            server.settle()
            val isDone = hasNetwork && server.isReachable &&
                outbox.none { it.state == OutboxState.QUEUED || it.state == OutboxState.IN_DOUBT }
            isPaused = wasPaused
            if (isDone) SyncOutcome.COMPLETE else SyncOutcome.OUT_OF_TIME
        }
    }

    override suspend fun shutdown() {
        synchronized(server.lock) {
            device.end()
            server.settle()
        }
    }

    /** Does something with the device, unless that must fail. */
    private suspend fun <T> call(whilePaused: Boolean = false, work: Device.() -> T): T {
        delay(server.delayMs)
        return synchronized(server.lock) {
            if (device.isEnded) fail(ErrorCode.SHUT_DOWN, "the client was shut down")
            if (device.isPaused && !whilePaused) fail(ErrorCode.PAUSED, "the client is paused")
            failures.removeFirstOrNull()?.let { fail(it, "the script wants it so") }
            device.work()
        }
    }

    /** A call after which things move on. */
    private suspend fun <T> change(whilePaused: Boolean = false, work: Device.() -> T): T =
        call(whilePaused) { work().also { server.settle() } }

    /** Whether this user is one who adds, removes and names, where it is a member of a group. */
    private fun checkMayRule(view: View) {
        val role = view.room?.roles?.get(device.me.id)
        if (role == Role.MEMBER) fail(ErrorCode.NOT_ALLOWED, "only owners and admins may")
    }

    /** Puts a goal for a group into the outbox. */
    private suspend fun goal(
        conversation: ConversationId,
        content: (View) -> OutboxContent,
    ): ItemId = change {
        val view = viewOf(conversation)
        val goal = content(view)
        if (view.kind == ConversationKind.DIRECT) {
            fail(ErrorCode.NOT_ALLOWED, "this is a direct conversation")
        }
        checkMayTalk(view)
        ItemId(put(conversation, goal))
    }
}
