package dev.whimbrel

/**
 * Something that waits to be sent.
 *
 * @property id Its id; for a text the id of its message.
 * @property conversation Id of the conversation.
 * @property content What it will do.
 * @property state How far it has come.
 * @property attempts How often the server refused or did not answer.
 * @property failure Why it failed, or why it was last put off.
 */
public data class OutboxItem(
    public val id: ItemId,
    public val conversation: ConversationId,
    public val content: OutboxContent,
    public val state: OutboxState,
    public val attempts: Int,
    public val failure: ErrorCode?,
)

/** How far an outbox item has come. */
public enum class OutboxState {
    /** Not encrypted yet; it can be edited and discarded. */
    QUEUED,

    /** Written to a connection, and the answer is not known. */
    IN_DOUBT,

    /** Accepted by the server; this device has not yet reached its number. */
    ACCEPTED,

    /** Refused for good. It and everything after it waits for retry, edit or discard. */
    FAILED,
}

/** What an outbox item will do. */
public sealed interface OutboxContent {
    /** Found the conversation. */
    public data object Create : OutboxContent

    /** Add people. */
    public data class Add(public val people: List<Person>) : OutboxContent

    /** Remove a user. */
    public data class Remove(public val user: UserId) : OutboxContent

    /** Give users other rights. */
    public data class SetRoles(public val roles: Map<UserId, Role>) : OutboxContent

    /** Leave the conversation. */
    public data object Leave : OutboxContent

    /** Name the conversation. */
    public data class Rename(public val name: String) : OutboxContent

    /** Send text. */
    public data class Text(public val text: String) : OutboxContent

    /** Change a message's text. */
    public data class Edit(public val target: MessageId, public val text: String) : OutboxContent

    /** Take a message back. */
    public data class Delete(public val target: MessageId) : OutboxContent

    /** Tell that everything up to a number was read. */
    public data class ReadMark(public val seq: Long) : OutboxContent

    /** Work of the client's own, such as adding a device again whose invitation got lost. */
    public data object Upkeep : OutboxContent
}
