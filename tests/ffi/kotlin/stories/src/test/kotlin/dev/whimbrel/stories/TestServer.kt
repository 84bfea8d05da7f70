package dev.whimbrel.stories

import dev.whimbrel.ConversationId
import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.createTempDirectory
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** The folder with the library and the programs that cargo has built. */
private val programs: File = File(System.getProperty("whimbrel.programs"))

/** A real server in a process of its own, with a folder of its own; ended with the tests. */
class TestServer {
    private val folder: Path = createTempDirectory("whimbrel-server")
    private val data: Path = folder.resolve("data")
    private var listen = "127.0.0.1:0"
    private var process = start()

    val fingerprint: String = data.resolve("fingerprint").readText().trim()

    val url: String get() = "https://$listen"

    init {
        Runtime.getRuntime().addShutdownHook(Thread { end() })
    }

    /** What a push service would bring of a conversation, after a number. */
    fun push(conversation: ConversationId, after: Long): ByteArray {
        val made = ProcessBuilder(
            programs.resolve("push-payload").path,
            "--server", data.toString(),
            "--conversation", conversation.value,
            "--after", after.toString(),
        ).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val text = made.inputStream.reader().readText().trim()
        check(made.waitFor() == 0) { "no payload" }
        return bytes(text)
    }

    /** Ends without a word to anybody. */
    fun kill() {
        process.destroyForcibly().waitFor()
    }

    /** Starts again, with the same folder, at the same place. */
    fun startAgain() {
        check(!process.isAlive) { "it runs" }
        Files.delete(data.resolve("address"))
        process = start()
    }

    private fun start(): Process {
        // As cheap as the configuration allows: what passwords cost is not looked at here.
        val config = folder.resolve("server.toml")
        config.writeText(
            """
            [auth.argon2]
            memory_kib = 7168
            passes = 1
            lanes = 1
            [limits.address]
            registrations = { burst = 10000, per_minute = 10000 }
            """.trimIndent(),
        )
        val log = folder.resolve("log").toFile()
        val started = ProcessBuilder(
            programs.resolve("whimbrel-server").path,
            "--config", config.toString(),
            "--data", data.toString(),
            "--listen", listen,
        ).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log)).start()
        val deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20)
        while (!isReady()) {
            check(started.isAlive) { "the server ended:\n${log.readText()}" }
            check(System.nanoTime() < deadline) { "the server does not get ready" }
            Thread.sleep(10)
        }
        listen = data.resolve("address").readText().trim()
        return started
    }

    private fun isReady() = listOf("address", "fingerprint").all {
        data.resolve(it).exists() && data.resolve(it).readText().isNotBlank()
    }

    private fun end() {
        kill()
        folder.toFile().deleteRecursively()
    }
}
