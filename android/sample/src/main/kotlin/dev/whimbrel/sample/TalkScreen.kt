package dev.whimbrel.sample

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.Button
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.produceState
import androidx.compose.runtime.remember
import androidx.compose.runtime.rememberCoroutineScope
import androidx.compose.runtime.setValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp
import dev.whimbrel.Account
import dev.whimbrel.Change
import dev.whimbrel.Conversation
import dev.whimbrel.ConversationId
import dev.whimbrel.ErrorCode
import dev.whimbrel.Member
import dev.whimbrel.Message
import dev.whimbrel.MessageContent
import dev.whimbrel.OutboxItem
import dev.whimbrel.OutboxState
import dev.whimbrel.UserId
import dev.whimbrel.Whimbrel
import dev.whimbrel.memberList
import dev.whimbrel.messageWindow
import dev.whimbrel.outboxItems

/** One conversation: its messages with how far each has come, and what stops the sending. */
@Composable
fun TalkScreen(client: Whimbrel, account: Account, id: ConversationId, navigator: Navigator) {
    val scope = rememberCoroutineScope()
    val window = remember { client.messageWindow(scope, id) }
    val messages by window.state.collectAsState()
    val members by remember { client.memberList(scope, id) }.collectAsState()
    val outbox by remember { client.outboxItems(scope, id) }.collectAsState()
    val conversation by client.followed(id)
    val older = rememberAction()
    val nameOf = { user: UserId -> members.items.nameOf(user) }
    OnScreen(client, id, messages.items.lastOrNull { it.seq != null })
    Page(conversation?.name ?: "", navigator::back) {
        SafetyLinks(members.items, account, navigator)
        OutboxBanner(client, conversation, outbox.items, navigator)
        LazyColumn(Modifier.weight(1f), reverseLayout = true) {
            items(messages.items.asReversed(), key = { it.id.value }) { message ->
                MessageRow(message, message.sender == account.user, nameOf)
            }
            if (messages.hasMore) {
                item {
                    TextButton(onClick = { older.run { window.loadOlder() } }) { Text("Older") }
                }
            }
        }
        Composer(client, id)
    }
}

private fun List<Member>.nameOf(user: UserId): String =
    find { it.user == user }?.username ?: "somebody"

/** The conversation, read again whenever it may have changed. */
@Composable
private fun Whimbrel.followed(id: ConversationId) = produceState<Conversation?>(null) {
    changes.collect { change ->
        val concerns = change == Change.Conversation(id) || change == Change.Everything
        if (concerns) value = orNull { conversation(id) } ?: value
    }
}

/** Tells the client what is on screen and what was read. */
@Composable
private fun OnScreen(client: Whimbrel, id: ConversationId, newest: Message?) {
    LaunchedEffect(id) { orNull { client.focus(id) } }
    LaunchedEffect(newest?.id) {
        newest?.let { orNull { client.markRead(id, it.id) } }
    }
}

@Composable
private fun MessageRow(message: Message, isOwn: Boolean, nameOf: (UserId) -> String) {
    val content = message.content
    val isText = content is MessageContent.Text || content == MessageContent.Deleted
    val side = when {
        !isText -> Alignment.CenterHorizontally
        isOwn -> Alignment.End
        else -> Alignment.Start
    }
    Column(Modifier.fillMaxWidth().padding(vertical = 4.dp), horizontalAlignment = side) {
        if (isText && !isOwn) {
            Text(nameOf(message.sender), style = MaterialTheme.typography.labelMedium)
        }
        Text(textOf(content, nameOf))
        if (isText && isOwn) {
            Text(textOf(message.delivery), style = MaterialTheme.typography.labelSmall)
        }
        if (message.gapBefore) {
            Text("The server has left out a message before this one.")
        }
    }
}

/** Why messages wait, and what the user can do about it. */
@Composable
private fun OutboxBanner(
    client: Whimbrel,
    conversation: Conversation?,
    outbox: List<OutboxItem>,
    navigator: Navigator,
) {
    val action = rememberAction()
    val failed = outbox.firstOrNull { it.state == OutboxState.FAILED }
    val blocked = conversation?.blocked
    when {
        blocked == ErrorCode.IDENTITY_CHANGED -> Banner(textOf(blocked)) {
            conversation.peer?.let { peer ->
                TextButton(onClick = { navigator.open(Screen.Safety(peer)) }) { Text("Compare") }
            }
        }
        failed != null -> Banner("Not sent: " + textOf(failed.failure ?: ErrorCode.UNAVAILABLE)) {
            TextButton(onClick = { action.run { client.retry(failed.id) } }) { Text("Try again") }
            TextButton(onClick = { action.run { client.discard(failed.id) } }) { Text("Discard") }
        }
        outbox.isNotEmpty() && client.isOffline() ->
            Banner("${outbox.size} waiting. They are sent as soon as there is a network.")
    }
    Problem(action.problem)
}

@Composable
private fun Whimbrel.isOffline(): Boolean {
    val state by this.state.collectAsState()
    return textOf(state.connection) != null
}

/** A way to the safety number of each of the others. */
@Composable
private fun SafetyLinks(members: List<Member>, account: Account, navigator: Navigator) {
    Row {
        members.filter { it.user != account.user }.take(SAFETY_LINKS_MAX).forEach { member ->
            TextButton(onClick = { navigator.open(Screen.Safety(member.user)) }) {
                Text("Safety number of ${member.username}")
            }
        }
    }
}

/** A real app shows them all, on a screen of its own. */
private const val SAFETY_LINKS_MAX = 2

@Composable
private fun Composer(client: Whimbrel, id: ConversationId) {
    val action = rememberAction()
    var text by remember { mutableStateOf("") }
    Problem(action.problem)
    Row(verticalAlignment = Alignment.CenterVertically) {
        OutlinedTextField(text, { text = it }, Modifier.weight(1f))
        Button(enabled = text.isNotBlank() && !action.isRunning, onClick = {
            action.run {
                // When it returns the message is safe, network or not.
                client.send(id, text)
                text = ""
            }
        }) { Text("Send") }
    }
}
