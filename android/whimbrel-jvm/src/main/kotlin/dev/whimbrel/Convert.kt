// Twins of the generated records, and the conversions between them. The enums of both sides have
// the same names; a test holds that.

package dev.whimbrel

import dev.whimbrel.ffi.Account as NativeAccount
import dev.whimbrel.ffi.Change as NativeChange
import dev.whimbrel.ffi.ClientState as NativeClientState
import dev.whimbrel.ffi.Contact as NativeContact
import dev.whimbrel.ffi.Conversation as NativeConversation
import dev.whimbrel.ffi.Device as NativeDevice
import dev.whimbrel.ffi.DeviceList as NativeDeviceList
import dev.whimbrel.ffi.LinkRequest as NativeLinkRequest
import dev.whimbrel.ffi.LinkTicket as NativeLinkTicket
import dev.whimbrel.ffi.Member as NativeMember
import dev.whimbrel.ffi.Message as NativeMessage
import dev.whimbrel.ffi.MessageContent as NativeMessageContent
import dev.whimbrel.ffi.MessagePage as NativeMessagePage
import dev.whimbrel.ffi.MessagePreview as NativeMessagePreview
import dev.whimbrel.ffi.Notification as NativeNotification
import dev.whimbrel.ffi.OutboxContent as NativeOutboxContent
import dev.whimbrel.ffi.OutboxItem as NativeOutboxItem
import dev.whimbrel.ffi.Person as NativePerson
import dev.whimbrel.ffi.RoleGrant as NativeRoleGrant

/** The value of the same name in another enum. */
internal inline fun <reified T : Enum<T>> Enum<*>.twin(): T = enumValueOf(name)

internal fun NativeAccount.toFacade() = Account(UserId(user), username, DeviceId(device))

internal fun NativeClientState.toFacade() = ClientState(
    connection = connection.twin(),
    account = account?.toFacade(),
    alarm = alarm?.twin<Alarm>(),
    queued = queued,
    lastError = lastError?.twin<ErrorCode>(),
)

internal fun NativeChange.toFacade(): Change = when (this) {
    is NativeChange.Conversation -> Change.Conversation(ConversationId(id))
    is NativeChange.Messages -> Change.Messages(ConversationId(conversation))
    is NativeChange.Members -> Change.Members(ConversationId(conversation))
    is NativeChange.Contact -> Change.Contact(UserId(user))
    NativeChange.Outbox -> Change.Outbox
    NativeChange.Connection -> Change.Connection
    NativeChange.Account -> Change.Account
    NativeChange.Everything -> Change.Everything
}

internal fun NativeDeviceList.toFacade() =
    DeviceList(version, conflict, devices.map { it.toFacade() })

private fun NativeDevice.toFacade() =
    Device(DeviceId(id), isThisOne, state.twin(), conversationsLeft)

internal fun NativeLinkTicket.toFacade() = LinkTicket(code, qr, fingerprint, expiresMs)

internal fun NativeLinkRequest.toFacade() = LinkRequest(DeviceId(device), fingerprint, expiresMs)

internal fun NativeConversation.toFacade() = Conversation(
    id = ConversationId(id),
    kind = kind.twin(),
    state = state.twin(),
    name = name,
    peer = peer?.let(::UserId),
    unread = unread,
    lastMessage = lastMessage?.toFacade(),
    appliedSeq = appliedSeq,
    queued = queued,
    blocked = blocked?.twin<ErrorCode>(),
    forked = forked,
    lastActivityMs = lastActivityMs,
)

internal fun NativeMember.toFacade() =
    Member(UserId(user), username, role.twin(), deliveredSeq, readSeq)

internal fun NativeContact.toFacade() = Contact(
    user = UserId(user),
    username = username,
    verified = verified,
    identityChange = identityChange?.twin<IdentityChange>(),
    conflict = conflict,
    safetyNumber = safetyNumber,
    safetyQr = safetyQr,
)

internal fun NativeMessage.toFacade() = Message(
    id = MessageId(id),
    conversation = ConversationId(conversation),
    sender = UserId(sender),
    seq = seq,
    content = content.toFacade(),
    composedMs = composedMs,
    serverTimeMs = serverTimeMs,
    delivery = delivery.twin(),
    gapBefore = gapBefore,
)

