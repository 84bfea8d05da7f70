package dev.whimbrel.stories

import dev.whimbrel.ConversationId
import dev.whimbrel.DeviceId
import dev.whimbrel.ErrorCode
import dev.whimbrel.ItemId
import dev.whimbrel.MessageId
import dev.whimbrel.MessagePage
import dev.whimbrel.Network
import dev.whimbrel.Person
import dev.whimbrel.Role
import dev.whimbrel.SignOut
import dev.whimbrel.UserId
import dev.whimbrel.Whimbrel

typealias Call = suspend () -> Any?

private val ID = "0123456789abcdef".repeat(2)

/** Every call but those of the client's life, with arguments that are valid but for ids. */
fun everyCall(
    client: Whimbrel,
    conversation: ConversationId,
    linkCode: String,
): Map<String, Call> =
    accountCalls(client) + linkCalls(client, linkCode) + conversationCalls(client, conversation) +
        messageCalls(client, conversation)

private fun accountCalls(client: Whimbrel): Map<String, Call> = mapOf(
    "register" to { client.register("somebody", PASSWORD) },
    "signIn" to { client.signIn("somebody", PASSWORD) },
    "recover" to { client.recover("somebody", PASSWORD) },
    "reEnrol" to { client.reEnrol(PASSWORD) },
    "devices" to { client.devices() },
    "revokeDevice" to { client.revokeDevice(DeviceId(ID)) },
    "recoveryCode" to { client.recoveryCode() },
    "contact" to { client.contact(UserId(ID)) },
    "matchesSafetyQr" to { client.matchesSafetyQr(UserId(ID), "scanned") },
    "setVerified" to { client.setVerified(UserId(ID), true) },
    "acceptIdentity" to { client.acceptIdentity(UserId(ID)) },
)

private fun linkCalls(client: Whimbrel, code: String): Map<String, Call> = mapOf(
    "linkStart" to { client.linkStart() },
    "linkWait" to { client.linkWait() },
    "linkCancel" to { client.linkCancel() },
    "linkInspect" to { client.linkInspect(code) },
    "linkApprove" to { client.linkApprove(code) },
    "linkRefuse" to { client.linkRefuse(code) },
)

private fun conversationCalls(
    client: Whimbrel,
    conversation: ConversationId,
): Map<String, Call> = mapOf(
    "conversations" to { client.conversations() },
    "conversation" to { client.conversation(conversation) },
    "members" to { client.members(conversation) },
    "epochCode" to { client.epochCode(conversation) },
    "focus" to { client.focus(conversation) },
    "createDirect" to { client.createDirect(named("somebody")) },
    "createGroup" to { client.createGroup("Group", emptyList()) },
    "addMembers" to { client.addMembers(conversation, listOf(named("somebody"))) },
    "removeMember" to { client.removeMember(conversation, UserId(ID)) },
    "setRoles" to { client.setRoles(conversation, mapOf(UserId(ID) to Role.ADMIN)) },
    "leave" to { client.leave(conversation) },
    "rename" to { client.rename(conversation, "Other") },
)

private fun messageCalls(client: Whimbrel, conversation: ConversationId): Map<String, Call> =
    mapOf(
        "messages" to { client.messages(conversation) },
        "message" to { client.message(conversation, MessageId(ID)) },
        "send" to { client.send(conversation, "text") },
        "edit" to { client.edit(conversation, MessageId(ID), "text") },
        "delete" to { client.delete(conversation, MessageId(ID)) },
        "markRead" to { client.markRead(conversation, MessageId(ID)) },
        "outbox" to { client.outbox() },
        "retry" to { client.retry(ItemId(ID)) },
        "discard" to { client.discard(ItemId(ID)) },
    )

/** The calls of the client's life, but `shutdown`. */
fun lifeCalls(client: Whimbrel): Map<String, Call> = mapOf(
    "setNetwork" to { client.setNetwork(Network.UP) },
    "pause" to { client.pause() },
    "resume" to { client.resume() },
    "syncOnce" to { client.syncOnce(10) },
    "signOut" to { client.signOut(SignOut.ANYWAY) },
)

/** Calls with what nobody should pass, and the code each fails with. */
fun badCalls(
    client: Whimbrel,
    group: ConversationId,
    message: MessageId,
): List<Triple<String, ErrorCode, Call>> =
    badTexts(client, group, message) + badIds(client, group) + badNumbers(client, group)

