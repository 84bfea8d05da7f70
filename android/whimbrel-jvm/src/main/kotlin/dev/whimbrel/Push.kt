package dev.whimbrel

/** What to show for a push; [WhimbrelClient.openNotification] decides it. */
public sealed interface PushDecision {
    /** A message. */
    public data class Show(public val preview: MessagePreview) : PushDecision

    /**
     * That there is something new in a conversation. What it is shows when the app has caught up.
     */
    public data class Generic(public val conversation: ConversationId) : PushDecision

    /** Nothing: it is known already, of this user's own, or nothing to be told of. */
    public data object Silent : PushDecision
}

/**
 * A message as a notification shows it.
 *
 * @property conversation Id of the conversation.
 * @property conversationName The group's name; for a direct conversation the other user's name.
 *   May be empty.
 * @property message Id of the message: the same as when the client has taken it in.
 * @property sender Id of its author.
 * @property senderName The author's name, from the certificate in the group.
 * @property text The text, cut after 500 characters.
 * @property serverTimeMs When the server accepted it, in milliseconds since 1970.
 */
public data class MessagePreview(
    public val conversation: ConversationId,
    public val conversationName: String,
    public val message: MessageId,
    public val sender: UserId,
    public val senderName: String,
    public val text: String,
    public val serverTimeMs: Long,
)