private fun NativeMessageContent.toFacade(): MessageContent = when (this) {
    is NativeMessageContent.Text -> MessageContent.Text(text, edited)
    NativeMessageContent.Deleted -> MessageContent.Deleted
    NativeMessageContent.Created -> MessageContent.Created
    is NativeMessageContent.Added -> MessageContent.Added(users.map(::UserId))
    is NativeMessageContent.Removed -> MessageContent.Removed(users.map(::UserId))
    is NativeMessageContent.Renamed -> MessageContent.Renamed(name)
    is NativeMessageContent.RoleChanged -> MessageContent.RoleChanged(UserId(user), role.twin())
    is NativeMessageContent.Left -> MessageContent.Left(UserId(user))
    is NativeMessageContent.IdentityChanged -> MessageContent.IdentityChanged(UserId(user))
    NativeMessageContent.Forked -> MessageContent.Forked
    is NativeMessageContent.Missed -> MessageContent.Missed(fromSeq, toSeq)
    NativeMessageContent.Unsupported -> MessageContent.Unsupported
    is NativeMessageContent.Unreadable -> MessageContent.Unreadable(defect.twin())
}

internal fun NativeOutboxItem.toFacade() = OutboxItem(
    id = ItemId(id),
    conversation = ConversationId(conversation),
    content = content.toFacade(),
    state = state.twin(),
    attempts = attempts,
    failure = failure?.twin<ErrorCode>(),
)

private fun NativeOutboxContent.toFacade(): OutboxContent = when (this) {
    NativeOutboxContent.Create -> OutboxContent.Create
    is NativeOutboxContent.Add -> OutboxContent.Add(people.map { it.toFacade() })
    is NativeOutboxContent.Remove -> OutboxContent.Remove(UserId(user))
    is NativeOutboxContent.SetRoles ->
        OutboxContent.SetRoles(roles.associate { UserId(it.user) to it.role.twin<Role>() })
    NativeOutboxContent.Leave -> OutboxContent.Leave
    is NativeOutboxContent.Rename -> OutboxContent.Rename(name)
    is NativeOutboxContent.Text -> OutboxContent.Text(text)
    is NativeOutboxContent.Edit -> OutboxContent.Edit(MessageId(target), text)
    is NativeOutboxContent.Delete -> OutboxContent.Delete(MessageId(target))
    is NativeOutboxContent.ReadMark -> OutboxContent.ReadMark(seq)
    NativeOutboxContent.Upkeep -> OutboxContent.Upkeep
}

private fun NativePerson.toFacade(): Person = when (this) {
    is NativePerson.Id -> Person.Id(UserId(user))
    is NativePerson.Username -> Person.Username(username)
}

internal fun Person.toNative(): NativePerson = when (this) {
    is Person.Id -> NativePerson.Id(user.value)
    is Person.Username -> NativePerson.Username(username)
}

internal fun Map<UserId, Role>.toNative(): List<NativeRoleGrant> =
    map { (user, role) -> NativeRoleGrant(user.value, role.twin()) }

internal fun MessagePage.toNative(): NativeMessagePage = when (this) {
    MessagePage.Newest -> NativeMessagePage.Newest
    is MessagePage.Before -> NativeMessagePage.Before(anchor.value)
    is MessagePage.After -> NativeMessagePage.After(anchor.value)
    is MessagePage.Around -> NativeMessagePage.Around(anchor.value)
}

internal fun NativeNotification.toFacade(): PushDecision = when (this) {
    is NativeNotification.Show -> PushDecision.Show(preview.toFacade())
    is NativeNotification.Generic -> PushDecision.Generic(ConversationId(conversation))
    NativeNotification.Silent -> PushDecision.Silent
}

private fun NativeMessagePreview.toFacade() = MessagePreview(
    conversation = ConversationId(conversation),
    conversationName = conversationName,
    message = MessageId(message),
    sender = UserId(sender),
    senderName = senderName,
    text = text,
    serverTimeMs = serverTimeMs,
)
