package dev.whimbrel.sample

import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.Button
import androidx.compose.material3.HorizontalDivider
import androidx.compose.material3.ListItem
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.rememberCoroutineScope
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.text.style.TextOverflow
import dev.whimbrel.Account
import dev.whimbrel.Alarm
import dev.whimbrel.Conversation
import dev.whimbrel.Person
import dev.whimbrel.SignOut
import dev.whimbrel.Whimbrel
import dev.whimbrel.android.WhimbrelAndroid
import dev.whimbrel.conversationList

/** The list of conversations, with what concerns the client as a whole above it. */
@Composable
fun ConversationsScreen(
    client: Whimbrel,
    account: Account,
    navigator: Navigator,
    onSignedOut: () -> Unit,
) {
    val scope = rememberCoroutineScope()
    val conversations = remember { client.conversationList(scope) }
    val list by conversations.state.collectAsState()
    val more = rememberAction()
    Page(account.username) {
        ClientBanner(client, account, onSignedOut)
        NewConversation(client, navigator)
        LazyColumn(Modifier.weight(1f)) {
            items(list.items, key = { it.id.value }) { conversation ->
                ConversationRow(conversation) {
                    navigator.open(Screen.Talk(conversation.id))
                }
                HorizontalDivider()
            }
            if (list.hasMore) {
                item {
                    TextButton(onClick = { more.run { conversations.loadMore() } }) { Text("More") }
                }
            }
        }
        AccountActions(navigator, onSignedOut)
    }
}

@Composable
private fun ConversationRow(conversation: Conversation, onClick: () -> Unit) {
    ListItem(
        modifier = Modifier.clickable(onClick = onClick),
        headlineContent = { Text(conversation.name.ifEmpty { "Conversation" }) },
        supportingContent = {
            conversation.lastMessage?.let { message ->
                Text(
                    textOf(message.content) { "somebody" },
                    maxLines = 1,
                    overflow = TextOverflow.Ellipsis,
                )
            }
        },
        trailingContent = {
            val count = conversation.unread
            when {
                conversation.blocked != null -> Text("!")
                count > 0 -> Text("$count")
            }
        },
    )
}

/** The connection, and what stops the client until the user acts. */
@Composable
private fun ClientBanner(client: Whimbrel, account: Account, onWiped: () -> Unit) {
    val state by client.state.collectAsState()
    val action = rememberAction()
    val alarm = state.alarm
    if (alarm == null) {
        textOf(state.connection)?.let { Banner(it) }
        return
    }
    Banner(textOf(alarm)) {
        when (alarm) {
            Alarm.SIGN_IN_NEEDED -> Column { SignInAgain(client, account.username) }
            Alarm.REVOKED, Alarm.ROLLED_BACK -> TextButton(onClick = {
                action.run {
                    WhimbrelAndroid.wipe()
                    onWiped()
                }
            }) { Text("Delete everything here and begin anew") }
            Alarm.DISK_FULL, Alarm.UPDATE_NEEDED -> Unit
        }
    }
    Problem(action.problem)
}

@Composable
private fun NewConversation(client: Whimbrel, navigator: Navigator) {
    val action = rememberAction()
    var names by remember { mutableStateOf("") }
    Entry("Talk to (one name, or several for a group)", names) { names = it }
    Button(enabled = names.isNotBlank() && !action.isRunning, onClick = {
        action.run {
            val people = names.split(',', ' ')
                .filter { it.isNotBlank() }
                .map { Person.Username(it.trim()) }
            // Both work without a network.
            val id = when (people.size) {
                1 -> client.createDirect(people.single())
                else -> client.createGroup(people.joinToString { it.username }, people)
            }
            navigator.open(Screen.Talk(id))
        }
    }) { Text("Begin") }
    Problem(action.problem)
}

@Composable
private fun AccountActions(navigator: Navigator, onSignedOut: () -> Unit) {
    val action = rememberAction()
    Row {
        TextButton(onClick = { navigator.open(Screen.ApproveDevice) }) { Text("Link a device") }
        TextButton(enabled = !action.isRunning, onClick = {
            action.run {
                WhimbrelAndroid.signOut(SignOut.WHEN_TOLD)
                onSignedOut()
            }
        }) { Text("Sign out") }
    }
    Problem(action.problem)
}
