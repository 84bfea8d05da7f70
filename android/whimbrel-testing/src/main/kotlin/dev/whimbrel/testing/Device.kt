package dev.whimbrel.testing

import dev.whimbrel.Account
import dev.whimbrel.Alarm
import dev.whimbrel.Change
import dev.whimbrel.ClientState
import dev.whimbrel.Connection
import dev.whimbrel.ConversationId
import dev.whimbrel.ConversationKind
import dev.whimbrel.DeviceId
import dev.whimbrel.ErrorCode
import dev.whimbrel.OutboxContent
import dev.whimbrel.OutboxState
import dev.whimbrel.Role
import dev.whimbrel.UserId
import dev.whimbrel.WhimbrelException
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.MutableStateFlow

/** What a client has on its device. Only to be used by whoever holds the server's lock. */
internal class Device(private val server: FakeServer) {
    val state = MutableStateFlow(ClientState(Connection.OFFLINE))
    private var lastState = state.value
    val views = linkedMapOf<ConversationId, View>()
    val outbox = mutableListOf<Waiting>()
    val verified = mutableSetOf<UserId>()

    /** The identities that this user relies on. */
    val accepted = mutableMapOf<UserId, Int>()
    val subscriptions = mutableListOf<Subscription>()

    /** Devices that are revoked here, and not yet at the server. */
    val revoking = mutableSetOf<String>()
    var user: User? = null
    var id = ""
    var link: Link? = null
    var hasNetwork = true
    var isPaused = false
    var isEnded = false

    /** This device was its user's first and knows the recovery code. */
    var hasRecoveryCode = false

    val me: User get() = user ?: fail(ErrorCode.NOT_SIGNED_IN, "nobody is registered here")

    val isRevoked get() = user?.let { id in it.revoked } == true

    val isOnline
        get() = user != null && hasNetwork && !isPaused && !isEnded && !isRevoked &&
            server.isReachable

    fun tell(change: Change) = subscriptions.forEach { it.add(change) }

    fun nowMs(): Long = server.nowMs()

    fun view(conversation: ConversationId): View =
        views[conversation] ?: fail(ErrorCode.NOT_FOUND, "there is no such conversation")

    fun put(conversation: ConversationId, content: OutboxContent): String {
        val id = server.newId()
        outbox += Waiting(id, conversation, content, server.nowMs())
        tellOf(conversation)
        tell(Change.Outbox)
        return id
    }

    /** Tells that a conversation is another one. */
    fun tellOf(conversation: ConversationId) {
        tell(Change.Conversation(conversation))
        tell(Change.Messages(conversation))
    }

    fun signIn(user: User) {
        this.user = user
        if (id.isEmpty()) id = server.newId()
        user.enter(id)
        server.tellOfDevices(user)
    }

    fun account() = user?.let { Account(it.id, it.name, DeviceId(id)) }

    /** A device that was linked or recovered sees what comes from now on. */
    fun joinAt(user: User) {
        for (room in server.rooms.values.filter { user.id in it.roles }) {
            val view = View(room.id, room.kind, room.name, peer = null, server.nowMs())
            val end = room.log.size.toLong()
            if (room.kind == ConversationKind.DIRECT) view.name = nameOfPeer(room)
            val entry = Entry(server.newId(), end, user.id, OutboxContent.Upkeep, nowMs())
            view.beginAt(room, entry)
            view.goOn(room, from = end, to = end)
            views[room.id] = view
            tellOf(room.id)
        }
    }

    /** The account, once the link has led to one; `null` as long as nobody has approved it. */
    fun linked(): Account? {
        account()?.let { return it }
        val link = link ?: fail(ErrorCode.WRONG_STATE, "no link was begun, or it was cancelled")
        if (!link.isGood(nowMs())) {
            fail(ErrorCode.CODE_EXPIRED, "its time is over, or the other device has refused")
        }
        val user = link.user ?: return null
        checkReachable()
        link.isUsed = true
        id = link.device
        signIn(user)
        joinAt(user)
        return account()
    }

    /** A code that is good. */
    fun linkNamed(code: String): Link? = server.links[code]?.takeIf { it.isGood(nowMs()) }

    fun nameOf(user: UserId): String = server.userOf(user).name

    fun identityOf(user: UserId): Int = server.userOf(user).identity

    fun isProven(user: UserId): Boolean = server.userOf(user).run { proven == identity }

    /** For calls that need the server now. They try whatever the app has said of the network. */
    fun checkReachable() {
        if (!server.isReachable) fail(ErrorCode.UNAVAILABLE, "the server can't be reached")
    }

    /** Sends what waits, each conversation up to the first item that does not go out. */
    fun sendWhatWaits() {
        if (isOnline && revoking.isNotEmpty()) {
            revoking.forEach(me::revoke)
            revoking.clear()
            server.tellOfDevices(me)
        }
        val waiting = outbox.map { it.conversation }.toSet()
        for (view in views.values.filter { it.id !in waiting }) {
            view.blocked = if (needsAcceptance(view)) ErrorCode.IDENTITY_CHANGED else null
        }
        if (!isOnline || server.holdsBack) return
        val stopped = mutableSetOf<ConversationId>()
        for (item in outbox.toList()) {
            if (item.conversation !in stopped && !send(item)) stopped += item.conversation
        }
    }

