package dev.whimbrel.android

import dev.whimbrel.ErrorCode
import dev.whimbrel.PushDecision
import dev.whimbrel.Whimbrel
import dev.whimbrel.WhimbrelClient
import dev.whimbrel.WhimbrelException
import dev.whimbrel.WhimbrelOptions
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** The key store and pushes with the real library. */
internal class NativeTest {
    @TempDir
    lateinit var folder: File

    private val dataFolder get() = File(folder, "account")
    private val file get() = File(folder, "key")
    private val soft = SoftKey()
    private val keyStore get() = WrappedKeyStore(file, dataFolder, soft)

    private suspend fun open(): Whimbrel = WhimbrelClient.open(
        WhimbrelOptions(dataFolder.path, "https://localhost:1", keyStore, startsOffline = true),
    )

    private suspend fun openPush(payload: ByteArray): PushDecision =
        WhimbrelClient.openNotification(dataFolder.path, keyStore, payload)

    private suspend fun problem(work: suspend () -> Unit): KeyProblem {
        val error = assertFailsWith<WhimbrelException> { work() }
        assertEquals(ErrorCode.KEY_STORE, error.code)
        return assertIs<DatabaseKeyException>(error.cause).problem
    }

    @Test
    fun `a database opens again with the key that was kept`() = runBlocking {
        open().shutdown()
        assertTrue(file.exists())
        open().shutdown()
    }

    @Test
    fun `a lost key is told, and the database stays as it was`() = runBlocking {
        open().shutdown()
        val database = File(dataFolder, "whimbrel.db")
        val before = database.readBytes()
        soft.failure = KeyProblem.INVALIDATED
        assertEquals(KeyProblem.INVALIDATED, problem { open() })
        soft.failure = null
        file.writeBytes(ByteArray(61))
        assertEquals(KeyProblem.DAMAGED, problem { open() })
        file.delete()
        assertEquals(KeyProblem.MISSING, problem { open() })
        assertTrue(before.contentEquals(database.readBytes()))
        assertEquals(false, file.exists())
    }

    @Test
    fun `where a new key can't be kept there is no database either`() = runBlocking {
        soft.failure = KeyProblem.UNAVAILABLE
        assertEquals(KeyProblem.UNAVAILABLE, problem { open() })
        assertEquals(false, File(dataFolder, "whimbrel.db").exists())
        soft.failure = null
        open().shutdown()
    }

    @Test
    fun `a push before there is an account is silent, and makes no key`() = runBlocking {
        assertEquals(PushDecision.Silent, openPush(ByteArray(0)))
        assertEquals(false, file.exists())
    }

    @Test
    fun `bytes that are no push, and a key that can't be had, are told`() = runBlocking {
        val client = open()
        val noise = ByteArray(40) { 0x7f }
        val error = assertFailsWith<WhimbrelException> { openPush(noise) }
        assertEquals(ErrorCode.PROTOCOL, error.code)
        client.shutdown()
        soft.failure = KeyProblem.UNAVAILABLE
        assertEquals(
            KeyProblem.UNAVAILABLE,
            problem { openPush(ByteArray(0)) },
        )
    }
}
