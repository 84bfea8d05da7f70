package dev.whimbrel.stories

import dev.whimbrel.Change
import dev.whimbrel.Connection
import dev.whimbrel.ConversationId
import dev.whimbrel.Delivery
import dev.whimbrel.ErrorCode
import dev.whimbrel.IdentityChange
import dev.whimbrel.OutboxState
import dev.whimbrel.Whimbrel
import dev.whimbrel.messageWindow
import dev.whimbrel.testing.FakeServer
import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Test

/** The script of the client in memory, in virtual time, as tests of an app use it. */
@OptIn(ExperimentalCoroutinesApi::class)
class FakeTest {
    private val server = FakeServer()
    private val alice = server.client()
    private val bob = server.client()

    private fun talk(block: suspend TestScope.(ConversationId) -> Unit) = runTest {
        alice.register("alice", PASSWORD)
        bob.register("bob", PASSWORD)
        block(alice.createDirect(named("bob")))
    }

    @Test
    fun `a lost answer leaves an item in doubt, and nothing stands twice`() = talk { chat ->
        server.dropsAnswers = true
        val sent = alice.send(chat, "hello")
        assertEquals(OutboxState.IN_DOUBT, alice.outbox().single().state)
        assertEquals(Delivery.QUEUED, alice.message(chat, sent).delivery)
        assertEquals(listOf("hello"), bob.texts(chat), "the server has it")
        server.dropsAnswers = false
        assertEquals(emptyList(), alice.outbox())
        assertEquals(Delivery.DELIVERED, alice.message(chat, sent).delivery)
        assertEquals(listOf("hello"), alice.texts(chat))
        assertEquals(listOf("hello"), bob.texts(chat))
    }

    @Test
    fun `what is held back arrives later`() = talk { chat ->
        server.holdsBack = true
        val sent = alice.send(chat, "hello")
        assertEquals(Delivery.QUEUED, alice.message(chat, sent).delivery)
        assertEquals(emptyList(), bob.texts(chat))
        server.holdsBack = false
        assertEquals(listOf("hello"), bob.texts(chat))
    }

    @Test
    fun `a refused item waits with what is behind it for a retry`() = talk { chat ->
        server.refuseNext(ErrorCode.NOT_ALLOWED)
        val first = alice.send(chat, "first")
        alice.send(chat, "second")
        assertEquals(Delivery.FAILED, alice.message(chat, first).delivery)
        val (failed, waiting) = alice.outbox(chat)
        assertEquals(OutboxState.FAILED to ErrorCode.NOT_ALLOWED, failed.state to failed.failure)
        assertEquals(OutboxState.QUEUED, waiting.state)
        alice.retry(failed.id)
        assertEquals(listOf("first", "second"), bob.texts(chat))
    }

    @Test
    fun `a call fails when the script says so, once`() = talk { chat ->
        alice.failNext(ErrorCode.DISK_FULL)
        assertEquals(ErrorCode.DISK_FULL, code { alice.send(chat, "hello") })
        assertEquals(emptyList(), alice.texts(chat))
        alice.send(chat, "hello")
        assertEquals(listOf("hello"), bob.texts(chat))
    }

    @Test
    fun `a server out of reach shows in the state`() = talk {
        server.isReachable = false
        assertEquals(Connection.CONNECTING, alice.state.value.connection)
        assertEquals(ErrorCode.UNAVAILABLE, alice.state.value.lastError)
        assertTrue(failure { server.client().linkStart() }.isRetryable)
        server.isReachable = true
        assertEquals(Connection.LIVE, alice.state.value.connection)
    }

    @Test
    fun `delays cost virtual time only`() = talk { chat ->
        server.delayMs = 60_000
        val before = currentTime
        launch { alice.send(chat, "late") }
        runCurrent()
        server.delayMs = 0
        assertEquals(emptyList(), bob.texts(chat))
        testScheduler.advanceUntilIdle()
        assertEquals(60_000, currentTime - before)
        assertEquals(listOf("late"), bob.texts(chat))
    }

    @Test
    fun `a link code is over in time`() = runTest {
        val tablet = FakeServer(nowMs = { 0 }).client()
        tablet.linkStart()
        val waiting = async { code { tablet.linkWait() } }
        testScheduler.advanceUntilIdle()
        assertEquals(ErrorCode.CODE_EXPIRED, waiting.await())
        assertEquals(5 * 60_000, currentTime)
    }

    @Test
    fun `who hears of a change may call at once`() = talk { chat ->
        val replies = launch(Dispatchers.Unconfined) {
            bob.changes.filter { it == Change.Messages(chat) }.collect {
                if (bob.messages(chat).last().text == "ping") bob.send(chat, "pong")
            }
        }
        repeat(3) { alice.send(chat, "ping") }
        assertEquals(listOf("ping", "pong", "ping", "pong", "ping", "pong"), alice.texts(chat))
        replies.cancel()
    }

    @Test
    fun `a new identity of a verified user stops sending until it is accepted`() = talk { chat ->
        val user = bob.state.value.account!!.user
        val number = alice.contact(user).safetyNumber
        alice.setVerified(user, true)
        server.changeIdentity(user)
        assertEquals(IdentityChange.UNPROVEN, alice.contact(user).identityChange)
        assertTrue(alice.contact(user).safetyNumber != number)
        alice.send(chat, "is it you?")
        assertEquals(ErrorCode.IDENTITY_CHANGED, alice.conversation(chat).blocked)
        assertEquals(emptyList(), bob.texts(chat))
        assertEquals(ErrorCode.IDENTITY_CHANGED, code { alice.setVerified(user, true) })
        alice.acceptIdentity(user)
        assertNull(alice.conversation(chat).blocked)
        assertEquals(listOf("is it you?"), bob.texts(chat))
    }

    /** A view model as an app has one. */
    private class ChatModel(client: Whimbrel, scope: TestScope, chat: ConversationId) {
        val window = client.messageWindow(scope.backgroundScope, chat)
    }

    @Test
    fun `a view model shows what arrives`() = talk { chat ->
        val model = ChatModel(alice, this, chat)
        bob.send(chat, "hello")
        val shown = model.window.state.first { state -> state.items.any { it.text == "hello" } }
        assertEquals("hello", shown.items.last().text)
    }
}
