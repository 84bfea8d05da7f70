package dev.whimbrel

/**
 * A row of a conversation.
 *
 * @property id Its id.
 * @property conversation Id of the conversation.
 * @property sender Id of the user who sent it.
 * @property seq Its number in the conversation, once it has one.
 * @property content What it is.
 * @property composedMs When it was written, in milliseconds since 1970, by the sender's clock.
 * @property serverTimeMs When the server took it, in milliseconds since 1970.
 * @property delivery How far it has come.
 * @property gapBefore The server left out something its author had sent before this one.
 */
public data class Message(
    public val id: MessageId,
    public val conversation: ConversationId,
    public val sender: UserId,
    public val seq: Long?,
    public val content: MessageContent,
    public val composedMs: Long,
    public val serverTimeMs: Long?,
    public val delivery: Delivery,
    public val gapBefore: Boolean,
)

/** What a row of a conversation is. */
public sealed interface MessageContent {
    /**
     * Text to read.
     *
     * @property text The newest text.
     * @property edited Whether it was changed after it was sent.
     */
    public data class Text(public val text: String, public val edited: Boolean) : MessageContent

    /** A message that its author took back. */
    public data object Deleted : MessageContent

    /** The conversation was founded. */
    public data object Created : MessageContent

    /** Users came in. */
    public data class Added(public val users: List<UserId>) : MessageContent

    /** Users went or were removed. */
    public data class Removed(public val users: List<UserId>) : MessageContent

    /** The conversation has a new name. */
    public data class Renamed(public val name: String) : MessageContent

    /** A user has other rights. */
    public data class RoleChanged(public val user: UserId, public val role: Role) : MessageContent

    /** A user has left. */
    public data class Left(public val user: UserId) : MessageContent

    /**
     * A user goes by another identity key: a new installation without the old keys, or somebody
     * else. The contact tells more.
     */
    public data class IdentityChanged(public val user: UserId) : MessageContent

    /**
     * Members have been shown different histories by the server. The sender of this row is the
     * member whose history differs from the one here.
     */
    public data object Forked : MessageContent

    /**
     * This device could not follow and missed these numbers. What their authors say again stands
     * below.
     */
    public data class Missed(public val fromSeq: Long, public val toSeq: Long) : MessageContent

    /** Something that a newer version of the app says. It is kept, and shows after an update. */
    public data object Unsupported : MessageContent

    /** Something was sent here that can't be read, or that breaks the rules. */
    public data class Unreadable(public val defect: Defect) : MessageContent
}

/** Why an item of a conversation can't be shown. */
public enum class Defect {
    /** It does not decrypt. */
    UNDECRYPTABLE,

    /** Signed for another place, sender or name than the server says. */
    FORGED,

    /** A change of the group that its rules do not allow; it had no effect. */
    AGAINST_POLICY,

    /** Decrypted, but not a message of any known form. */
    MALFORMED,

    /** The server says that it was taken back. */
    VOIDED,

    /** The client failed on it twice. */
    UNPROCESSABLE,
}

/** How far a message has come. */
public enum class Delivery {
    /** In the outbox of this device. */
    QUEUED,

    /** In the outbox, and stopped: the outbox item says why. */
    FAILED,

    /** The server has it for good. */
    SENT,

    /** A device of every other member has it. */
    DELIVERED,

    /** Every other member has read it. */
    READ,
}

/** Where a page of messages starts. */
public sealed interface MessagePage {
    /** The newest ones, pending ones included. */
    public data object Newest : MessagePage

    /** Those before a message, nearest last. */
    public data class Before(public val anchor: MessageId) : MessagePage

    /** Those after a message, nearest first. */
    public data class After(public val anchor: MessageId) : MessagePage

    /** Those around a message, itself included. */
    public data class Around(public val anchor: MessageId) : MessagePage
}
