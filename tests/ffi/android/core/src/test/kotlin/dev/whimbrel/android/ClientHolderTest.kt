package dev.whimbrel.android

import dev.whimbrel.Connection
import dev.whimbrel.ErrorCode
import dev.whimbrel.Network
import dev.whimbrel.Person
import dev.whimbrel.SignOut
import dev.whimbrel.Whimbrel
import dev.whimbrel.WhimbrelException
import dev.whimbrel.testing.FakeServer
import dev.whimbrel.testing.FakeWhimbrel
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotEquals
import kotlin.test.assertNotSame
import kotlin.test.assertSame
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Test

@OptIn(ExperimentalCoroutinesApi::class)
internal class ClientHolderTest {
    private val server = FakeServer()
    private val isVisible = MutableStateFlow(false)
    private val network = MutableStateFlow(Network.UP)
    private var opened = 0
    private var leftovers = 0

    private fun TestScope.holder(
        open: suspend () -> Whimbrel = {
            opened++
            delay(100)
            FakeWhimbrel(server)
        },
    ) = ClientHolder(backgroundScope, isVisible, network, open) { leftovers++ }

    private val Whimbrel.isPaused get() = state.value.connection == Connection.PAUSED

    @Test
    fun `many ask for the client, and it is opened once`() = runTest {
        isVisible.value = true
        val holder = holder()
        val clients = List(5) { async { holder.client() } }.awaitAll()
        assertEquals(1, clients.toSet().size)
        assertEquals(1, opened)
    }

    @Test
    fun `a client that did not open is tried again`() = runTest {
        var isLocked = true
        val holder = holder {
            if (isLocked) throw WhimbrelException(ErrorCode.KEY_STORE, "locked")
            FakeWhimbrel(server)
        }
        assertFailsWith<WhimbrelException> { holder.client() }
        isLocked = false
        holder.client()
    }

    @Test
    fun `it runs while the app is on screen, and a moment longer`() = runTest {
        isVisible.value = true
        val client = holder().client()
        runCurrent()
        assertEquals(false, client.isPaused)
        isVisible.value = false
        advanceTimeBy(LINGER_MS - 1)
        assertEquals(false, client.isPaused)
        advanceTimeBy(2)
        assertEquals(true, client.isPaused)
        isVisible.value = true
        runCurrent()
        assertEquals(false, client.isPaused)
    }

    @Test
    fun `turning the phone does not pause it`() = runTest {
        isVisible.value = true
        val client = holder().client()
        runCurrent()
        isVisible.value = false
        advanceTimeBy(LINGER_MS / 2)
        isVisible.value = true
        advanceTimeBy(LINGER_MS * 2)
        assertEquals(false, client.isPaused)
    }

    @Test
    fun `opened in the background it is paused, syncs, and is paused again`() = runTest {
        val phone = FakeWhimbrel(server)
        phone.setNetwork(Network.UP)
        phone.register("anna", "a long password")
        phone.pause()
        val holder = holder { phone }
        assertEquals(SyncVerdict.DONE, holder.sync())
        advanceTimeBy(LINGER_MS * 2)
        assertEquals(true, phone.isPaused)
    }

    @Test
    fun `a sync is ordered once, and again once it has begun`() = runTest {
        val phone = FakeWhimbrel(server)
        phone.register("anna", "a long password")
        val holder = holder { phone }
        assertEquals(true, holder.wantSync())
        assertEquals(false, holder.wantSync(), "the one that waits will do")
        server.delayMs = 1_000
        val syncing = async { holder.sync() }
        runCurrent()
        assertEquals(true, holder.wantSync(), "the one that runs may be past it")
        assertEquals(SyncVerdict.DONE, syncing.await())
        assertEquals(false, holder.wantSync())
        server.delayMs = 0
    }

    @Test
    fun `messages that wait when the app goes are reported`() = runTest {
        isVisible.value = true
        val client = holder().client()
        runCurrent()
        client.register("anna", "a long password")
        network.value = Network.DOWN
        runCurrent()
        client.createGroup("plans", emptyList<Person>())
        isVisible.value = false
        advanceTimeBy(LINGER_MS + 1)
        assertEquals(1, leftovers)
    }

    @Test
    fun `the client hears of the network`() = runTest {
        isVisible.value = true
        val client = holder().client()
        runCurrent()
        client.register("anna", "a long password")
        network.value = Network.DOWN
        runCurrent()
        assertEquals(Connection.OFFLINE, client.state.value.connection)
        network.value = Network.UP
        runCurrent()
        assertNotEquals(Connection.OFFLINE, client.state.value.connection)
    }

    @Test
    fun `after signing out there is another client`() = runTest {
        isVisible.value = true
        val holder = holder()
        val first = holder.client()
        first.setNetwork(Network.UP)
        first.register("anna", "a long password")
        var keysDeleted = 0
        holder.end({ it.signOut(SignOut.WHEN_TOLD) }, { keysDeleted++ })
        assertEquals(1, keysDeleted)
        val second = holder.client()
        assertNotSame(first, second)
        assertEquals(null, second.state.value.account)
    }

    @Test
    fun `signing out that fails changes nothing`() = runTest {
        isVisible.value = true
        val holder = holder()
        val client = holder.client()
        runCurrent()
        client.register("anna", "a long password")
        val tablet = FakeWhimbrel(server)
        client.linkApprove(tablet.linkStart().code)
        tablet.linkWait()
        network.value = Network.DOWN
        runCurrent()
        assertFailsWith<WhimbrelException> {
            holder.end({ it.signOut(SignOut.WHEN_TOLD) }, { error("the key must stay") })
        }
        assertSame(client, holder.client())
    }
}
