package dev.whimbrel

/**
 * Why a call failed. Nothing of the call has happened, unless its documentation says otherwise.
 *
 * This is the only exception that the calls of a client throw, besides
 * [kotlin.coroutines.cancellation.CancellationException] where the coroutine was cancelled.
 *
 * @property code What went wrong, for programs.
 * @property reason What went wrong, for developers: not to be shown to users. Holds no content,
 *   key or token.
 * @property isRetryable Whether the same call may succeed later without anybody changing anything.
 * @property remedy What can be done about it.
 */
public class WhimbrelException(
    public val code: ErrorCode,
    public val reason: String,
    public val isRetryable: Boolean = false,
    public val remedy: Remedy = Remedy.REPORT,
    cause: Throwable? = null,
) : Exception("${code.stableName}: $reason", cause)

/** What went wrong, as a stable code. New codes may be added by later releases. */
public enum class ErrorCode {
    /** An argument is not valid; the reason says which and what is allowed. */
    INVALID_ARGUMENT,

    /** There is no such conversation, message, member or outbox item. */
    NOT_FOUND,

    /** There is no user of this name. */
    NO_SUCH_USER,

    /** This cannot be done in the state things are in; the reason says why. */
    WRONG_STATE,

    /** Nobody is registered or signed in on this client. */
    NOT_SIGNED_IN,

    /** Name, password or session is wrong. */
    ACCESS_DENIED,

    /** The name is taken. */
    USERNAME_TAKEN,

    /** The rules of the group do not allow it. */
    NOT_ALLOWED,

    /** This user is not a member of the conversation. */
    NOT_MEMBER,

    /** The last owner of a group can't go, nor give the role up, before somebody else has it. */
    LAST_OWNER,

    /** A member goes by another identity key. Compare safety numbers, then accept the new one. */
    IDENTITY_CHANGED,

    /** A device, or a list of devices, that its user has not signed for was refused. */
    UNTRUSTED_DEVICE,

    /** This device was removed by its user. */
    REVOKED,

    /** A user has at most ten devices; remove one first. */
    TOO_MANY_DEVICES,

    /** A character of the code is wrong, or it is a code for something else. */
    WRONG_CODE,

    /** The code was good for five minutes; make a new one. */
    CODE_EXPIRED,

    /** The code was used already; make a new one. */
    CODE_USED,

    /** Over a limit; the reason says which. */
    TOO_LARGE,

    /** The outbox is full. */
    OUTBOX_FULL,

    /** Too many requests; try again later. */
    RATE_LIMITED,

    /** No connection, or the server could not do it now. */
    UNAVAILABLE,

    /** The server's certificate is not the expected one. */
    UNTRUSTED_SERVER,

    /** What the server answered is not of this protocol. */
    PROTOCOL,

    /** Client and server speak different versions. */
    UPDATE_NEEDED,

    /** The disk is full. */
    DISK_FULL,

    /** The database key is not the one the database was made with. */
    WRONG_KEY,

    /** The database is damaged. */
    DAMAGED,

    /** Another process or client has the data folder open. */
    ALREADY_OPEN,

    /** The database is an old copy of itself: this device has sent more than it knows of. */
    ROLLED_BACK,

    /** The data folder can't be read or written. */
    STORAGE,

    /** The client is paused; resume it first. */
    PAUSED,

    /** The client was shut down. */
    SHUT_DOWN,

    /** A defect of this library. */
    INTERNAL,

    /** The app's key store threw an exception, or gave something else than 32 bytes. */
    KEY_STORE,
    ;

    /**
     * The same in every language and release, such as `not_found`: for logs and tables of texts.
     */
    public val stableName: String = name.lowercase()
}

/** What the user or the app can do about an error. */
public enum class Remedy {
    /** Nothing: the client tries again by itself. */
    WAIT,

    /** Try again later. */
    TRY_AGAIN,

    /** Change what was asked for. */
    CHANGE_INPUT,

    /** Compare safety numbers with the other user, then accept the new identity. */
    CHECK_IDENTITY,

    /** Sign in. */
    SIGN_IN,

    /** Update the app. */
    UPDATE_APP,

    /** Free space on the disk. */
    FREE_SPACE,

    /** Set the device up anew. */
    RE_ENROL,

    /** Report a defect. */
    REPORT,
}
