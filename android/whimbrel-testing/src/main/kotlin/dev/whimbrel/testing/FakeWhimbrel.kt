package dev.whimbrel.testing

import dev.whimbrel.Account
import dev.whimbrel.Change
import dev.whimbrel.ClientState
import dev.whimbrel.Contact
import dev.whimbrel.Conversation
import dev.whimbrel.ConversationId
import dev.whimbrel.ConversationKind
import dev.whimbrel.ConversationState
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
import java.util.UUID
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.withTimeoutOrNull

/** For how long a link code is good. */
private const val LINK_MS = 5 * 60 * 1000L

/** Members of a conversation, people that can be added at once, and devices of a user. */
private const val MEMBERS_MAX = 256
private const val PEOPLE_MAX = 32
private const val DEVICES_MAX = 10

/**
 * A client in memory, for tests of view models without native code. It answers as the real one
 * does; who is to answer from the other side gets another client of the same [FakeServer], which
 * also scripts what goes wrong.
 *
 * Left out: full disks and other harm to the database; states that pass, such as the moment before
 * a client is connected; rows that tell of a new identity, and the time until somebody who has
 * recovered is back in the conversations; two ids of a direct conversation that both sides have
 * opened. Changes say what to read again, as those of the real client do, and not always as often.
 */
public class FakeWhimbrel(public val server: FakeServer = FakeServer()) : Whimbrel {
    private val device = Device(server)
    private val failures = ArrayDeque<ErrorCode>()

    init {
        server.locked { server.devices += device }
    }

    /** The next call at this client fails with a code, and has no effect. */
    public fun failNext(code: ErrorCode): Unit = server.locked { failures.addLast(code) }

    override val state: StateFlow<ClientState> = device.state.asStateFlow()

