package dev.whimbrel.stories

import dev.whimbrel.Connection
import dev.whimbrel.WhimbrelClient
import dev.whimbrel.WhimbrelOptions
import java.nio.file.Path
import kotlin.io.path.createFile
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable

/** The Kotlin side of a conversation with clients in Swift and Rust, which `cargo xtask ffi` leads. */
@EnabledIfEnvironmentVariable(named = "WHIMBREL_TOGETHER_FOLDER", matches = ".+")
class TogetherTest {
    private val server = System.getenv("WHIMBREL_TEST_SERVER")
    private val fingerprint = System.getenv("WHIMBREL_TEST_FINGERPRINT")
    private val folder = Path.of(System.getenv("WHIMBREL_TOGETHER_FOLDER"))
    private val count = System.getenv("WHIMBREL_TOGETHER_TEXTS").toInt()

    @Test
    fun `everybody shows the same`() = runBlocking {
        val data = newFolder().resolve("data").toString()
        val options = WhimbrelOptions(data, server, MemoryKeyStore(), fingerprint)
        val kotlin = WhimbrelClient.open(options)
        kotlin.register("kotlin", PASSWORD)
        kotlin.becomes(Connection.LIVE)
        folder.resolve("kotlin.ready").createFile()
        // The others may take longer to start than anything else takes.
        val group = kotlin.until("in the group", 300.seconds) {
            kotlin.conversations().find { it.name == "Together" }?.id
        }
        repeat(count) { kotlin.send(group, "kotlin $it") }
        val all = kotlin.until("hearing everybody") {
            val texts = kotlin.messages(group, limit = 200).filter { it.text != null }
            texts.takeIf { it.size == 3 * count && it.all { message -> message.seq != null } }
        }
        val lines = all.map { "${it.seq}\t${it.sender.value}\t${it.text}\n" }
        folder.resolve("kotlin.txt").writeText(lines.joinToString(""))
        kotlin.shutdown()
    }
}
