// What calls look up on a device, and what they refuse.

package dev.whimbrel.testing

import dev.whimbrel.Change
import dev.whimbrel.Contact
import dev.whimbrel.ConversationId
import dev.whimbrel.ConversationState
import dev.whimbrel.ErrorCode
import dev.whimbrel.IdentityChange
import dev.whimbrel.ItemId
import dev.whimbrel.Message
import dev.whimbrel.MessageContent
import dev.whimbrel.MessageId
import dev.whimbrel.OutboxContent
import dev.whimbrel.OutboxState
import dev.whimbrel.Person
import dev.whimbrel.Role
import dev.whimbrel.UserId

/** What the QR content of a safety number begins with. */
internal const val SAFETY = "safety:"

/** What the QR content of a link code begins with. */
internal const val LINK = "link:"

/** Groups of a safety number. */
private const val SAFETY_GROUPS = 12

internal fun Device.checkNobody() {
    if (user != null) fail(ErrorCode.WRONG_STATE, "somebody is registered here already")
}

/** For calls that tell others something. */
internal fun Device.checkMayTell() {
    me
    if (isRevoked) fail(ErrorCode.REVOKED, "the user has removed this device")
}

/** Somebody by id, once the id is known here. */
internal fun Device.known(person: Person): Person {
    val met = views.values.flatMap { it.roles(me.id).keys }
    val user = (person as? Person.Username)?.let { met.find { id -> nameOf(id) == it.username } }
    return user?.let { Person.Id(it) } ?: person
}

internal fun Device.viewOf(conversation: ConversationId): View {
    checkId("conversation", conversation.value)
    return view(conversation)
}

internal fun Device.messageOf(view: View, message: MessageId): Message {
    checkId("message or outbox", message.value)
    return view.messages(me.id, outbox).find { it.id == message }
        ?: fail(ErrorCode.NOT_FOUND, "there is no such message")
}

internal fun Device.indexIn(messages: List<Message>, anchor: MessageId): Int {
    checkId("message or outbox", anchor.value)
    val index = messages.indexOfFirst { it.id == anchor }
    if (index < 0) fail(ErrorCode.NOT_FOUND, "there is no such message")
    return index
}

internal fun Device.itemOf(item: ItemId): Waiting {
    checkId("message or outbox", item.value)
    return outbox.find { it.id == item.value }
        ?: fail(ErrorCode.NOT_FOUND, "there is no such outbox item")
}

/** The text in the outbox that was never written to a connection. */
internal fun Device.unsent(message: String): Waiting? =
    outbox.find { it.id == message && it.state != OutboxState.IN_DOUBT }

/** Edits and deletions of a message that were not sent have become pointless. */
internal fun Device.supersede(message: MessageId) {
    outbox.removeAll {
        val target = when (val content = it.content) {
            is OutboxContent.Edit -> content.target
            is OutboxContent.Delete -> content.target
            else -> null
        }
        target == message && it.state != OutboxState.IN_DOUBT
    }
}

internal fun Device.drop(item: Waiting) {
    outbox -= item
    tellOf(item.conversation)
    tell(Change.Outbox)
}

/** Puts a new conversation here, and its founding into the outbox. */
internal fun Device.found(view: View) {
    views[view.id] = view
    put(view.id, OutboxContent.Create)
}

internal fun Device.checkMember(view: View) {
    if (view.state(me.id) == ConversationState.REMOVED) {
        fail(ErrorCode.NOT_MEMBER, "this user was removed")
    }
}

internal fun Device.checkMayTalk(view: View) {
    checkMember(view)
    if (outbox.any { it.conversation == view.id && it.content == OutboxContent.Leave }) {
        fail(ErrorCode.WRONG_STATE, "this user is leaving")
    }
}

/** Whether this user is one who adds, removes and names, where it is a member of a group. */
internal fun Device.checkMayRule(view: View) {
    if (view.roles(me.id)[me.id] == Role.MEMBER) {
        fail(ErrorCode.NOT_ALLOWED, "only owners and admins may")
    }
}

internal fun Device.checkOwnText(conversation: ConversationId, message: MessageId) {
    val found = messageOf(viewOf(conversation), message)
    if (found.sender != me.id) fail(ErrorCode.NOT_ALLOWED, "a message of somebody else")
    if (found.content !is MessageContent.Text) {
        fail(ErrorCode.WRONG_STATE, "this is no text, or was taken back")
    }
}

internal fun Device.checkMember(view: View, user: UserId) {
    checkId("user", user.value)
    if (user !in view.roles(me.id)) {
        fail(ErrorCode.NOT_MEMBER, "this user is not a member")
    }
}

internal fun checkOwnerIsLeft(roles: Map<UserId, Role>) {
    if (Role.OWNER !in roles.values) fail(ErrorCode.LAST_OWNER, "nobody would be left as owner")
}

/** A code as the server knows it, from what was typed or scanned. */
internal fun plainCode(code: String): String {
    checkEncodable(code)
    val plain = code.removePrefix(LINK).lowercase()
    if (!isId(plain)) fail(ErrorCode.WRONG_CODE, "this is no code")
    return plain
}

internal fun Device.linkOf(code: String): Link {
    val plain = plainCode(code)
    me
    checkReachable()
    if (isRevoked) fail(ErrorCode.ACCESS_DENIED, "the server does not let this device in")
    val link = linkNamed(plain) ?: fail(ErrorCode.CODE_EXPIRED, "no device shows this code")
    if (link.isUsed) fail(ErrorCode.CODE_USED, "the code was used already")
    return link
}

/** Digits that both devices show for a code. */
internal fun fingerprint(code: String): String {
    val hash = plainCode(code).hashCode().toUInt()
    return "$hash".padStart(12, '0').chunked(4).joinToString(" ")
}

internal fun Device.contactOf(user: UserId): Contact {
    checkId("user", user.value)
    me
    if (!knows(user)) fail(ErrorCode.NOT_FOUND, "this user was never met")
    val isNew = identityIsNew(user)
    val number = safetyNumber(user)
    return Contact(
        user = user,
        username = nameOf(user),
        verified = user in verified && !isNew,
        identityChange = when {
            !isNew -> null
            isProven(user) -> IdentityChange.BY_RECOVERY
            else -> IdentityChange.UNPROVEN
        },
        conflict = false,
        safetyNumber = number,
        safetyQr = SAFETY + number,
    )
}

/** The same on both sides, and another one with another identity. */
private fun Device.safetyNumber(other: UserId): String {
    val both = listOf("${me.id}/${me.identity}", "$other/${identityOf(other)}").sorted()
    return digits(both.joinToString(), seed = 0, SAFETY_GROUPS)
}

/** Groups of five digits that follow from a text. */
internal fun digits(text: String, seed: Int, groups: Int): String =
    (0 until groups).joinToString(" ") {
        "$text/$seed/$it".hashCode().toUInt().rem(100_000u).toString().padStart(5, '0')
    }
