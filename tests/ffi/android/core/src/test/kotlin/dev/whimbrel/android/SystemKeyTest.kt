package dev.whimbrel.android

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.ProviderException
import java.security.SecureRandom
import java.security.Security
import java.security.UnrecoverableKeyException
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test

/** The system's key store, in memory: what [SystemKey] asks of it, as this JDK answers it. */
internal class SystemKeyTest {
    private val provider = MemoryProvider()
    private val key = SystemKey("test")

    @BeforeEach
    fun install() {
        Memory.keys.clear()
        Memory.failure = null
        Security.addProvider(provider)
    }

    @AfterEach
    fun remove() = Security.removeProvider(provider.name)

    private fun problem(work: () -> Unit): KeyProblem =
        assertFailsWith<DatabaseKeyException> { work() }.problem

    @Test
    fun `asks for an AES-GCM key that works while the phone is locked`() {
        key.create()
        val spec = checkNotNull(Memory.spec)
        assertEquals("test", spec.keystoreAlias)
        assertEquals(256, spec.keySize)
        assertContentEquals(arrayOf(KeyProperties.BLOCK_MODE_GCM), spec.blockModes)
        assertEquals(true, spec.isRandomizedEncryptionRequired)
        assertEquals(false, spec.isUserAuthenticationRequired)
        assertEquals(false, spec.isUnlockedDeviceRequired)
    }

    @Test
    fun `unwraps what it has wrapped`() {
        key.create()
        val plaintext = ByteArray(32) { it.toByte() }
        val wrapped = key.wrap(plaintext)
        assertEquals(NONCE_BYTES, wrapped.nonce.size)
        assertEquals(plaintext.size + TAG_BYTES, wrapped.ciphertext.size)
        assertContentEquals(plaintext, key.unwrap(wrapped))
    }

    @Test
    fun `what another key has wrapped is damage`() {
        key.create()
        val wrapped = key.wrap(ByteArray(32))
        key.create()
        assertEquals(KeyProblem.DAMAGED, problem { key.unwrap(wrapped) })
    }

    @Test
    fun `a key that is gone, or that the system says it threw away, is gone for good`() {
        key.create()
        val wrapped = key.wrap(ByteArray(32))
        Memory.failure = UnrecoverableKeyException("the screen lock was changed").apply {
            initCause(KeyPermanentlyInvalidatedException())
        }
        assertEquals(KeyProblem.INVALIDATED, problem { key.unwrap(wrapped) })
        Memory.failure = null
        key.delete()
        assertEquals(KeyProblem.INVALIDATED, problem { key.unwrap(wrapped) })
    }

    @Test
    fun `any other failure may pass`() {
        key.create()
        val wrapped = key.wrap(ByteArray(32))
        for (failure in listOf(UnrecoverableKeyException("busy"), ProviderException("busy"))) {
            Memory.failure = failure
            assertEquals(KeyProblem.UNAVAILABLE, problem { key.unwrap(wrapped) })
        }
    }
}

private object Memory {
    val keys = mutableMapOf<String, SecretKey>()
    var spec: KeyGenParameterSpec? = null
    var failure: Exception? = null
}

private class MemoryProvider : Provider("AndroidKeyStore", "1", "keys in memory") {
    init {
        put("KeyStore.AndroidKeyStore", MemoryKeyStore::class.java.name)
        put("KeyGenerator.AES", MemoryKeyGenerator::class.java.name)
    }
}

internal class MemoryKeyGenerator : KeyGeneratorSpi() {
    private lateinit var spec: KeyGenParameterSpec

    override fun engineInit(parameters: AlgorithmParameterSpec, random: SecureRandom?) {
        spec = parameters as KeyGenParameterSpec
    }

    override fun engineInit(random: SecureRandom?) = error("not asked for")

    override fun engineInit(bits: Int, random: SecureRandom?) = error("not asked for")

    override fun engineGenerateKey(): SecretKey {
        val key = SecretKeySpec(SecureRandom().generateSeed(spec.keySize / 8), "AES")
        Memory.spec = spec
        Memory.keys[spec.keystoreAlias] = key
        return key
    }
}

internal class MemoryKeyStore : KeyStoreSpi() {
    override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit

    override fun engineGetKey(alias: String, password: CharArray?): Key? {
        Memory.failure?.let { throw it }
        return Memory.keys[alias]
    }

    override fun engineDeleteEntry(alias: String) {
        Memory.keys -= alias
    }

    override fun engineAliases(): Enumeration<String> = Collections.enumeration(Memory.keys.keys)

    override fun engineContainsAlias(alias: String) = alias in Memory.keys

    override fun engineSize() = Memory.keys.size

    override fun engineIsKeyEntry(alias: String) = alias in Memory.keys

    override fun engineIsCertificateEntry(alias: String) = false

    override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null

    override fun engineGetCertificate(alias: String): Certificate? = null

    override fun engineGetCertificateAlias(certificate: Certificate?): String? = null

    override fun engineGetCreationDate(alias: String): Date? = null

    override fun engineSetKeyEntry(
        alias: String,
        key: Key,
        password: CharArray?,
        chain: Array<Certificate>?,
    ) = error("not asked for")

    override fun engineSetKeyEntry(alias: String, key: ByteArray, chain: Array<Certificate>?) =
        error("not asked for")

    override fun engineSetCertificateEntry(alias: String, certificate: Certificate?) =
        error("not asked for")

    override fun engineStore(stream: OutputStream?, password: CharArray?) = error("not asked for")
}
