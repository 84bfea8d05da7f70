package dev.whimbrel.android

/**
 * Why the key of the database can't be had. It is the `cause` of the
 * [dev.whimbrel.WhimbrelException] with which a client fails to open
 * ([dev.whimbrel.ErrorCode.KEY_STORE]).
 *
 * @property problem What is wrong, and so what the app can do.
 */
public class DatabaseKeyException internal constructor(
    public val problem: KeyProblem,
    cause: Throwable? = null,
) : Exception("the key of the database: ${problem.name.lowercase()}", cause)

/**
 * What is wrong with the key of the database.
 *
 * @property isForGood Whether waiting does not help: without its key nobody can read the database.
 *   The only way on is [WhimbrelAndroid.wipe], after which the user links this device again, or
 *   recovers the account. It is never taken without the app asking for it.
 */
public enum class KeyProblem(public val isForGood: Boolean) {
    /** The system's key store does not answer, or the file can't be read now. Try again later. */
    UNAVAILABLE(isForGood = false),

    /** The system has thrown away the key that wraps it, as it may when the screen lock changes. */
    INVALIDATED(isForGood = true),

    /** The file with the wrapped key is not what was written. */
    DAMAGED(isForGood = true),

    /** There is a database, and no file with a key: one of the two was deleted or copied alone. */
    MISSING(isForGood = true),

    /** There is a key already, which must not be replaced. */
    ALREADY_KEPT(isForGood = false),
}