private const val HALF = "half a pair: \uD83D"
private const val OTHER_HALF = "\uDC26 the other half"

private fun badTexts(
    client: Whimbrel,
    group: ConversationId,
    message: MessageId,
): List<Triple<String, ErrorCode, Call>> = listOf(
    bad("send half") { client.send(group, HALF) },
    bad("send other half") { client.send(group, OTHER_HALF) },
    bad("edit half") { client.edit(group, message, HALF) },
    bad("rename half") { client.rename(group, HALF) },
    bad("group half") { client.createGroup(HALF, emptyList()) },
    bad("person half") { client.createGroup("x", listOf(named("good"), named(HALF))) },
    bad("direct half") { client.createDirect(named(HALF)) },
    bad("register half") { client.register(HALF, PASSWORD) },
    bad("send nothing") { client.send(group, "") },
    bad("edit to nothing") { client.edit(group, message, "") },
    bad("send much", ErrorCode.TOO_LARGE) { client.send(group, "x".repeat(16 * 1024 + 1)) },
    bad("send 20 MB", ErrorCode.TOO_LARGE) { client.send(group, "€".repeat(20_000_000 / 3)) },
    bad("edit 20 MB", ErrorCode.TOO_LARGE) { client.edit(group, message, "x".repeat(20_000_000)) },
    bad("long name", ErrorCode.TOO_LARGE) { client.rename(group, "x".repeat(257)) },
    bad("zero in name") { client.rename(group, "a\u0000b") },
    bad("zero in user name") { client.createDirect(named("a\u0000b")) },
    bad("empty user name") { client.createDirect(named("")) },
    bad("huge user name") { client.createDirect(named("x".repeat(1_000_000))) },
)

private fun badIds(
    client: Whimbrel,
    group: ConversationId,
): List<Triple<String, ErrorCode, Call>> = listOf(
    bad("no id") { client.conversation(ConversationId("")) },
    bad("short id") { client.conversation(ConversationId("abc")) },
    bad("zeros in id") { client.send(ConversationId("\u0000".repeat(32)), "x") },
    bad("half in id") { client.send(ConversationId(HALF), "x") },
    bad("huge id") { client.message(group, MessageId("a".repeat(10_000_000))) },
    bad("other letters") { client.retry(ItemId("z".repeat(32))) },
    bad("user id") { client.createDirect(Person.Id(UserId("me"))) },
    bad("device id") { client.revokeDevice(DeviceId("this")) },
    bad("anchor") { client.messages(group, MessagePage.Before(MessageId("x"))) },
    bad("no such chat", ErrorCode.NOT_FOUND) { client.send(ConversationId(ID), "x") },
    bad("no such group", ErrorCode.NOT_FOUND) { client.members(ConversationId(ID)) },
    bad("no such message", ErrorCode.NOT_FOUND) { client.markRead(group, MessageId(ID)) },
    bad("no such item", ErrorCode.NOT_FOUND) { client.discard(ItemId(ID)) },
    bad("no such device", ErrorCode.NOT_FOUND) { client.revokeDevice(DeviceId(ID)) },
    bad("no such contact", ErrorCode.NOT_FOUND) { client.contact(UserId(ID)) },
    bad("no such anchor", ErrorCode.NOT_FOUND) {
        client.messages(group, MessagePage.Around(MessageId(ID)))
    },
)

private fun badNumbers(
    client: Whimbrel,
    group: ConversationId,
): List<Triple<String, ErrorCode, Call>> = listOf(
    bad("negative offset") { client.conversations(offset = -1) },
    bad("negative limit") { client.conversations(limit = -1) },
    bad("limit of zero") { client.messages(group, limit = 0) },
    bad("limit too high") { client.messages(group, limit = 201) },
    bad("lowest limit") { client.messages(group, limit = Int.MIN_VALUE) },
    bad("highest limit") { client.messages(group, limit = Int.MAX_VALUE) },
    bad("negative budget") { client.syncOnce(-1) },
    bad("nobody to add") { client.addMembers(group, emptyList()) },
)

private fun bad(name: String, code: ErrorCode = ErrorCode.INVALID_ARGUMENT, call: Call) =
    Triple(name, code, call)
