// What the app says to its user. A real app takes these texts from its resources.

package dev.whimbrel.sample

import dev.whimbrel.Alarm
import dev.whimbrel.Connection
import dev.whimbrel.Delivery
import dev.whimbrel.ErrorCode
import dev.whimbrel.MessageContent
import dev.whimbrel.UserId
import dev.whimbrel.android.KeyProblem

/** Why something did not work. The reason inside an exception is for developers. */
fun textOf(code: ErrorCode): String = when (code) {
    ErrorCode.INVALID_ARGUMENT -> "That can't be used. Names have 3 to 32 small letters and " +
        "digits, passwords at least 10 characters."
    ErrorCode.NO_SUCH_USER -> "Nobody has this name."
    ErrorCode.USERNAME_TAKEN -> "This name is taken."
    ErrorCode.ACCESS_DENIED -> "Name or password is wrong."
    ErrorCode.NOT_ALLOWED, ErrorCode.NOT_MEMBER -> "You may not do that here."
    ErrorCode.LAST_OWNER -> "Make somebody else an owner first."
    ErrorCode.IDENTITY_CHANGED -> "Somebody here has a new identity. Compare safety numbers first."
    ErrorCode.WRONG_CODE -> "A character of the code is wrong."
    ErrorCode.CODE_EXPIRED, ErrorCode.CODE_USED -> "This code is no longer good. Make a new one."
    ErrorCode.TOO_MANY_DEVICES -> "You have ten devices. Remove one first."
    ErrorCode.TOO_LARGE -> "That is too long."
    ErrorCode.OUTBOX_FULL -> "Too much waits to be sent."
    ErrorCode.RATE_LIMITED -> "Too many tries. Wait a moment."
    ErrorCode.UNAVAILABLE -> "The server can't be reached."
    ErrorCode.UNTRUSTED_SERVER -> "This is not the right server. Are you in a foreign network?"
    ErrorCode.UPDATE_NEEDED -> "Please update the app."
    ErrorCode.DISK_FULL -> "The phone's memory is full."
    else -> "That did not work (${code.stableName})."
}

fun textOf(alarm: Alarm): String = when (alarm) {
    Alarm.ROLLED_BACK -> "This phone holds an old copy of your messages and can't send any more."
    Alarm.REVOKED -> "You have removed this phone from your devices."
    Alarm.SIGN_IN_NEEDED -> "Please sign in again."
    Alarm.DISK_FULL -> "The phone's memory is full. Free some space to go on."
    Alarm.UPDATE_NEEDED -> "Please update the app."
}

fun textOf(connection: Connection): String? = when (connection) {
    Connection.OFFLINE -> "No network"
    Connection.CONNECTING -> "Connecting"
    Connection.CATCHING_UP -> "Fetching messages"
    Connection.LIVE, Connection.PAUSED -> null
}

fun textOf(delivery: Delivery): String = when (delivery) {
    Delivery.QUEUED -> "waiting"
    Delivery.FAILED -> "not sent"
    Delivery.SENT -> "sent"
    Delivery.DELIVERED -> "delivered"
    Delivery.READ -> "read"
}

fun textOf(problem: KeyProblem?): String = when (problem) {
    KeyProblem.UNAVAILABLE -> "The phone does not give out the key of your messages now."
    KeyProblem.INVALIDATED -> "The phone has thrown away the key of your messages."
    KeyProblem.DAMAGED, KeyProblem.MISSING -> "The key of your messages is gone."
    KeyProblem.ALREADY_KEPT, null -> "Your messages can't be opened."
}

/** A row of a conversation in words. */
fun textOf(content: MessageContent, nameOf: (UserId) -> String): String = when (content) {
    is MessageContent.Text -> content.text + if (content.edited) " (edited)" else ""
    MessageContent.Deleted -> "Taken back"
    MessageContent.Created -> "The conversation begins"
    is MessageContent.Added -> "Added: " + content.users.joinToString { nameOf(it) }
    is MessageContent.Removed -> "Removed: " + content.users.joinToString { nameOf(it) }
    is MessageContent.Renamed -> "Now called ${content.name}"
    is MessageContent.RoleChanged ->
        "${nameOf(content.user)} is now ${content.role.name.lowercase()}"
    is MessageContent.Left -> "${nameOf(content.user)} has left"
    is MessageContent.IdentityChanged -> "${nameOf(content.user)} has a new identity"
    MessageContent.Forked -> "The server has shown different messages to different people"
    is MessageContent.Missed -> "Some messages could not be read"
    MessageContent.Unsupported -> "Update the app to see this"
    is MessageContent.Unreadable -> "This message can't be read"
}
