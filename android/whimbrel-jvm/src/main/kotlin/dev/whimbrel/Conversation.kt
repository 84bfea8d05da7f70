package dev.whimbrel

/**
 * A conversation as a list shows it.
 *
 * @property id Its id.
 * @property kind Direct or group.
 * @property state What can be done in it.
 * @property name The group's name; for a direct conversation the other user's name. May be empty.
 * @property peer Id of the other user of a direct conversation, once known.
 * @property unread Messages of others above the own read mark, at most 999.
 * @property lastMessage The newest row.
 * @property appliedSeq Last number applied here.
 * @property queued Items waiting in the outbox.
 * @property blocked Why the conversation's outbox is stopped, if it is. With
 *   [ErrorCode.IDENTITY_CHANGED] it goes on once the new identity of a member is accepted.
 * @property forked A member has seen another history than this device: the server has lied to one
 *   of the two.
 * @property lastActivityMs When something last happened, in milliseconds since 1970; the list is
 *   sorted by it.
 */
public data class Conversation(
    public val id: ConversationId,
    public val kind: ConversationKind,
    public val state: ConversationState,
    public val name: String,
    public val peer: UserId?,
    public val unread: Int,
    public val lastMessage: Message?,
    public val appliedSeq: Long,
    public val queued: Int,
    public val blocked: ErrorCode?,
    public val forked: Boolean,
    public val lastActivityMs: Long,
)

/** Kinds of conversation. */
public enum class ConversationKind {
    /** Two users, for good; there is one per pair. */
    DIRECT,

    /** Any number of users, who come and go. */
    GROUP,
}

/** What can be done in a conversation. */
public enum class ConversationState {
    /** Made here and not yet known to the server. Sending works and queues. */
    CREATING,

    /** Everything works. */
    ACTIVE,

    /** This user was removed: readable up to there, no sending. */
    REMOVED,

    /**
     * A member uses something this version does not understand; update the app. Readable so far;
     * sending queues.
     */
    NEEDS_UPDATE,

    /**
     * This device lost the encryption state of the conversation. Readable so far; sending queues.
     */
    NEEDS_RESYNC,

    /** The server has lost messages that this device has. Readable; sending queues. */
    DIVERGED,
}
