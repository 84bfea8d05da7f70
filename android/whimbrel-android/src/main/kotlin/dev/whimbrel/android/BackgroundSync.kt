package dev.whimbrel.android

import dev.whimbrel.ErrorCode
import dev.whimbrel.SyncOutcome
import dev.whimbrel.Whimbrel
import dev.whimbrel.WhimbrelException

/**
 * For how long a sync in the background may take, in milliseconds. The system grants an expedited
 * job little more than a minute before it thinks about ending it.
 */
internal const val SYNC_BUDGET_MS = 45_000L

/** What becomes of a sync in the background. */
internal enum class SyncVerdict {
    /** Everything was fetched and sent. */
    DONE,

    /** Try again, after a while. */
    AGAIN,

    /** Trying again does not help before the user has done something. */
    GIVE_UP,
}

/** Opens or takes the client and syncs it once. */
internal suspend fun syncInBackground(client: suspend () -> Whimbrel): SyncVerdict = try {
    when (client().syncOnce(SYNC_BUDGET_MS)) {
        SyncOutcome.COMPLETE -> SyncVerdict.DONE
        SyncOutcome.OUT_OF_TIME -> SyncVerdict.AGAIN
    }
} catch (error: WhimbrelException) {
    verdictOn(error)
}

internal fun verdictOn(error: WhimbrelException): SyncVerdict = when {
    // The app has come or gone meanwhile; or another process is still at it.
    error.code == ErrorCode.PAUSED || error.code == ErrorCode.ALREADY_OPEN -> SyncVerdict.AGAIN
    (error.cause as? DatabaseKeyException)?.problem == KeyProblem.UNAVAILABLE -> SyncVerdict.AGAIN
    error.isRetryable -> SyncVerdict.AGAIN
    else -> SyncVerdict.GIVE_UP
}
