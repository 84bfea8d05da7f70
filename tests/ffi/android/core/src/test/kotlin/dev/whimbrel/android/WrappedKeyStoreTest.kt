package dev.whimbrel.android

import java.io.File
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

private val KEY = ByteArray(32) { (it + 1).toByte() }

internal class WrappedKeyStoreTest {
    @TempDir
    lateinit var folder: File

    private val file get() = File(folder, "keys/key")
    private val dataFolder get() = File(folder, "account")
    private val soft = SoftKey()
    private val store get() = WrappedKeyStore(file, dataFolder, soft)

    private fun problem(work: () -> Unit): KeyProblem =
        assertFailsWith<DatabaseKeyException> { work() }.problem

    @Test
    fun `in the beginning there is no key`() {
        assertNull(store.loadKey())
    }

    @Test
    fun `what was kept comes back, and does not stand in the file`() {
        store.storeKey(KEY.copyOf())
        assertContentEquals(KEY, store.loadKey())
        val content = file.readBytes()
        assertEquals(61, content.size)
        assertFalse(content.toList().windowed(8).any { it == KEY.toList().take(8) })
        assertEquals(listOf("key"), file.parentFile.list()?.toList())
    }

    @Test
    fun `the key is wiped from memory once it is kept`() {
        val key = KEY.copyOf()
        store.storeKey(key)
        assertTrue(key.all { it == 0.toByte() })
    }

    @Test
    fun `a key is never replaced`() {
        store.storeKey(KEY.copyOf())
        assertEquals(KeyProblem.ALREADY_KEPT, problem { store.storeKey(ByteArray(32)) })
        assertContentEquals(KEY, store.loadKey())
    }

    @Test
    fun `a database without its key is told, never given a new one`() {
        dataFolder.mkdirs()
        File(dataFolder, "whimbrel.db").writeText("old messages")
        assertEquals(KeyProblem.MISSING, problem { store.loadKey() })
    }

    @Test
    fun `every changed bit and every other length is damage`() {
        store.storeKey(KEY.copyOf())
        val good = file.readBytes()
        for (at in good.indices) {
            val bad = good.copyOf()
            bad[at] = (bad[at].toInt() xor 1).toByte()
            file.writeBytes(bad)
            assertEquals(KeyProblem.DAMAGED, problem { store.loadKey() }, "byte $at")
        }
        for (size in listOf(0, 1, 13, 60, 62)) {
            file.writeBytes(good.copyOf(size))
            assertEquals(KeyProblem.DAMAGED, problem { store.loadKey() }, "$size bytes")
        }
        file.writeBytes(good)
        assertContentEquals(KEY, store.loadKey())
    }

    @Test
    fun `a wrapping key that is gone is told, and the file stays`() {
        store.storeKey(KEY.copyOf())
        val before = file.readBytes()
        soft.key = null
        assertEquals(KeyProblem.INVALIDATED, problem { store.loadKey() })
        assertContentEquals(before, file.readBytes())
    }

    @Test
    fun `a system that does not answer now may answer later`() {
        store.storeKey(KEY.copyOf())
        soft.failure = KeyProblem.UNAVAILABLE
        assertEquals(KeyProblem.UNAVAILABLE, problem { store.loadKey() })
        soft.failure = null
        assertContentEquals(KEY, store.loadKey())
    }

    @Test
    fun `a file that can't be written is told, and nothing is left`() {
        file.parentFile.writeText("a file where a folder should be")
        assertEquals(KeyProblem.UNAVAILABLE, problem { store.storeKey(KEY.copyOf()) })
        file.parentFile.delete()
        assertNull(store.loadKey())
    }

    @Test
    fun `half a file of a former try does not matter`() {
        file.parentFile.mkdirs()
        File(file.parentFile, "key.new").writeBytes(ByteArray(200))
        assertNull(store.loadKey())
        store.storeKey(KEY.copyOf())
        assertContentEquals(KEY, store.loadKey())
    }

    @Test
    fun `after deletion a new key can be kept`() {
        store.storeKey(KEY.copyOf())
        val before = file.readBytes()
        store.delete()
        assertNull(store.loadKey())
        store.storeKey(KEY.copyOf())
        assertNotEquals(before.toList(), file.readBytes().toList())
        assertContentEquals(KEY, store.loadKey())
    }

    @Test
    fun `a wrapping key that can't be deleted is in nobody's way`() {
        store.storeKey(KEY.copyOf())
        soft.failure = KeyProblem.UNAVAILABLE
        store.delete()
        assertNull(store.loadKey())
        soft.failure = null
        store.storeKey(KEY.copyOf())
        assertContentEquals(KEY, store.loadKey())
    }
}
