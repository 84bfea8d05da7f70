package dev.whimbrel

/**
 * The client as a whole.
 *
 * @property connection The connection.
 * @property account Who is registered or signed in here.
 * @property alarm What stops this client for good or until somebody acts.
 * @property queued Items in the outbox.
 * @property lastError Why the last try to connect failed.
 */
public data class ClientState(
    public val connection: Connection,
    public val account: Account? = null,
    public val alarm: Alarm? = null,
    public val queued: Int = 0,
    public val lastError: ErrorCode? = null,
)

/** State of the connection. */
public enum class Connection {
    /** The app said that there is no network, or nobody is signed in. */
    OFFLINE,

    /** On the way, or waiting before the next try. */
    CONNECTING,

    /** Connected and fetching what was missed. */
    CATCHING_UP,

    /** Connected, everything fetched. */
    LIVE,

    /** Closed by [Whimbrel.pause]. */
    PAUSED,
}

/** What stops a client until somebody acts. */
public enum class Alarm {
    /**
     * The database is an old copy: this device has sent more than it knows of. Nothing is sent any
     * more; the device has to be enrolled anew.
     */
    ROLLED_BACK,

    /**
     * The user has removed this device: nothing is received or sent any more. What is here can be
     * read until it is wiped.
     */
    REVOKED,

    /** The session has ended; sign in with the password again. */
    SIGN_IN_NEEDED,

    /** The disk is full: receiving goes on as far as it can, sending is refused. */
    DISK_FULL,

    /** The server speaks another version; update the app. */
    UPDATE_NEEDED,
}

/** Whether there is a network. */
public enum class Network {
    /** There is, as far as the app knows. */
    UP,

    /** There is none, or none that may be used. */
    DOWN,
}

/** How [Whimbrel.syncOnce] has ended. */
public enum class SyncOutcome {
    /**
     * Everything was fetched, and everything that can go out has gone out. What is left in the
     * outbox waits for somebody to retry, edit or discard it.
     */
    COMPLETE,

    /** The time was over. What was done stays done. */
    OUT_OF_TIME,
}

/** What changed: ids only, read again what is on screen. */
public sealed interface Change {
    /** A conversation's row in the list. */
    public data class Conversation(public val id: ConversationId) : Change

    /** Messages of a conversation. */
    public data class Messages(public val conversation: ConversationId) : Change

    /** Members or marks of a conversation. */
    public data class Members(public val conversation: ConversationId) : Change

    /** A contact: its identity, or whether it is verified. */
    public data class Contact(public val user: UserId) : Change

    /** The outbox. */
    public data object Outbox : Change

    /** The connection; the client's state tells it. */
    public data object Connection : Change

    /** The account or its alarms. */
    public data object Account : Change

    /** Everything may have changed: at the start, and when more happened than is kept. */
    public data object Everything : Change
}