    /** Whether the item is gone. */
    private fun send(item: Waiting): Boolean {
        val view = views.getValue(item.conversation)
        view.blocked = when {
            needsAcceptance(view) -> ErrorCode.IDENTITY_CHANGED
            item.state == OutboxState.FAILED -> item.failure
            else -> null
        }
        if (view.blocked != null) return false
        tell(Change.Outbox)
        tellOf(view.id)
        try {
            if (item.state != OutboxState.IN_DOUBT) {
                server.nextRefusal()?.let { fail(it, "the script wants it so") }
            }
            roomOf(view).take(me.id, item)
        } catch (refusal: WhimbrelException) {
            item.state = OutboxState.FAILED
            item.failure = refusal.code
            view.blocked = refusal.code
            item.attempts++
            return false
        }
        if (server.dropsAnswers) {
            if (item.state != OutboxState.IN_DOUBT) item.attempts++
            item.state = OutboxState.IN_DOUBT
            return false
        }
        outbox -= item
        return true
    }

    private fun needsAcceptance(view: View): Boolean = user != null &&
        (view.roles(me.id).keys - me.id).any {
            identityIsNew(it) && (it in verified || view.kind == ConversationKind.DIRECT)
        }

    /** Whether this user has met another in a conversation. */
    fun knows(other: UserId): Boolean =
        user != null && other != me.id && views.values.any { other in it.roles(me.id) }

    fun identityIsNew(user: UserId): Boolean =
        server.userOf(user).identity > accepted.getOrPut(user) { server.userOf(user).identity }

    /** The conversation at the server; the first item founds it. */
    private fun roomOf(view: View): Room {
        view.room?.let { return it }
        view.peer?.let { server.resolve(it) }
        val room = server.rooms.getOrPut(view.id) { Room(server, view.id, view.kind, view.name) }
        view.room = room
        return room
    }

    /** Fetches what is new at the server. */
    fun fetch() {
        if (!isOnline || outbox.any { it.state == OutboxState.IN_DOUBT }) return
        for (room in server.rooms.values) {
            val end = if (me.id in room.roles) room.log.size.toLong() else room.leftAt[me.id]
            if (end != null) fetch(room, end)
        }
    }

    private fun fetch(room: Room, end: Long) {
        val view = views.getOrPut(room.id) {
            View(room.id, room.kind, room.name, peer = null, server.nowMs())
                .apply { beginAt(room, room.log[room.joinedAt.getValue(me.id).toInt() - 1]) }
        }
        room.roles.keys.forEach { identityIsNew(it) }
        if (end <= view.applied) return
        view.goOn(room, from = room.joinedAt.getValue(me.id), to = end)
        view.name = if (room.kind == ConversationKind.GROUP) room.name else nameOfPeer(room)
        room.delivered[me.id] = maxOf(end, room.delivered[me.id] ?: 0)
        tellOf(room.id)
        tell(Change.Members(room.id))
    }

    private fun nameOfPeer(room: Room) =
        room.roles.keys.find { it != me.id }?.let { server.userOf(it).name }.orEmpty()

    /** Learns how far the others are. */
    fun fetchMarks() {
        if (!isOnline) return
        for (view in views.values) {
            val delivered = view.room?.delivered?.toMap() ?: continue
            if (delivered == view.delivered) continue
            view.delivered = delivered
            tell(Change.Messages(view.id))
            tell(Change.Members(view.id))
        }
    }

    /** Tells where the state has become another one. */
    fun lookAtState() {
        val now = currentState()
        if (now.connection != lastState.connection) tell(Change.Connection)
        if (now.alarm != lastState.alarm) tell(Change.Account)
        lastState = now
    }

    fun currentState() = ClientState(
        connection = connection(),
        account = account(),
        alarm = if (isRevoked) Alarm.REVOKED else null,
        queued = outbox.size,
        lastError = if (connection() == Connection.CONNECTING) ErrorCode.UNAVAILABLE else null,
    )

    private fun connection() = when {
        isPaused || isEnded -> Connection.PAUSED
        user == null || !hasNetwork || isRevoked -> Connection.OFFLINE
        !server.isReachable -> Connection.CONNECTING
        else -> Connection.LIVE
    }

    fun end() {
        isEnded = true
        subscriptions.forEach { it.end() }
    }
}

/** Changes that wait for one collector. Only to be used by whoever holds the server's lock. */
internal class Subscription {
    private val waiting = linkedSetOf<Change>()
    private var isEnded = false

    /** Says that something waits; closed at the end. */
    val signal = Channel<Unit>(Channel.CONFLATED)

    fun add(change: Change) {
        waiting += change
    }

    fun takeAll(): List<Change> = waiting.toList().also { waiting.clear() }

    fun end() {
        isEnded = true
    }

    /** Not under the lock: who collects may go on at once, on this very thread. */
    fun wake() {
        signal.trySend(Unit)
        if (isEnded) signal.close()
    }
}
