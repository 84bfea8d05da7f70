package dev.whimbrel.stories

import dev.whimbrel.Change
import dev.whimbrel.Connection
import dev.whimbrel.ErrorCode
import dev.whimbrel.Network
import dev.whimbrel.SignOut
import dev.whimbrel.WhimbrelClient
import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.Executors
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Test

/** Pauses, ends, many events, several clients at once. */
class LifeTest {
    @Test
    fun `a hundred pauses leave no lock and no open file`() = story {
        val options = options(server)
        val folder = Path.of(options.dataFolder)
        val alice = WhimbrelClient.open(options)
        alice.registerLive("alice")
        val group = alice.createGroup("Birds", emptyList())
        assertTrue(locksIn(folder).isNotEmpty(), "the search finds locks")
        assertTrue(openFilesIn(folder).isNotEmpty(), "the search finds open files")
        repeat(100) { round ->
            alice.send(group, "round $round")
            val query = launch(start = CoroutineStart.UNDISPATCHED) {
                runCatching { alice.messages(group, limit = 200) }
            }
            alice.pause()
            assertEquals(emptyList(), locksIn(folder), "round $round")
            assertEquals(emptyList(), openFilesIn(folder), "round $round")
            query.join()
            alice.resume()
        }
        alice.hasSentAll()
        assertEquals(List(100) { "round $it" }, alice.texts(group))
        alice.shutdown()
        assertEquals(emptyList(), locksIn(folder))
    }

    @Test
    fun `each of ten thousand events comes once, and then the end`() = story {
        val alice = livePhone(server, "alice")
        val group = alice.createGroup("Birds", emptyList())
        alice.hasSentAll()
        alice.setNetwork(Network.DOWN)
        alice.becomes(Connection.OFFLINE)
        val message = alice.send(group, "text")
        val events = Channel<Change>(Channel.UNLIMITED)
        val collector = launch(Dispatchers.Default, CoroutineStart.UNDISPATCHED) {
            alice.changes.collect { events.send(it) }
            events.close()
        }
        assertEquals(Change.Everything, events.receive())
        val counts = mutableMapOf<Change, Int>()
        fun count(change: Change) = counts.merge(change, 1, Int::plus)
        repeat(EDITS) {
            alice.edit(group, message, "text $it")
            do {
                val change = events.receive()
                count(change)
            } while (change != Change.Messages(group))
        }
        alice.shutdown()
        collector.join()
        for (change in events) count(change)
        assertEquals(EDITS, counts[Change.Messages(group)])
        assertTrue(counts.values.sum() >= EVENTS, "$counts")
    }

    @Test
    fun `a collector that sleeps learns of everything when it wakes`() = story {
        val alice = livePhone(server, "alice")
        val group = alice.createGroup("Birds", emptyList())
        alice.hasSentAll()
        var last = ""
        val isAsleep = CompletableDeferred<Unit>()
        val mayWake = CompletableDeferred<Unit>()
        val collector = launch(Dispatchers.Default) {
            alice.changes.collect {
                isAsleep.complete(Unit)
                mayWake.await()
                last = alice.messages(group).lastOrNull()?.text.orEmpty()
            }
        }
        isAsleep.await()
        repeat(200) { alice.send(group, "text $it") }
        alice.hasSentAll()
        mayWake.complete(Unit)
        while (last != "text 199") delay(10)
        collector.cancel()
        alice.shutdown()
    }

    @Test
    fun `two clients live in two threads`() = story {
        val results = listOf("alice", "bob").map { name ->
            val thread = Executors.newSingleThreadExecutor().asCoroutineDispatcher()
            async(thread) {
                val client = livePhone(server, name)
                val group = client.createGroup("Birds", emptyList())
                repeat(100) { client.send(group, "$name $it") }
                client.hasSentAll()
                val texts = client.texts(group)
                client.shutdown()
                thread.close()
                texts
            }
        }.awaitAll()
        assertEquals(List(100) { "alice $it" }, results[0])
        assertEquals(List(100) { "bob $it" }, results[1])
    }

    @Test
    fun `a folder has one client at a time, and a client that ends leaves it`() = story {
        val options = options(server)
        val first = WhimbrelClient.open(options)
        val refused = failure { WhimbrelClient.open(options) }
        assertEquals(ErrorCode.ALREADY_OPEN, refused.code)
        assertTrue(refused.isRetryable)
        first.shutdown()
        val second = WhimbrelClient.open(options)
        second.registerLive("alice")
        second.signOut(SignOut.WHEN_TOLD)
        assertFalse(Files.exists(Path.of(options.dataFolder)), "the folder is wiped")
        assertEquals(ErrorCode.SHUT_DOWN, code { second.conversations() })
    }

    private companion object {
        /** Each edit is an event for its conversation, for the messages and for the outbox. */
        const val EVENTS = 10_000
        const val EDITS = EVENTS / 2
        val server = TestServer()

        /** Locks of any process on files in a folder. */
        fun locksIn(folder: Path): List<String> {
            val files = folder.toFile().walk().filter { it.isFile }
                .map { Files.getAttribute(it.toPath(), "unix:ino").toString() }.toSet()
            return File("/proc/locks").readLines()
                .filter { line -> line.split(' ').any { it.substringAfterLast(':') in files } }
        }

        /** Files of a folder that this process has open. */
        fun openFilesIn(folder: Path): List<String> =
            File("/proc/self/fd").listFiles().orEmpty()
                .mapNotNull { runCatching { Files.readSymbolicLink(it.toPath()) }.getOrNull() }
                .filter { it.startsWith(folder) }
                .map { it.toString() }
    }
}
