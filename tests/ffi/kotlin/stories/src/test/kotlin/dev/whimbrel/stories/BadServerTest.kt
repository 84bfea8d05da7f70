package dev.whimbrel.stories

import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsServer
import dev.whimbrel.ErrorCode
import dev.whimbrel.Whimbrel
import dev.whimbrel.WhimbrelClient
import dev.whimbrel.WhimbrelOptions
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyStore
import java.security.MessageDigest
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import kotlin.concurrent.thread
import kotlin.io.path.createFile
import kotlin.io.path.inputStream
import kotlin.test.assertEquals
import org.junit.jupiter.api.Test

/** Servers that are none, folders that can't be used, addresses that lead nowhere. */
class BadServerTest {
    private val goodPin = "ab".repeat(32)

    private suspend fun client(server: String, pin: String? = goodPin): Whimbrel =
        WhimbrelClient.open(
            WhimbrelOptions(newFolder().toString(), server, MemoryKeyStore(), pin),
        )

    /** A client is refused by what listens there, and works on for what needs no server. */
    private suspend fun refusal(server: String, pin: String = goodPin): ErrorCode {
        val client = client(server, pin)
        val code = code { client.register(newName("alice"), PASSWORD) }
        assertEquals(code, code { client.register(newName("alice"), PASSWORD) }, "again")
        assertEquals(emptyList(), client.conversations())
        client.shutdown()
        return code
    }

    @Test
    fun `a server that closes is out of reach, and one without TLS of another protocol`() = story {
        val greeting = "220 mail server ready\r\n"
        val answers = mapOf("" to ErrorCode.UNAVAILABLE, greeting to ErrorCode.PROTOCOL)
        for ((answer, expected) in answers) {
            val bytes = answer.encodeToByteArray()
            val socket = ServerSocket(0, 10, InetAddress.getLoopbackAddress())
            thread(isDaemon = true) {
                while (!socket.isClosed) {
                    runCatching { socket.accept().use { it.getOutputStream().write(bytes) } }
                }
            }
            assertEquals(expected, refusal("https://127.0.0.1:${socket.localPort}"), answer)
            socket.close()
        }
        val free = ServerSocket(0).use { it.localPort }
        assertEquals(ErrorCode.UNAVAILABLE, refusal("https://127.0.0.1:$free"))
    }

    @Test
    fun `a web server is not of this protocol, and another certificate is not trusted`() = story {
        val web = WebServer()
        assertEquals(ErrorCode.PROTOCOL, refusal(web.url, web.fingerprint))
        assertEquals(ErrorCode.UNTRUSTED_SERVER, refusal(web.url, goodPin))
        web.stop()
    }

    @Test
    fun `bad options are refused, with a reason`() = story {
        val server = "https://127.0.0.1:1"
        suspend fun codeOf(folder: String, server: String, pin: String? = goodPin) =
            code { WhimbrelClient.open(WhimbrelOptions(folder, server, MemoryKeyStore(), pin)) }
        val folder = newFolder().toString()
        val bad = ErrorCode.INVALID_ARGUMENT
        val addresses =
            listOf("", "http://x", "https://", "x", "https://a\u0000b", "https://\uD83D")
        addresses.forEach { assertEquals(bad, codeOf(folder, it), it) }
        listOf("", "a\u0000b", "\uDC26").forEach { assertEquals(bad, codeOf(it, server), it) }
        listOf("", "ab", "x".repeat(64), "ab".repeat(33), "\uD83D").forEach {
            assertEquals(bad, codeOf(folder, server, it), it)
        }
        client(server).shutdown()
    }

    @Test
    fun `a folder that can't be written is refused, with a reason`() = story {
        val server = "https://127.0.0.1:1"
        // The system's own, which root can't write to either; and a file in the place of a folder.
        val file = newFolder().resolve("file").createFile()
        for (folder in listOf("/proc/whimbrel", "/sys/whimbrel", "$file", "$file/below")) {
            val error = failure {
                WhimbrelClient.open(WhimbrelOptions(folder, server, MemoryKeyStore(), goodPin))
            }
            assertEquals(ErrorCode.STORAGE, error.code, "$folder: ${error.reason}")
        }
    }

    /** Something on the web that knows nothing of chats, with a certificate of its own. */
    private class WebServer {
        private val password = "changeit".toCharArray()
        private val keys = newKeys()
        val fingerprint: String = MessageDigest.getInstance("SHA-256")
            .digest(keys.getCertificate("web").encoded)
            .joinToString("") { "%02x".format(it) }
        private val server = start()
        val url = "https://127.0.0.1:${server.address.port}"

        fun stop() = server.stop(0)

        private fun newKeys(): KeyStore {
            val file: Path = newFolder().resolve("keys")
            val keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString()
            val made = ProcessBuilder(
                keytool, "-genkeypair", "-alias", "web", "-keyalg", "EC", "-groupname",
                "secp256r1", "-dname", "CN=web", "-ext", "SAN=ip:127.0.0.1", "-validity", "1",
                "-storetype", "PKCS12", "-keystore", "$file", "-storepass", String(password),
            ).redirectErrorStream(true).start()
            val said = made.inputStream.reader().readText()
            check(made.waitFor() == 0 && Files.exists(file)) { said }
            return KeyStore.getInstance("PKCS12")
                .apply { file.inputStream().use { load(it, password) } }
        }

        private fun start(): HttpsServer {
            val managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm())
            managers.init(keys, password)
            val context = SSLContext.getInstance("TLS")
            context.init(managers.keyManagers, null, null)
            val server = HttpsServer.create(InetSocketAddress("127.0.0.1", 0), 0)
            server.httpsConfigurator = HttpsConfigurator(context)
            server.createContext("/") { exchange ->
                val page = "<html>It works!</html>".encodeToByteArray()
                exchange.sendResponseHeaders(200, page.size.toLong())
                exchange.responseBody.use { it.write(page) }
            }
            server.start()
            return server
        }
    }
}
