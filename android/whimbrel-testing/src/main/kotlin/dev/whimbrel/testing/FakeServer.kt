package dev.whimbrel.testing

import dev.whimbrel.ConversationId
import dev.whimbrel.ErrorCode
import dev.whimbrel.UserId
import kotlinx.coroutines.CompletableDeferred

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
    /** Held by whoever reads or changes anything here or in a client. */
    internal val lock = Any()
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

    /** What the script wants to happen to the next item. */
    internal fun nextRefusal(): ErrorCode? = refusals.removeFirstOrNull()

    private inline fun changed(change: () -> Unit) = synchronized(lock) {
        change()
        settle()
    }

    /** Moves everything that can move, until nothing does, and tells everybody what changed. */
    internal fun settle() {
        devices.forEach { it.sendWhatWaits() }
        devices.forEach { it.fetch() }
        devices.forEach { it.fetchMarks() }
        devices.forEach { it.tellState() }
    }
}

/** A user of the server. */
internal class User(val id: UserId, val name: String, val password: String) {
    /** Goes up with every new identity key. */
    var identity = 1
    val devices = linkedMapOf<String, Device>()
    val revoked = mutableListOf<String>()
    var version = 1L
    val recoveryCode = "recover $name"
}

/** A device that waits to be linked. */
internal class Link(val device: String, val expiresMs: Long) {
    val outcome = CompletableDeferred<User>()
    var isUsed = false
}
