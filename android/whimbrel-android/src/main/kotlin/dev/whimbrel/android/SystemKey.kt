package dev.whimbrel.android

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import java.security.GeneralSecurityException
import java.security.KeyStore
import java.security.ProviderException
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

private const val PROVIDER = "AndroidKeyStore"
private const val CIPHER = "AES/GCM/NoPadding"
private const val KEY_BITS = 256

/** Bound to the ciphertext, so that nothing else wrapped by this key passes for a database key. */
private val PURPOSE = "whimbrel database key".toByteArray()

/**
 * An AES-256 key in the system's key store, in hardware where the phone has it. It works while the
 * phone is locked, so that messages can be fetched then.
 */
internal class SystemKey(private val alias: String) : WrappingKey {
    override fun create(): Unit = translated {
        val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
        val spec = KeyGenParameterSpec.Builder(alias, purposes)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(KEY_BITS)
            .build()
        val generator = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER)
        generator.init(spec)
        generator.generateKey()
    }

    override fun wrap(plaintext: ByteArray): Wrapped = translated {
        val cipher = Cipher.getInstance(CIPHER)
        // The system draws the nonce, and refuses one from outside.
        cipher.init(Cipher.ENCRYPT_MODE, key())
        cipher.updateAAD(PURPOSE)
        val ciphertext = cipher.doFinal(plaintext)
        Wrapped(cipher.iv, ciphertext)
    }

    override fun unwrap(wrapped: Wrapped): ByteArray = translated {
        val cipher = Cipher.getInstance(CIPHER)
        val parameters = GCMParameterSpec(TAG_BYTES * Byte.SIZE_BITS, wrapped.nonce)
        cipher.init(Cipher.DECRYPT_MODE, key(), parameters)
        cipher.updateAAD(PURPOSE)
        cipher.doFinal(wrapped.ciphertext)
    }

    override fun delete(): Unit = translated { keyStore().deleteEntry(alias) }

    private fun key(): SecretKey =
        keyStore().getKey(alias, null) as? SecretKey ?: fail(KeyProblem.INVALIDATED)

    private fun keyStore(): KeyStore = KeyStore.getInstance(PROVIDER).apply { load(null) }

    private inline fun <T> translated(work: () -> T): T = try {
        work()
    } catch (error: GeneralSecurityException) {
        fail(problemOf(error), error)
    } catch (error: ProviderException) {
        fail(KeyProblem.UNAVAILABLE, error)
    }

    /** What is not known to be lost for good may come back. */
    private fun problemOf(error: GeneralSecurityException): KeyProblem {
        val causes = generateSequence<Throwable>(error) { it.cause }
        return when {
            causes.any { it is KeyPermanentlyInvalidatedException } -> KeyProblem.INVALIDATED
            causes.any { it is AEADBadTagException } -> KeyProblem.DAMAGED
            else -> KeyProblem.UNAVAILABLE
        }
    }
}
