package dev.whimbrel.android.fcm

import dev.whimbrel.ConversationId
import kotlin.test.assertEquals
import org.junit.jupiter.api.Test

internal class RecentMessagesTest {
    private val recent = RecentMessages()

    @Test
    fun `messages stand in the order of the server, each once`() {
        recent.add(message(2))
        recent.add(message(1))
        recent.add(message(2))
        assertEquals(listOf(1, 2, 3).map { message(it) }, recent.add(message(3)))
    }

    @Test
    fun `only the newest are kept`() {
        repeat(MESSAGES_MAX + 3) { recent.add(message(it)) }
        val all = recent.add(message(100))
        assertEquals(MESSAGES_MAX, all.size)
        assertEquals(message(100), all.last())
    }

    @Test
    fun `a conversation that was read begins anew`() {
        recent.add(message(1))
        recent.forget(talk)
        assertEquals(listOf(message(2)), recent.add(message(2)))
    }

    @Test
    fun `the conversation that was quiet longest is forgotten first`() {
        fun id(number: Int) = ConversationId(number.toString().padStart(32, '0'))
        repeat(CONVERSATIONS_MAX) { recent.add(message(1, conversation = id(it))) }
        recent.add(message(2, conversation = id(0)))
        recent.add(message(1, conversation = id(CONVERSATIONS_MAX)))
        assertEquals(3, recent.add(message(3, conversation = id(0))).size)
        assertEquals(1, recent.add(message(2, conversation = id(1))).size)
    }
}
