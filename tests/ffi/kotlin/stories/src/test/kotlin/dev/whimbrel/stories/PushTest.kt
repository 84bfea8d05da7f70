package dev.whimbrel.stories

import dev.whimbrel.ErrorCode
import dev.whimbrel.Network
import dev.whimbrel.PushDecision
import dev.whimbrel.WhimbrelClient
import kotlin.test.assertEquals
import kotlin.test.assertIs
import org.junit.jupiter.api.Test

/** What a push shows, without a client, beside one, and in another process. */
class PushTest {
    @Test
    fun `a push is shown, and the client reads it all the same`() = story {
        val server = TestServer()
        val alice = livePhone(server, "alice")
        val keys = MemoryKeyStore()
        val options = options(server, keyStore = keys)
        val bob = WhimbrelClient.open(options)
        bob.registerLive("bob")
        val chat = alice.createDirect(named(bob.me.username))
        alice.send(chat, "before")
        val here = bob.finds(alice.me.username)
        bob.hears(here, "before")
        bob.setNetwork(Network.DOWN)
        val after = bob.conversation(here).appliedSeq
        val sent = alice.send(chat, "while away")
        alice.hasSentAll()
        val payload = server.push(chat, after)

        suspend fun decision(bytes: ByteArray = payload) =
            WhimbrelClient.openNotification(options.dataFolder, keys, bytes)
        val preview = assertIs<PushDecision.Show>(decision()).preview
        assertEquals(sent, preview.message)
        assertEquals("while away", preview.text)
        assertEquals(alice.me.username, preview.senderName)
        assertEquals(here, preview.conversation)
        repeat(20) { assertEquals(preview, assertIs<PushDecision.Show>(decision()).preview) }
        bob.pause()
        assertEquals(preview, assertIs<PushDecision.Show>(decision()).preview)
        bob.resume()

        assertEquals(ErrorCode.PROTOCOL, code { decision(ByteArray(0)) })
        assertEquals(ErrorCode.PROTOCOL, code { decision("no payload".encodeToByteArray()) })
        assertEquals(
            ErrorCode.WRONG_KEY,
            code {
                val other = MemoryKeyStore(ByteArray(32) { 1 })
                WhimbrelClient.openNotification(options.dataFolder, other, payload)
            },
        )
        assertEquals(
            PushDecision.Silent,
            WhimbrelClient.openNotification("${newFolder()}/none", MemoryKeyStore(), payload),
        )

        bob.setNetwork(Network.UP)
        bob.hears(here, "while away")
        assertEquals(listOf("before", "while away"), bob.texts(here))
        assertEquals(PushDecision.Silent, decision())
        end(alice, bob)
    }
}
