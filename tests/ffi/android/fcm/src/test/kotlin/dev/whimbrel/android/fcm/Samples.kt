package dev.whimbrel.android.fcm

import dev.whimbrel.ConversationId
import dev.whimbrel.MessageId
import dev.whimbrel.MessagePreview
import dev.whimbrel.UserId

internal val talk = ConversationId("0".repeat(32))

internal fun message(id: Int, timeMs: Long = id.toLong(), conversation: ConversationId = talk) =
    MessagePreview(
        conversation = conversation,
        conversationName = "bert",
        message = MessageId(id.toString().padStart(32, '0')),
        sender = UserId("b".repeat(32)),
        senderName = "bert",
        text = "text $id",
        serverTimeMs = timeMs,
    )
