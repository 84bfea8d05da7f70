package dev.whimbrel.stories

import dev.whimbrel.Connection
import dev.whimbrel.ErrorCode
import dev.whimbrel.MessageContent
import dev.whimbrel.Network
import dev.whimbrel.SignOut
import dev.whimbrel.Whimbrel
import dev.whimbrel.WhimbrelClient
import dev.whimbrel.WhimbrelException
import dev.whimbrel.WhimbrelOptions
import kotlin.random.Random
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.microseconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.Test

/** Coroutines that are cancelled in the middle of a call: nothing is lost, and nothing is left. */
class CancelTest {
    /** Begins a call, and cancels it as soon as it waits for the native library. */
    private suspend fun CoroutineScope.cancelled(call: Call) {
        // What the call throws has nobody to go to, as in an app that has left the screen.
        val job = launch(Dispatchers.Unconfined, CoroutineStart.UNDISPATCHED) {
            try {
                call()
            } catch (_: WhimbrelException) {
                // Some of them are refused at once.
            }
        }
        job.cancelAndJoin()
    }

    @Test
    fun `every call can be cancelled, and the client goes on`() = story {
        val alice = livePhone(server, "alice")
        val group = alice.createGroup("Birds", emptyList())
        val linkCode = phone(server).linkStart().code
        val calls = everyCall(alice, group, linkCode) - "rename" - "leave" +
            lifeCalls(alice).filterKeys { it == "setNetwork" }
        repeat(3) {
            for ((name, call) in calls) {
                cancelled(call)
                assertEquals("Birds", alice.conversation(group).name, "after $name")
            }
        }
        alice.becomes(Connection.LIVE)
        alice.send(group, "still here")
        alice.hears(group, "still here")
        alice.shutdown()
    }

    @Test
    fun `what a cancelled call has begun is done`() = story {
        val alice = phone(server)
        val name = newName("alice")
        cancelled { alice.register(name, PASSWORD) }
        alice.until("registered") { alice.state.value.account }
        assertEquals(name, alice.me.username)
        alice.becomes(Connection.LIVE)
        cancelled { alice.createGroup("Birds", emptyList()) }
        val group = alice.finds("Birds")
        cancelled { alice.send(group, "frist") }
        val sent = alice.hears(group, "frist")
        cancelled { alice.edit(group, sent.id, "first") }
        alice.hears(group, "first")
        cancelled { alice.rename(group, "Waders") }
        alice.finds("Waders")
        cancelled { alice.delete(group, sent.id) }
        alice.until("taken back") {
            alice.message(group, sent.id).takeIf { it.content == MessageContent.Deleted }
        }
        cancelled { alice.setNetwork(Network.DOWN) }
        alice.becomes(Connection.OFFLINE)
        cancelled { alice.pause() }
        alice.becomes(Connection.PAUSED)
        cancelled { alice.resume() }
        alice.becomes(Connection.OFFLINE)
        cancelled { alice.shutdown() }
        alice.changes.collect { }
        assertEquals(ErrorCode.SHUT_DOWN, code { alice.conversations() })
    }

    @Test
    fun `sends that are cancelled at any moment are sent once or not at all`() = story {
        val alice = livePhone(server, "alice")
        val group = alice.createGroup("Birds", emptyList())
        val random = Random(SEED)
        val returned = mutableListOf<String>()
        val begun = List(SENDS) { "text $it" }
        withContext(Dispatchers.Default) {
            for (text in begun) {
                val job = launch {
                    alice.send(group, text)
                    returned += text
                }
                delay(random.nextLong(0, CANCEL_AFTER_US_MAX).microseconds)
                job.cancelAndJoin()
            }
        }
        alice.send(group, "the end")
        alice.hasSentAll()
        val texts = alice.texts(group)
        assertEquals(texts.distinct(), texts, "nothing stands twice (seed $SEED)")
        assertEquals(begun.filter { it in texts } + "the end", texts, "in order (seed $SEED)")
        assertTrue(texts.containsAll(returned), "nothing is lost (seed $SEED)")
        alice.shutdown()
    }

    @Test
    fun `a client whose opening is cancelled lets go of its folder`() = story {
        val keyStore = MemoryKeyStore()
        val options = options(server, keyStore = keyStore)
        val random = Random(SEED)
        repeat(20) {
            val job = launch(Dispatchers.Default) { openWhenFree(options).shutdown() }
            delay(random.nextLong(0, OPEN_US_MAX).microseconds)
            job.cancelAndJoin()
        }
        // What was opened for nobody closes in the background.
        val client = openWhenFree(options)
        assertNotNull(keyStore.key)
        assertEquals(emptyList(), client.conversations())
        client.shutdown()
    }

    private suspend fun openWhenFree(options: WhimbrelOptions): Whimbrel {
        while (true) {
            try {
                return WhimbrelClient.open(options)
            } catch (error: WhimbrelException) {
                if (error.code != ErrorCode.ALREADY_OPEN) throw error
                delay(20)
            }
        }
    }

    @Test
    fun `waiting for a link is cancelled and taken up again`() = story {
        val alice = livePhone(server, "alice")
        val tablet = phone(server)
        val ticket = tablet.linkStart()
        val first = launch { tablet.linkWait() }
        delay(200)
        first.cancelAndJoin()
        val second = async { tablet.linkWait() }
        alice.linkApprove(ticket.code)
        assertEquals(alice.me.user, second.await().user)
        alice.shutdown()
        tablet.shutdown()
    }

    @Test
    fun `a collector of changes that is cancelled ends at once`() = story {
        val alice = livePhone(server, "alice")
        alice.hasSentAll()
        repeat(100) {
            val job = launch(Dispatchers.Default) { alice.changes.collect { } }
            delay(1)
            job.cancelAndJoin()
        }
        alice.shutdown()
    }

    @Test
    fun `a cancelled sign-out is carried out`() = story {
        val alice = livePhone(server, "alice")
        cancelled { alice.signOut(SignOut.ANYWAY) }
        alice.changes.collect { }
        assertEquals(ErrorCode.SHUT_DOWN, code { alice.conversations() })
    }

    private companion object {
        const val SEED = 7
        const val SENDS = 200
        const val CANCEL_AFTER_US_MAX = 3_000L
        const val OPEN_US_MAX = 60_000L
        val server = TestServer()
    }
}
