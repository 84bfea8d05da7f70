package dev.whimbrel.stories

import dev.whimbrel.ErrorCode
import dev.whimbrel.KeyStore
import dev.whimbrel.LogLevel
import dev.whimbrel.LogRecord
import dev.whimbrel.LogSink
import dev.whimbrel.WhimbrelClient
import dev.whimbrel.WhimbrelOptions
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertSame
import kotlin.test.assertTrue
import kotlinx.coroutines.delay
import org.junit.jupiter.api.Test

/** The app's own code, called from the library: the key store and the log. */
class KeyStoreTest {
    private class Broken(val thrown: Throwable, val key: ByteArray? = null) : KeyStore {
        override fun loadKey(): ByteArray? = key ?: throw thrown

        override fun storeKey(key: ByteArray): Unit = throw thrown
    }

    private class EmptyBroken(val thrown: Throwable) : KeyStore {
        override fun loadKey(): ByteArray? = null

        override fun storeKey(key: ByteArray): Unit = throw thrown
    }

    @Test
    fun `what a key store throws is the cause of the failure, and nothing else breaks`() = story {
        val throwables = listOf(
            IllegalStateException("secret words"),
            NotImplementedError("secret words"),
            StackOverflowError("secret words"),
            java.io.IOException("secret words"),
        )
        val folder = newFolder()
        for (thrown in throwables) {
            for (keyStore in listOf(Broken(thrown), EmptyBroken(thrown))) {
                val error = failure { WhimbrelClient.open(options(server, folder, keyStore)) }
                assertEquals(ErrorCode.KEY_STORE, error.code)
                assertSame(thrown, error.cause)
                assertTrue(thrown.javaClass.name in error.reason, error.reason)
                assertFalse("secret" in error.reason, error.reason)
            }
        }
        WhimbrelClient.open(options(server, folder)).shutdown()
    }

    @Test
    fun `a key that is none, another one, or a lost one`() = story {
        val folder = newFolder()
        val keys = MemoryKeyStore()
        val client = WhimbrelClient.open(options(server, folder, keys))
        client.registerLive("alice")
        client.shutdown()
        suspend fun codeWith(key: ByteArray?) =
            code { WhimbrelClient.open(options(server, folder, MemoryKeyStore(key))) }
        assertEquals(ErrorCode.WRONG_KEY, codeWith(ByteArray(32) { 1 }))
        assertEquals(ErrorCode.WRONG_KEY, codeWith(null))
        for (length in listOf(0, 31, 33, 1_000_000)) {
            assertEquals(ErrorCode.KEY_STORE, codeWith(ByteArray(length)), "$length bytes")
        }
        val again = WhimbrelClient.open(options(server, folder, keys))
        assertEquals(client.me, again.me)
        again.shutdown()
    }

    @Test
    fun `a log gets lines without content, and may throw`() = story {
        val lines = CopyOnWriteArrayList<LogRecord>()
        val sink = LogSink {
            lines += it
            throw NotImplementedError("an app's log is broken")
        }
        val with = options(server).run {
            WhimbrelOptions(dataFolder, this.server, keyStore, pinnedFingerprint, logSink = sink)
        }
        val client = WhimbrelClient.open(with)
        client.registerLive("logged")
        val group = client.createGroup("Birds", emptyList())
        assertEquals(ErrorCode.INVALID_ARGUMENT, code { client.conversations(limit = 1000) })
        client.send(group, "a secret word")
        client.hasSentAll()
        client.pause()
        client.shutdown()
        while (lines.none { it.level == LogLevel.WARNING }) delay(10)
        assertTrue(lines.all { it.timeMs > 0 && it.text.isNotBlank() })
        val all = lines.joinToString("\n")
        listOf("secret", "logged", "Birds", PASSWORD).forEach { assertFalse(it in all, all) }
    }

    @Test
    fun `an exception is what a developer can read`() = story {
        val error = failure { WhimbrelClient.open(WhimbrelOptions("", "", MemoryKeyStore())) }
        assertEquals(ErrorCode.INVALID_ARGUMENT, error.code)
        assertFalse(error.isRetryable)
    }

    private companion object {
        val server = TestServer()
    }
}
