package dev.whimbrel.android.fcm

import dev.whimbrel.ConversationId
import dev.whimbrel.MessagePreview

/** Messages that a notification shows at most, and conversations that are remembered. */
internal const val MESSAGES_MAX = 8
internal const val CONVERSATIONS_MAX = 50

/**
 * The messages that the notification of each conversation shows, for as long as the process lives:
 * afterwards a notification begins anew with its next message.
 */
internal class RecentMessages {
    private val conversations = LinkedHashMap<ConversationId, List<MessagePreview>>()

    /** Adds a message, unless it is there already, and gives all in the order of the server. */
    @Synchronized
    fun add(message: MessagePreview): List<MessagePreview> {
        val before = conversations.remove(message.conversation).orEmpty()
        val all = (before.filter { it.message != message.message } + message)
            .sortedBy { it.serverTimeMs }
            .takeLast(MESSAGES_MAX)
        conversations[message.conversation] = all
        if (conversations.size > CONVERSATIONS_MAX) conversations.remove(conversations.keys.first())
        return all
    }

    /** Forgets a conversation: the user has read it. */
    @Synchronized
    fun forget(conversation: ConversationId) {
        conversations.remove(conversation)
    }
}
