package dev.whimbrel.android

import java.security.SecureRandom
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.spec.GCMParameterSpec
import javax.crypto.spec.SecretKeySpec

/** A wrapping key in memory, which can be lost. */
internal class SoftKey : WrappingKey {
    var key: SecretKeySpec? = null
    var failure: KeyProblem? = null

    override fun create() {
        failure?.let { fail(it) }
        key = SecretKeySpec(SecureRandom().generateSeed(32), "AES")
    }

    override fun wrap(plaintext: ByteArray): Wrapped {
        val cipher = Cipher.getInstance("AES/GCM/NoPadding")
        cipher.init(Cipher.ENCRYPT_MODE, known())
        return Wrapped(cipher.iv, cipher.doFinal(plaintext))
    }

    override fun unwrap(wrapped: Wrapped): ByteArray {
        val cipher = Cipher.getInstance("AES/GCM/NoPadding")
        cipher.init(Cipher.DECRYPT_MODE, known(), GCMParameterSpec(128, wrapped.nonce))
        return try {
            cipher.doFinal(wrapped.ciphertext)
        } catch (error: AEADBadTagException) {
            fail(KeyProblem.DAMAGED, error)
        }
    }

    override fun delete() {
        failure?.let { fail(it) }
        key = null
    }

    private fun known(): SecretKeySpec {
        failure?.let { fail(it) }
        return key ?: fail(KeyProblem.INVALIDATED)
    }
}
