package dev.whimbrel

// Ids are text of 32 hexadecimal digits. Each kind is a type of its own, so that the compiler
// finds one that is in the place of another; at run time they are plain strings.

/** Id of a conversation; the same on every device. */
@JvmInline
public value class ConversationId(public val value: String) {
    override fun toString(): String = value
}

/** Id of a message; the same on every device, and before and after it is sent. */
@JvmInline
public value class MessageId(public val value: String) {
    override fun toString(): String = value
}

/** Id of a user. */
@JvmInline
public value class UserId(public val value: String) {
    override fun toString(): String = value
}

/** Id of a device of a user. */
@JvmInline
public value class DeviceId(public val value: String) {
    override fun toString(): String = value
}

/** Id of an outbox item; for a text it has the same digits as the [MessageId] of its message. */
@JvmInline
public value class ItemId(public val value: String) {
    override fun toString(): String = value
}
