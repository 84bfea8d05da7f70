package dev.whimbrel.stories

import dev.whimbrel.Connection
import dev.whimbrel.ConversationId
import dev.whimbrel.ErrorCode
import dev.whimbrel.MessageId
import dev.whimbrel.Network
import dev.whimbrel.PushDecision
import dev.whimbrel.Whimbrel
import dev.whimbrel.WhimbrelClient
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import org.junit.jupiter.api.Test

/** What a push shows, without a client, beside one, and in another process. */
class PushTest {
    private val server = TestServer()
    private val keys = MemoryKeyStore()
    private val options = options(server, keyStore = keys)

    /** Two people who have talked; one is offline, and the other goes on. */
    private class Away(
        val alice: Whimbrel,
        val bob: Whimbrel,
        val here: ConversationId,
        val sent: MessageId,
        val payload: ByteArray,
    )

    private suspend fun bobIsAway(): Away {
        val alice = livePhone(server, "alice")
        val bob = WhimbrelClient.open(options)
        bob.registerLive("bob")
        val chat = alice.createDirect(named(bob.me.username))
        alice.send(chat, "before")
        val here = bob.finds(alice.me.username)
        bob.hears(here, "before")
        bob.setNetwork(Network.DOWN)
        bob.becomes(Connection.OFFLINE)
        val after = bob.conversation(here).appliedSeq
        val sent = alice.send(chat, "while away")
        alice.hasSentAll()
        return Away(alice, bob, here, sent, server.push(chat, after))
    }

    private suspend fun decision(payload: ByteArray) =
        WhimbrelClient.openNotification(options.dataFolder, keys, payload)

    private suspend fun shown(payload: ByteArray) =
        assertIs<PushDecision.Show>(decision(payload)).preview

    @Test
    fun `a push is shown, and the client reads it all the same`() = story {
        with(bobIsAway()) {
            val preview = shown(payload)
            assertEquals(sent, preview.message)
            assertEquals("while away", preview.text)
            assertEquals(alice.me.username, preview.senderName)
            assertEquals(here, preview.conversation)
            repeat(20) { assertEquals(preview, shown(payload)) }
            bob.pause()
            assertEquals(preview, shown(payload))
            bob.resume()
            bob.setNetwork(Network.UP)
            bob.hears(here, "while away")
            assertEquals(listOf("before", "while away"), bob.texts(here))
            assertEquals(PushDecision.Silent, decision(payload), "it is no news any more")
            end(alice, bob)
        }
    }

    @Test
    fun `another process shows a push while this one writes`() = story {
        with(bobIsAway()) {
            val key = checkNotNull(keys.key)
            val lines = async(Dispatchers.IO) {
                lookInAnotherProcess(options.dataFolder, key, payload)
            }
            val written = mutableListOf<String>()
            while (!lines.isCompleted) {
                written += "written ${written.size}"
                bob.send(here, written.last())
            }
            assertEquals(setOf("while away"), lines.await().toSet())
            assertTrue(written.isNotEmpty())
            bob.setNetwork(Network.UP)
            bob.hasSentAll()
            assertEquals(listOf("before", "while away") + written, bob.texts(here))
            end(alice, bob)
        }
    }

    @Test
    fun `bytes that are no push, wrong keys and empty folders`() = story {
        with(bobIsAway()) {
            assertEquals(ErrorCode.PROTOCOL, code { decision(ByteArray(0)) })
            assertEquals(ErrorCode.PROTOCOL, code { decision("no payload".encodeToByteArray()) })
            assertEquals(ErrorCode.PROTOCOL, code { decision(ByteArray(1_000_000)) })
            val other = MemoryKeyStore(ByteArray(32) { 1 })
            val folder = options.dataFolder
            assertEquals(
                ErrorCode.WRONG_KEY,
                code { WhimbrelClient.openNotification(folder, other, payload) },
            )
            val nobody = MemoryKeyStore()
            assertEquals(
                PushDecision.Silent,
                WhimbrelClient.openNotification("${newFolder()}/none", nobody, payload),
            )
            assertEquals("while away", shown(payload).text)
            end(alice, bob)
        }
    }
}
