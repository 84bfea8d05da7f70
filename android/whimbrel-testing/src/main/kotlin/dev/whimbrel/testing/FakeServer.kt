package dev.whimbrel.testing

import dev.whimbrel.Change
import dev.whimbrel.ConversationId
import dev.whimbrel.ErrorCode
import dev.whimbrel.Person
import dev.whimbrel.UserId
import kotlinx.coroutines.flow.MutableStateFlow

/**
 * A server in memory for [FakeWhimbrel]s: everybody who is to meet in a test has a client of the
 * same server. What is done at one client shows at the others before the call returns, so tests
 * need no waiting, unless the script below says otherwise.
 *
 * Nothing is encrypted and nothing is kept. Use from any thread.
 *
 * @param nowMs gives the time, in milliseconds since 1970.
 */
public class FakeServer(internal val nowMs: () -> Long = System::currentTimeMillis) {
    private val lock = Any()
    private val telling = Any()

    /** Goes up whenever something may have changed. */
    internal val moves = MutableStateFlow(0L)
    internal val users = mutableListOf<User>()
    internal val rooms = linkedMapOf<ConversationId, Room>()
    internal val devices = mutableListOf<Device>()
    internal val links = mutableMapOf<String, Link>()
    private val refusals = ArrayDeque<ErrorCode>()
    private var ids = 0L

    /** Whether clients reach the server. What they send meanwhile waits in their outboxes. */
    public var isReachable: Boolean = true
        set(value) = changed { field = value }

    /**
     * Whether the server takes what is sent and its answers are lost: outbox items stay in doubt
     * until this is over, and nothing stands there twice afterwards.
     */
    public var dropsAnswers: Boolean = false
        set(value) = changed { field = value }

    /** Whether what is sent stays on its way, until this is over. */
    public var holdsBack: Boolean = false
        set(value) = changed { field = value }

    /**
     * How long each call at a client takes, in milliseconds. Under the virtual time of `runTest`
     * that costs nothing.
     */
    @Volatile
    public var delayMs: Long = 0

    /** Refuses the next outbox item that is sent, for good: it fails with a code. */
    public fun refuseNext(code: ErrorCode): Unit = changed { refusals.addLast(code) }

    /** A new client with nobody registered. */
    public fun client(): FakeWhimbrel = FakeWhimbrel(this)

    /**
     * A user is somebody with another identity key from now on, as after a new installation
     * without the old keys.
     */
    public fun changeIdentity(user: UserId): Unit = changed { userOf(user).identity++ }

    internal fun newId(): String {
        ids++
        return ids.toString(radix = 16).padStart(ID_DIGITS, '0')
    }

    internal fun userOf(id: UserId): User =
        users.find { it.id == id } ?: fail(ErrorCode.NO_SUCH_USER, "there is no such user")

    internal fun userNamed(name: String): User =
        users.find { it.name == name } ?: fail(ErrorCode.NO_SUCH_USER, "there is no such user")

    internal fun resolve(person: Person): User = when (person) {
        is Person.Id -> userOf(person.user)
        is Person.Username -> userNamed(person.username)
    }

    /** What the script wants to happen to the next item. */
    internal fun nextRefusal(): ErrorCode? = refusals.removeFirstOrNull()

    /** Does something that reads or changes what is here or in a client, and nobody else does. */
    internal inline fun <T> locked(work: () -> T): T = synchronized(lock) { work() }

    /** The same, after which things move on. */
    internal inline fun <T> changed(work: () -> T): T {
        val result = locked { work().also { settle() } }
        tellAll()
        return result
    }

    /** Tells whom it concerns that a user has other devices. */
    internal fun tellOfDevices(user: User) {
        for (device in devices) {
            if (device.user == user) device.tell(Change.Account)
            if (device.knows(user.id)) device.tell(Change.Contact(user.id))
        }
    }

    /** Moves everything that can move, until nothing does. */
    internal fun settle() {
        devices.forEach { it.sendWhatWaits() }
        devices.forEach { it.fetch() }
        devices.forEach { it.fetchMarks() }
        devices.forEach { it.lookAtState() }
    }

    /** Tells everybody what has changed; who hears of it may call at once, on this very thread. */
    private fun tellAll() = synchronized(telling) {
        for (device in locked { devices.toList() }) {
            device.state.value = locked { device.currentState() }
            locked { device.subscriptions.toList() }.forEach { it.wake() }
        }
        moves.value++
    }
}

/** A user of the server. */
internal class User(val id: UserId, val name: String, val password: String) {
    /** Goes up with every new identity key. */
    var identity = 1

    /** The newest one that is proven by the recovery code. */
    var proven = 1
    val devices = linkedSetOf<String>()
    val revoked = mutableSetOf<String>()
    var version = 0L
    val recoveryCode = "recover $name"

    /** The devices that are not revoked. */
    fun listed(): Set<String> = devices - revoked

    fun enter(device: String) {
        if (devices.add(device)) version++
    }

    fun revoke(device: String) {
        if (revoked.add(device)) version++
    }
}

/** A device that waits to be linked. */
internal class Link(val device: String, val expiresMs: Long) {
    /** Who has approved it. */
    var user: User? = null

    /** The device has come in. */
    var isUsed = false

    private var isOver = false

    fun isGood(nowMs: Long) = isUsed || !isOver && nowMs < expiresMs

    /** Ends it; a device that was approved and has not come is none of its user's. */
    fun end() {
        if (!isUsed) user?.revoke(device)
        isOver = true
    }
}
