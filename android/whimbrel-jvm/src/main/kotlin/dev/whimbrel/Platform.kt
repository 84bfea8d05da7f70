// What the app brings, as the library calls it; and what the library throws, as the app sees it.

package dev.whimbrel

import dev.whimbrel.ffi.InternalException
import dev.whimbrel.ffi.KeyStore as NativeKeyStore
import dev.whimbrel.ffi.LogRecord as NativeLogRecord
import dev.whimbrel.ffi.LogSink as NativeLogSink
import dev.whimbrel.ffi.PlatformException
import dev.whimbrel.ffi.WhimbrelException as NativeException
import java.nio.charset.CharacterCodingException

/** The app's key store; remembers what it threw. */
internal class GuardedKeyStore(private val app: KeyStore) : NativeKeyStore {
    @Volatile
    var thrown: Throwable? = null
        private set

    override fun loadKey(): ByteArray? = guarded { app.loadKey() }

    override fun storeKey(key: ByteArray): Unit = guarded { app.storeKey(key) }

    /** Whatever is thrown, an `Error` included, must not reach the native code. */
    private inline fun <T> guarded(work: () -> T): T = try {
        work()
    } catch (error: Throwable) {
        thrown = error
        // The text of the exception stays out of logs: nobody knows what it holds.
        throw PlatformException.Failed("it threw ${error.javaClass.name}")
    }
}

/** The app's log. */
internal class GuardedLogSink(private val app: LogSink) : NativeLogSink {
    override fun log(line: NativeLogRecord) {
        try {
            app.log(LogRecord(line.level.twin(), line.timeMs, line.text))
        } catch (error: Throwable) {
            throw PlatformException.Failed("it threw ${error.javaClass.name}")
        }
    }
}

/** Does something native; all that it throws is a [WhimbrelException]. */
internal inline fun <T> translated(work: () -> T): T = try {
    work()
} catch (error: NativeException.Failed) {
    throw WhimbrelException(
        error.code.twin(),
        error.reason,
        error.isRetryable,
        error.remedy.twin(),
    )
} catch (_: CharacterCodingException) {
    throw WhimbrelException(
        ErrorCode.INVALID_ARGUMENT,
        "a text has one half of a surrogate pair without the other",
        remedy = Remedy.CHANGE_INPUT,
    )
} catch (error: InternalException) {
    throw WhimbrelException(
        ErrorCode.INTERNAL,
        "this library has a defect: ${error.message}",
        cause = error,
    )
}
