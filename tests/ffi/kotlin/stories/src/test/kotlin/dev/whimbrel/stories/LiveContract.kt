package dev.whimbrel.stories

import dev.whimbrel.Connection
import dev.whimbrel.ErrorCode
import dev.whimbrel.ListState
import dev.whimbrel.Message
import dev.whimbrel.MessageContent
import dev.whimbrel.Network
import dev.whimbrel.conversationList
import dev.whimbrel.memberList
import dev.whimbrel.messageWindow
import dev.whimbrel.outboxItems
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlin.test.fail
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.Test

/** What screens stand on: lists that read themselves again. */
abstract class LiveContract {
    abstract val world: World

    /** Runs a story with a scope like that of a view model. */
    private fun screen(block: suspend (CoroutineScope) -> Unit) = story {
        val scope = CoroutineScope(Job() + Dispatchers.Default)
        try {
            block(scope)
        } finally {
            scope.cancel()
        }
    }

    @Test
    fun `the list of conversations follows what happens`() = screen { scope ->
        val alice = world.live("alice")
        val list = alice.conversationList(scope, pageSize = 2)
        list.state.shows("nothing") { it.isLoaded && it.items.isEmpty() && !it.hasMore }
        alice.createGroup("One", emptyList())
        list.state.shows("One") { state -> state.items.map { it.name } == listOf("One") }
        alice.createGroup("Two", emptyList())
        val three = alice.createGroup("Three", emptyList())
        list.state.shows("a full page") { it.items.size == 2 && it.hasMore }
        list.loadMore()
        list.state.shows("all three") { it.items.size == 3 && !it.hasMore }
        alice.rename(three, "Drei")
        val renamed =
            list.state.shows("the new name") { state -> state.items.any { it.name == "Drei" } }
        assertFalse(renamed.hasMore, "reading again what is shown finds no more")
        alice.shutdown()
    }

    @Test
    fun `a window of messages grows at both ends and keeps its ids`() = screen { scope ->
        val alice = world.live("alice")
        val bob = world.live("bob")
        val chat = alice.createDirect(named(bob.me.username))
        val texts = List(30) { "text $it" }
        texts.forEach { alice.send(chat, it) }
        alice.hasSentAll()
        val window = alice.messageWindow(scope, chat, pageSize = 10)
        window.state.shows("the newest ten") { it.texts() == texts.takeLast(10) && it.hasMore }
        window.loadOlder()
        window.state.shows("ten older ones") { it.texts() == texts.takeLast(20) }
        val ids = window.state.value.items.map { it.id }

        val atBob = bob.finds(alice.me.username)
        bob.hears(atBob, "text 29")
        val answers = List(15) { "answer $it" }
        answers.forEach { bob.send(atBob, it) }
        val shown = window.state.shows("the answers behind them") {
            it.texts() == texts.takeLast(20) + answers
        }
        assertEquals(ids, shown.items.take(20).map { it.id })
        assertEquals(shown.items.size, shown.items.map { it.id }.toSet().size)
        while (window.state.value.hasMore) window.loadOlder()
        assertEquals(texts + answers, window.state.value.texts())
        bob.edit(atBob, bob.messages(atBob).last().id, "changed")
        window.state.shows("the change") { it.texts().last() == "changed" }
        alice.shutdown()
        bob.shutdown()
    }

    @Test
    fun `a window keeps its size also where everything in it waits`() = screen { scope ->
        val alice = world.live("alice")
        val group = alice.createGroup("Birds", emptyList())
        alice.hasSentAll()
        alice.setNetwork(Network.DOWN)
        val texts = List(30) { "text $it" }
        texts.forEach { alice.send(group, it) }
        val window = alice.messageWindow(scope, group, pageSize = 10)
        window.state.shows("the newest ten") { it.texts() == texts.takeLast(10) }
        window.loadOlder()
        window.state.shows("ten older ones") { it.texts() == texts.takeLast(20) }
        val first = window.state.value.items.first().id
        alice.send(group, "one more")
        val shown = texts.takeLast(20) + "one more"
        window.state.shows("one more") { it.texts() == shown && it.hasMore }
        alice.setNetwork(Network.UP)
        val sent = window.state.shows("numbers") { state -> state.items.all { it.seq != null } }
        assertEquals(shown, sent.texts())
        assertEquals(first, sent.items.first().id)
        alice.shutdown()
    }

