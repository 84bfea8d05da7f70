// Stand-ins for the part of androidx.work that is used, written by hand from its documentation. A
// use that does not fit them is found; an error in them is not. They do nothing.

package androidx.work

import android.app.Notification
import android.content.Context
import java.util.concurrent.TimeUnit

public class WorkerParameters

public class ForegroundInfo(id: Int, notification: Notification)

public abstract class ListenableWorker(
    public val applicationContext: Context,
    parameters: WorkerParameters,
) {
    public val runAttemptCount: Int get() = nothing()

    public abstract class Result {
        public companion object {
            public fun success(): Result = nothing()

            public fun retry(): Result = nothing()

            public fun failure(): Result = nothing()
        }
    }
}

public abstract class CoroutineWorker(context: Context, parameters: WorkerParameters) :
    ListenableWorker(context, parameters) {
    public abstract suspend fun doWork(): Result

    public open suspend fun getForegroundInfo(): ForegroundInfo = nothing()
}

public enum class NetworkType { CONNECTED }

public enum class BackoffPolicy { EXPONENTIAL }

public enum class OutOfQuotaPolicy { RUN_AS_NON_EXPEDITED_WORK_REQUEST }

public enum class ExistingWorkPolicy { KEEP, APPEND_OR_REPLACE }

public enum class ExistingPeriodicWorkPolicy { KEEP }

public class Constraints {
    public class Builder {
        public fun setRequiredNetworkType(type: NetworkType): Builder = nothing()

        public fun build(): Constraints = nothing()
    }
}

public abstract class WorkRequest {
    public abstract class Builder<B : Builder<B, W>, W : WorkRequest> {
        public fun setConstraints(constraints: Constraints): B = nothing()

        public fun setInitialDelay(duration: Long, unit: TimeUnit): B = nothing()

        public fun setBackoffCriteria(policy: BackoffPolicy, delay: Long, unit: TimeUnit): B =
            nothing()

        public fun setExpedited(policy: OutOfQuotaPolicy): B = nothing()

        public fun build(): W = nothing()
    }
}

public class OneTimeWorkRequest : WorkRequest() {
    public class Builder : WorkRequest.Builder<Builder, OneTimeWorkRequest>()
}

public class PeriodicWorkRequest : WorkRequest() {
    public class Builder : WorkRequest.Builder<Builder, PeriodicWorkRequest>()
}

public inline fun <reified W : ListenableWorker> OneTimeWorkRequestBuilder():
    OneTimeWorkRequest.Builder = OneTimeWorkRequest.Builder()

public inline fun <reified W : ListenableWorker> PeriodicWorkRequestBuilder(
    repeatInterval: Long,
    repeatIntervalTimeUnit: TimeUnit,
    flexTimeInterval: Long,
    flexTimeIntervalUnit: TimeUnit,
): PeriodicWorkRequest.Builder = PeriodicWorkRequest.Builder()

public abstract class WorkManager {
    public abstract fun enqueueUniqueWork(
        name: String,
        policy: ExistingWorkPolicy,
        request: OneTimeWorkRequest,
    ): Any

    public abstract fun enqueueUniquePeriodicWork(
        name: String,
        policy: ExistingPeriodicWorkPolicy,
        request: PeriodicWorkRequest,
    ): Any

    public companion object {
        public fun getInstance(context: Context): WorkManager = nothing()
    }
}

private fun nothing(): Nothing = throw UnsupportedOperationException("a stand-in")
