package dev.whimbrel.stories

import dev.whimbrel.Connection
import dev.whimbrel.Delivery
import dev.whimbrel.Network
import dev.whimbrel.SyncOutcome
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test

/** People talk, through a real server. */
class TalkTest {
    private val server = TestServer()

    @Test
    fun `two users talk`() = story {
        val alice = livePhone(server, "alice")
        val bob = livePhone(server, "bob")
        val chat = alice.createDirect(named(bob.me.username))
        val sent = alice.send(chat, "hello")
        val here = bob.finds(alice.me.username)
        val heard = bob.hears(here, "hello")
        assertEquals(sent, heard.id)
        assertEquals(alice.me.user, heard.sender)
        bob.markRead(here, heard.id)
        alice.until("read") { alice.message(chat, sent).takeIf { it.delivery == Delivery.READ } }
        bob.send(here, "hello yourself")
        alice.hears(chat, "hello yourself")
        assertEquals(bob.texts(here), alice.texts(chat))
        alice.shutdown()
        bob.shutdown()
    }
}
