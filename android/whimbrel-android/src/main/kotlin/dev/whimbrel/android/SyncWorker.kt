// The only file of this module that stands on androidx: what it decides is in BackgroundSync.kt.

package dev.whimbrel.android

import android.content.Context
import androidx.work.BackoffPolicy
import androidx.work.Constraints
import androidx.work.CoroutineWorker
import androidx.work.ExistingPeriodicWorkPolicy
import androidx.work.ExistingWorkPolicy
import androidx.work.ForegroundInfo
import androidx.work.NetworkType
import androidx.work.OneTimeWorkRequestBuilder
import androidx.work.OutOfQuotaPolicy
import androidx.work.PeriodicWorkRequestBuilder
import androidx.work.WorkManager
import androidx.work.WorkerParameters
import java.util.concurrent.TimeUnit

private const val SOON = "whimbrel-sync-soon"
private const val LATER = "whimbrel-sync-later"
private const val PERIODICALLY = "whimbrel-sync-periodically"

/** The first wait before another try; each further one is twice as long. */
private const val BACKOFF_SECONDS = 30L

/** Tries before it waits for another occasion. */
private const val ATTEMPTS_MAX = 5

/** How often to look without any push, and within how much of that time. */
private const val PERIOD_HOURS = 6L
private const val FLEX_HOURS = 2L

/** Syncs once. Public only because the system makes it. */
public class SyncWorker(context: Context, parameters: WorkerParameters) :
    CoroutineWorker(context, parameters) {
    override suspend fun doWork(): Result = when (WhimbrelAndroid.sync()) {
        // What fails takes with it what is appended to it.
        SyncVerdict.DONE, SyncVerdict.GIVE_UP -> Result.success()
        SyncVerdict.AGAIN -> {
            // Work of another name waits for the next try, so that it never holds up a push.
            SyncWork.later(applicationContext)
            Result.success()
        }
    }

    override suspend fun getForegroundInfo(): ForegroundInfo =
        ForegroundInfo(SYNC_NOTIFICATION_ID, syncNotification(applicationContext))
}

/** Tries again what [SyncWorker] did not manage. Public only because the system makes it. */
public class SyncAgainWorker(context: Context, parameters: WorkerParameters) :
    CoroutineWorker(context, parameters) {
    override suspend fun doWork(): Result = when (WhimbrelAndroid.sync()) {
        SyncVerdict.DONE -> Result.success()
        SyncVerdict.AGAIN ->
            if (runAttemptCount + 1 < ATTEMPTS_MAX) Result.retry() else Result.failure()
        SyncVerdict.GIVE_UP -> Result.failure()
    }
}

internal object SyncWork {
    private val needsNetwork =
        Constraints.Builder().setRequiredNetworkType(NetworkType.CONNECTED).build()

    /** For a push and for what was not sent: somebody waits for it. */
    fun soon(context: Context) {
        val request = OneTimeWorkRequestBuilder<SyncWorker>()
            .setExpedited(OutOfQuotaPolicy.RUN_AS_NON_EXPEDITED_WORK_REQUEST)
            .setConstraints(needsNetwork)
            .build()
        // One that is about to end may have fetched before there was what is wanted now.
        WorkManager.getInstance(context)
            .enqueueUniqueWork(SOON, ExistingWorkPolicy.APPEND_OR_REPLACE, request)
    }

    /** For what did not succeed. */
    fun later(context: Context) {
        val request = OneTimeWorkRequestBuilder<SyncAgainWorker>()
            .setInitialDelay(BACKOFF_SECONDS, TimeUnit.SECONDS)
            .setConstraints(needsNetwork)
            .setBackoffCriteria(BackoffPolicy.EXPONENTIAL, BACKOFF_SECONDS, TimeUnit.SECONDS)
            .build()
        WorkManager.getInstance(context)
            .enqueueUniqueWork(LATER, ExistingWorkPolicy.KEEP, request)
    }

    /** For pushes that never came. */
    fun periodically(context: Context) {
        val request = PeriodicWorkRequestBuilder<SyncWorker>(
            PERIOD_HOURS, TimeUnit.HOURS, FLEX_HOURS, TimeUnit.HOURS,
        )
            .setConstraints(needsNetwork)
            .build()
        WorkManager.getInstance(context)
            .enqueueUniquePeriodicWork(PERIODICALLY, ExistingPeriodicWorkPolicy.KEEP, request)
    }
}
