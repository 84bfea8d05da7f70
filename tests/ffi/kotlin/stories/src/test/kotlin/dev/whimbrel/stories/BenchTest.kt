package dev.whimbrel.stories

import dev.whimbrel.Change
import dev.whimbrel.Network
import dev.whimbrel.WhimbrelClient
import dev.whimbrel.WhimbrelOptions
import java.nio.file.Path
import kotlin.io.path.writeText
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.DurationUnit
import kotlin.time.measureTime
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable

/** The Kotlin side of `cargo xtask bench ffi`: the same calls as its Rust side. */
@EnabledIfEnvironmentVariable(named = "WHIMBREL_BENCH_FILE", matches = ".+")
class BenchTest {
    private val server = System.getenv("WHIMBREL_TEST_SERVER")
    private val fingerprint = System.getenv("WHIMBREL_TEST_FINGERPRINT")
    private val calls = System.getenv("WHIMBREL_BENCH_CALLS").toInt()

    @Test
    fun `calls and events`() = runBlocking {
        withTimeout(10.minutes) {
            val data = newFolder().resolve("data").toString()
            val options = WhimbrelOptions(data, server, MemoryKeyStore(), fingerprint)
            val client = WhimbrelClient.open(options)
            client.register("kotlin", PASSWORD)
            val group = client.createGroup("Birds", emptyList())
            client.setNetwork(Network.DOWN)
            val message = client.send(group, "text")
            // As in an app that has run for a while.
            repeat(calls) { client.conversation(group) }
            val query = measureTime { repeat(calls) { client.conversation(group) } }

            val events = Channel<Change>(Channel.UNLIMITED)
            val collector = launch(Dispatchers.Default, CoroutineStart.UNDISPATCHED) {
                client.changes.collect { events.send(it) }
            }
            events.receive()
            val event = measureTime {
                repeat(calls) {
                    client.edit(group, message, "text $it")
                    do {
                        val change = events.receive()
                    } while (change != Change.Messages(group))
                }
            }
            collector.cancel()
            client.shutdown()
            val file = Path.of(System.getenv("WHIMBREL_BENCH_FILE"))
            file.writeText("${microsEach(query)} ${microsEach(event)}")
        }
    }

    private fun microsEach(time: Duration) = time.toDouble(DurationUnit.MICROSECONDS) / calls
}