    @Test
    fun `what waits goes and comes as the network does`() = screen { scope ->
        val alice = world.live("alice")
        val group = alice.createGroup("Birds", emptyList())
        alice.hasSentAll()
        alice.setNetwork(Network.DOWN)
        val window = alice.messageWindow(scope, group)
        val outbox = alice.outboxItems(scope)
        val first = alice.send(group, "first")
        outbox.shows("one item") { state -> state.items.map { it.id.value } == listOf(first.value) }
        window.state.shows("one text") { it.texts() == listOf("first") }
        val second = alice.send(group, "second")
        alice.delete(group, first)
        outbox.shows("the other") { state ->
            state.items.map { it.id.value } == listOf(second.value)
        }
        window.state.shows("the other text") { it.texts() == listOf("second") }
        alice.setNetwork(Network.UP)
        outbox.shows("nothing") { it.items.isEmpty() }
        window.state.shows("the same id, with a number") { state ->
            state.items.any { it.id == second && it.seq != null }
        }
        alice.shutdown()
    }

    @Test
    fun `members are listed, and a pause does not empty a list`() = screen { scope ->
        val alice = world.live("alice")
        val bob = world.live("bob")
        val group = alice.createGroup("Birds", emptyList())
        val members = alice.memberList(scope, group)
        members.shows("alice") { it.items.size == 1 }
        alice.addMembers(group, listOf(named(bob.me.username)))
        members.shows("both") { it.items.size == 2 }
        val list = alice.conversationList(scope)
        list.state.shows("the group") { it.items.size == 1 }
        alice.pause()
        list.loadMore()
        assertEquals(ErrorCode.PAUSED, list.state.value.failure)
        assertEquals(1, list.state.value.items.size)
        alice.resume()
        alice.becomes(Connection.LIVE)
        list.state.shows("no failure") { it.failure == null && it.items.size == 1 }
        alice.shutdown()
        bob.shutdown()
    }

    @Test
    fun `a page size that is none is refused at once`() = screen { scope ->
        val alice = world.live("alice")
        val group = alice.createGroup("Birds", emptyList())
        for (size in listOf(Int.MIN_VALUE, 0, 201, Int.MAX_VALUE)) {
            assertFailsWith<IllegalArgumentException> { alice.conversationList(scope, size) }
            assertFailsWith<IllegalArgumentException> { alice.messageWindow(scope, group, size) }
        }
        alice.shutdown()
    }

    @Test
    fun `a list ends with its scope`() = screen { scope ->
        val alice = world.live("alice")
        val list = alice.conversationList(scope)
        list.state.shows("nothing") { it.isLoaded }
        assertTrue(scope.coroutineContext[Job]!!.children.any())
        scope.cancel()
        scope.coroutineContext[Job]!!.join()
        alice.createGroup("Birds", emptyList())
        assertFalse(list.state.value.items.any())
        alice.shutdown()
    }

    private fun ListState<Message>.texts() =
        items.mapNotNull { (it.content as? MessageContent.Text)?.text }
}

/** Waits until a list looks like this. */
private suspend fun <T> StateFlow<ListState<T>>.shows(
    what: String,
    isSo: (ListState<T>) -> Boolean,
): ListState<T> = withTimeoutOrNull(PATIENCE) { first(isSo) } ?: fail("not $what but $value")

/** Lists of the real client. */
class RealLiveTest : LiveContract() {
    override val world: World get() = shared

    private companion object {
        val shared = RealWorld(TestServer())
    }
}

/** Lists of the client in memory. */
class FakeLiveTest : LiveContract() {
    override val world: World = FakeWorld()
}
