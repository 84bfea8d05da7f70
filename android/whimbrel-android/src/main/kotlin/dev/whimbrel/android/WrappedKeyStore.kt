// The key of the database in a file, wrapped by a key that never leaves the system's key store.

package dev.whimbrel.android

import dev.whimbrel.KeyStore
import java.io.File
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.StandardCopyOption
import java.nio.file.StandardOpenOption

/** Bytes of a database key. */
private const val KEY_BYTES = 32

/** The form of the file: this byte, the nonce, the ciphertext. */
private const val FORM: Byte = 1

/** Bytes of a nonce and of the tag behind the ciphertext, both of AES-GCM. */
internal const val NONCE_BYTES = 12
internal const val TAG_BYTES = 16

private const val FILE_BYTES = 1 + NONCE_BYTES + KEY_BYTES + TAG_BYTES

/** The core's name for the database in its folder. */
private const val DATABASE_NAME = "whimbrel.db"

/** Bytes that only the key which wrapped them can unwrap. */
internal class Wrapped(val nonce: ByteArray, val ciphertext: ByteArray)

/** A key that wraps others and can't be read itself. Failures are [DatabaseKeyException]s. */
internal interface WrappingKey {
    /** Makes the key, in the place of a former one. */
    fun create()

    /** Wraps bytes. */
    fun wrap(plaintext: ByteArray): Wrapped

    /** Unwraps bytes, and finds out whether they were changed. */
    fun unwrap(wrapped: Wrapped): ByteArray

    /** Deletes the key. */
    fun delete()
}

/**
 * Keeps the key of the database in [dataFolder] wrapped in [file].
 *
 * A key is only ever said to be missing where there is no database either: a new key beside an old
 * database would hide that its messages are lost.
 */
internal class WrappedKeyStore(
    private val file: File,
    private val dataFolder: File,
    private val wrapping: WrappingKey,
) : KeyStore {
    override fun loadKey(): ByteArray? {
        val content = read() ?: return null
        if (content.size != FILE_BYTES || content[0] != FORM) fail(KeyProblem.DAMAGED)
        val nonce = content.copyOfRange(1, 1 + NONCE_BYTES)
        val ciphertext = content.copyOfRange(1 + NONCE_BYTES, FILE_BYTES)
        return wrapping.unwrap(Wrapped(nonce, ciphertext))
    }

    override fun storeKey(key: ByteArray) {
        require(key.size == KEY_BYTES) { "a key of ${key.size} bytes" }
        if (file.exists()) fail(KeyProblem.ALREADY_KEPT)
        wrapping.create()
        val wrapped = wrapping.wrap(key)
        key.fill(0)
        val content = byteArrayOf(FORM) + wrapped.nonce + wrapped.ciphertext
        check(content.size == FILE_BYTES) { "wrapped to ${content.size} bytes" }
        try {
            writeDurably(content)
        } catch (error: IOException) {
            fail(KeyProblem.UNAVAILABLE, error)
        }
    }

    /**
     * Deletes the key, after which nobody can read the database.
     *
     * @throws IOException where the file stays.
     */
    fun delete() {
        Files.deleteIfExists(file.toPath())
        try {
            wrapping.delete()
        } catch (_: DatabaseKeyException) {
            // It wraps nothing any more, and the next key gets a new one.
        }
    }

    private fun read(): ByteArray? = try {
        when {
            file.exists() -> file.readBytes()
            File(dataFolder, DATABASE_NAME).exists() -> fail(KeyProblem.MISSING)
            else -> null
        }
    } catch (error: IOException) {
        fail(KeyProblem.UNAVAILABLE, error)
    }

    /** When it returns, a power cut can't take the file away, and nobody ever sees half of it. */
    private fun writeDurably(content: ByteArray) {
        val folder = file.absoluteFile.parentFile.toPath()
        Files.createDirectories(folder)
        val new = folder.resolve("${file.name}.new")
        val options = setOf(
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE,
        )
        FileChannel.open(new, options).use { channel ->
            val bytes = ByteBuffer.wrap(content)
            while (bytes.hasRemaining()) channel.write(bytes)
            channel.force(true)
        }
        Files.move(new, file.toPath(), StandardCopyOption.ATOMIC_MOVE)
        FileChannel.open(folder, StandardOpenOption.READ).use { it.force(true) }
    }
}

internal fun fail(problem: KeyProblem, cause: Throwable? = null): Nothing =
    throw DatabaseKeyException(problem, cause)