    override val changes: Flow<Change> = flow {
        val subscription = Subscription()
        server.locked {
            device.subscriptions += subscription
            subscription.add(Change.Everything)
            if (device.isEnded) subscription.end()
        }
        subscription.wake()
        try {
            for (ignored in subscription.signal) {
                server.locked { subscription.takeAll() }.forEach { emit(it) }
            }
        } finally {
            server.locked { device.subscriptions -= subscription }
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
            user.devices.forEach(user::revoke)
            user.identity++
            if (code != null) user.proven = user.identity
            signIn(user)
            joinAt(user)
            checkNotNull(account())
        }

    /** A fake has no database that could be an old copy. */
    override suspend fun reEnrol(password: String): Account = change {
        fail(ErrorCode.WRONG_STATE, "the database is no old copy")
    }

    override suspend fun signOut(how: SignOut): Unit = change {
        val listed = user?.listed().orEmpty()
        val isOneOfMany = id in listed && listed.size > 1
        if (isOneOfMany && !isOnline && how == SignOut.WHEN_TOLD) {
            fail(ErrorCode.UNAVAILABLE, "the server could not be told")
        }
        if (isOneOfMany && isOnline) me.revoke(id)
        user = null
        outbox.clear()
        end()
    }

    override suspend fun devices(): DeviceList = call {
        // A device that was removed is not told any more.
        val devices = me.devices.map {
            val state = when {
                it in revoking -> DeviceState.GOING
                it in me.revoked && it != id -> DeviceState.REVOKED
                else -> DeviceState.LISTED
            }
            DeviceRecord(DeviceId(it), it == id, state, conversationsLeft = 0)
        }
        val sorted = devices.sortedWith(compareBy({ it.state }, { it.id.value }))
        DeviceList(me.version, conflict = false, sorted)
    }

    override suspend fun revokeDevice(device: DeviceId): Unit = tell {
        checkId("device", device.value)
        if (device.value !in me.devices) fail(ErrorCode.NOT_FOUND, "there is no such device")
        if (device.value == id) fail(ErrorCode.WRONG_STATE, "this is the device itself")
        revoking += device.value
        tell(Change.Account)
    }

    override suspend fun recoveryCode(): String? =
        call { user?.recoveryCode?.takeIf { hasRecoveryCode } }

    override suspend fun linkStart(): LinkTicket = change {
        checkNobody()
        checkReachable()
        link?.end()
        val code = server.newId()
        val link = Link(server.newId(), server.nowMs() + LINK_MS)
        this.link = link
        server.links[code] = link
        LinkTicket(code, LINK + code, fingerprint(code), link.expiresMs)
    }

    override suspend fun linkWait(): Account {
        while (true) {
            val before = server.moves.value
            val (account, link) = call { linked() to link }
            if (account != null) return server.changed { account }
            val leftMs = checkNotNull(link).expiresMs - server.nowMs()
            val moved = withTimeoutOrNull(leftMs) {
                server.moves.first { it != before }
            }
            if (moved == null) server.changed { link.end() }
        }
    }

    override suspend fun linkCancel(): Unit = change {
        link?.end()
        link = null
    }

    override suspend fun linkInspect(code: String): LinkRequest = call {
        val link = linkOf(code)
        LinkRequest(DeviceId(link.device), fingerprint(code), link.expiresMs)
    }

    override suspend fun linkApprove(code: String): DeviceId = change {
        val link = linkOf(code)
        if (link.user != null && link.user != me) {
            fail(ErrorCode.CODE_USED, "somebody else has approved it")
        }
        if (link.user == null && me.listed().size >= DEVICES_MAX) {
            fail(ErrorCode.TOO_MANY_DEVICES, "a user has at most $DEVICES_MAX devices")
        }
        link.user = me
        me.enter(link.device)
        server.tellOfDevices(me)
        DeviceId(link.device)
    }

    override suspend fun linkRefuse(code: String): Unit = change {
        val plain = plainCode(code)
        checkReachable()
        linkNamed(plain)?.end()
    }

    override suspend fun conversations(offset: Int, limit: Int): List<Conversation> = call {
        if (offset < 0) invalid("offset must not be negative")
        checkLimit(limit)
        val user = user?.id ?: return@call emptyList()
        views.values.reversed().map { it.toConversation(user, outbox) }
            .sortedByDescending { it.lastActivityMs }
            .drop(offset)
            .take(limit)
    }

    override suspend fun conversation(id: ConversationId): Conversation =
        call { viewOf(id).toConversation(me.id, outbox) }

    override suspend fun members(conversation: ConversationId): List<Member> = call {
        val view = viewOf(conversation)
        val read = view.read()
        view.roles(me.id).map { (user, role) ->
            val name = server.userOf(user).name
            Member(user, name, role, view.delivered[user] ?: 0, read[user] ?: 0)
        }
    }

    override suspend fun epochCode(conversation: ConversationId): String? =
        call {
            val view = viewOf(conversation)
            val changes = view.room?.log.orEmpty().filter { it.seq <= view.applied }
                .count { it.changesGroup }
            if (changes == 0) null else digits(view.id.value, changes, groups = 6)
        }

    override suspend fun focus(conversation: ConversationId?): Unit =
        call { conversation?.let { checkId("conversation", it.value) } }

    override suspend fun createDirect(peer: Person): ConversationId = tell {
        checkPerson(peer)
        val name = when (peer) {
            is Person.Id -> server.users.find { it.id == peer.user }?.name
            is Person.Username -> peer.username
        }
        if (name == me.name) invalid("a conversation with oneself")
        // Both sides come to the same id.
        val pair = listOf(me.name, name ?: "$peer").sorted().joinToString("/")
        val bytes = UUID.nameUUIDFromBytes(pair.encodeToByteArray())
        val id = ConversationId(bytes.toString().replace("-", ""))
        if (id !in views) {
            found(View(id, ConversationKind.DIRECT, name.orEmpty(), peer, server.nowMs()))
            put(id, OutboxContent.Add(listOf(known(peer))))
        }
        id
    }

    override suspend fun createGroup(name: String, members: List<Person>): ConversationId =
        tell {
            checkGroupName(name)
            members.forEach(::checkPerson)
            if (members.size >= MEMBERS_MAX) {
                fail(ErrorCode.TOO_LARGE, "a conversation has at most $MEMBERS_MAX members")
            }
            val others = members.map(::known).distinct() -
                setOf(Person.Id(me.id), Person.Username(me.name))
            val id = ConversationId(server.newId())
            found(View(id, ConversationKind.GROUP, name, null, server.nowMs()))
            val sorted = others.sortedBy { "$it" }
            sorted.chunked(PEOPLE_MAX).forEach { put(id, OutboxContent.Add(it)) }
            id
        }

    override suspend fun addMembers(conversation: ConversationId, people: List<Person>): ItemId =
        goal(conversation) { view ->
            device.checkMayRule(view)
            if (people.isEmpty()) invalid("nobody is to be added")
            people.forEach(::checkPerson)
            if (people.size > PEOPLE_MAX) {
                fail(ErrorCode.TOO_LARGE, "more than $PEOPLE_MAX people at once")
            }
            val others = people.map(device::known).distinct()
            val me = device.me
            if (Person.Id(me.id) in others || Person.Username(me.name) in others) {
                invalid("this user is a member already")
            }
            OutboxContent.Add(others)
        }

    override suspend fun removeMember(conversation: ConversationId, user: UserId): ItemId =
        goal(conversation) { view ->
            checkId("user", user.value)
            if (user == device.me.id) invalid("leave the group instead")
            device.checkMayRule(view)
            device.checkMember(view, user)
            OutboxContent.Remove(user)
        }

    override suspend fun setRoles(
        conversation: ConversationId,
        roles: Map<UserId, Role>,
    ): ItemId = goal(conversation) { view ->
        if (roles.isEmpty()) invalid("no roles are given")
        val now = view.roles(device.me.id)
        if (now[device.me.id] != Role.OWNER) fail(ErrorCode.NOT_ALLOWED, "only owners may")
        roles.keys.forEach { device.checkMember(view, it) }
        checkOwnerIsLeft(now + roles)
        OutboxContent.SetRoles(roles)
    }

    override suspend fun leave(conversation: ConversationId): ItemId = goal(conversation) { view ->
        checkOwnerIsLeft(view.roles(device.me.id) - device.me.id)
        OutboxContent.Leave
    }

    override suspend fun rename(conversation: ConversationId, name: String): ItemId =
        goal(conversation) { view ->
            device.checkMayRule(view)
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
                val last = (all.size - limit).coerceAtLeast(0)
                val start = indexIn(all, page.anchor) - (limit - 1) / 2
                all.drop(start.coerceIn(0, last)).take(limit)
            }
        }
    }

    override suspend fun message(conversation: ConversationId, message: MessageId): Message =
        call { messageOf(viewOf(conversation), message) }

    override suspend fun send(conversation: ConversationId, text: String): MessageId = tell {
        val view = viewOf(conversation)
        checkText(text)
        checkMayTalk(view)
        // Who writes has read what is there.
        view.readSeq = maxOf(view.readSeq, view.applied)
        MessageId(put(conversation, OutboxContent.Text(text)))
    }

    override suspend fun edit(
        conversation: ConversationId,
        message: MessageId,
        text: String,
    ): Unit = tell {
        checkText(text)
        checkOwnText(conversation, message)
        checkMember(viewOf(conversation))
        val waiting = unsent(message.value)
        if (waiting == null) {
            supersede(message)
            put(conversation, OutboxContent.Edit(message, text))
        } else {
            waiting.content = OutboxContent.Text(text)
            waiting.state = OutboxState.QUEUED
            tellOf(conversation)
        }
    }

    override suspend fun delete(conversation: ConversationId, message: MessageId): Unit = tell {
        checkOwnText(conversation, message)
        val waiting = unsent(message.value)
        if (waiting == null) {
            checkMember(viewOf(conversation))
            supersede(message)
            put(conversation, OutboxContent.Delete(message))
        } else {
            drop(waiting)
        }
    }

    override suspend fun markRead(conversation: ConversationId, message: MessageId): Unit = change {
        me
        val view = viewOf(conversation)
        val seq = messageOf(view, message).seq ?: view.applied
        if (seq <= view.readSeq) return@change
        view.readSeq = seq
        tell(Change.Conversation(conversation))
        if (view.state(me.id) == ConversationState.REMOVED || isRevoked) return@change
        val waiting = outbox.find {
            it.conversation == conversation && it.state == OutboxState.QUEUED &&
                it.content is OutboxContent.ReadMark
        }
        val mark = OutboxContent.ReadMark(seq)
        if (waiting == null) put(conversation, mark) else waiting.content = mark
    }

    override suspend fun outbox(conversation: ConversationId?): List<OutboxItem> = call {
        conversation?.let { viewOf(it) }
        outbox.filter { conversation == null || it.conversation == conversation }
            .map { it.toItem() }
    }

    override suspend fun retry(item: ItemId): Unit = tell {
        val waiting = itemOf(item)
        checkMember(view(waiting.conversation))
        if (waiting.state != OutboxState.FAILED) return@tell
        waiting.state = OutboxState.QUEUED
        waiting.failure = null
        view(waiting.conversation).blocked = null
        tellOf(waiting.conversation)
        tell(Change.Outbox)
    }

    override suspend fun discard(item: ItemId): Unit = change {
        me
        val waiting = itemOf(item)
        val view = view(waiting.conversation)
        val isText = waiting.content is OutboxContent.Text
        val isSent = waiting.state == OutboxState.IN_DOUBT
        val isInvitation =
            view.kind == ConversationKind.DIRECT && waiting.content is OutboxContent.Add
        when {
            isSent && !isText -> fail(ErrorCode.WRONG_STATE, "it may be at the server")
            isSent -> {
                checkOwnText(view.id, MessageId(waiting.id))
                put(view.id, OutboxContent.Delete(MessageId(waiting.id)))
            }
            isInvitation && view.room != null ->
                fail(ErrorCode.NOT_ALLOWED, "it can't be without its other member")
            isInvitation || waiting.content == OutboxContent.Create -> {
                outbox.removeAll { it.conversation == view.id }
                views -= view.id
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

    override suspend fun syncOnce(budgetMs: Long): SyncOutcome = change(whilePaused = true) {
        if (budgetMs < 0) invalid("budgetMs must not be negative")
        checkMayTell()
        val wasPaused = isPaused
        isPaused = false
        server.settle()
        val isDone = isOnline &&
            outbox.none { it.state == OutboxState.QUEUED || it.state == OutboxState.IN_DOUBT }
        isPaused = wasPaused
        if (isDone) SyncOutcome.COMPLETE else SyncOutcome.OUT_OF_TIME
    }

    override suspend fun shutdown(): Unit = server.changed { device.end() }

    /** Does something with the device, unless that must fail. */
    private suspend fun <T> call(work: Device.() -> T): T {
        delay(server.delayMs)
        return server.locked { begin(whilePaused = false).work() }
    }

    /** A call after which things move on. */
    private suspend fun <T> change(whilePaused: Boolean = false, work: Device.() -> T): T {
        delay(server.delayMs)
        return server.changed { begin(whilePaused).work() }
    }

    /** A call that tells others something. */
    private suspend fun <T> tell(work: Device.() -> T): T = change {
        checkMayTell()
        work()
    }

    private fun begin(whilePaused: Boolean): Device {
        if (device.isEnded) fail(ErrorCode.SHUT_DOWN, "the client was shut down")
        if (device.isPaused && !whilePaused) fail(ErrorCode.PAUSED, "the client is paused")
        failures.removeFirstOrNull()?.let { fail(it, "the script wants it so") }
        return device
    }

    /** Puts a goal for a group into the outbox. */
    private suspend fun goal(
        conversation: ConversationId,
        content: (View) -> OutboxContent,
    ): ItemId = tell {
        val view = viewOf(conversation)
        if (view.kind == ConversationKind.DIRECT) {
            fail(ErrorCode.NOT_ALLOWED, "this is a direct conversation")
        }
        checkMayTalk(view)
        ItemId(put(conversation, content(view)))
    }
}
