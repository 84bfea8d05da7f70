// The example of android/README.md. ReadmeTest holds that it stands there word for word.

package dev.whimbrel.stories

import dev.whimbrel.Account
import dev.whimbrel.ConversationId
import dev.whimbrel.ErrorCode
import dev.whimbrel.KeyStore
import dev.whimbrel.ListState
import dev.whimbrel.Member
import dev.whimbrel.Message
import dev.whimbrel.Person
import dev.whimbrel.Whimbrel
import dev.whimbrel.WhimbrelClient
import dev.whimbrel.WhimbrelException
import dev.whimbrel.WhimbrelOptions
import dev.whimbrel.memberList
import dev.whimbrel.messageWindow
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.launch

class ChatApp(private val keyStore: KeyStore) {
    /** One client for a data folder, as long as the process lives. */
    suspend fun open(dataFolder: String, server: String, fingerprint: String): Whimbrel =
        WhimbrelClient.open(WhimbrelOptions(dataFolder, server, keyStore, fingerprint))

    /** The first start registers; every later one finds the account. */
    suspend fun begin(whimbrel: Whimbrel, username: String, password: String): Account =
        whimbrel.state.value.account ?: whimbrel.register(username, password)

    /** Works offline, too: the message waits in the outbox, on the disk. */
    suspend fun sayHello(whimbrel: Whimbrel, to: String): ConversationId {
        val chat = whimbrel.createDirect(Person.Username(to))
        whimbrel.send(chat, "hello")
        return chat
    }
}

/** What a chat screen stands on. The scope is the view model's. */
class ChatModel(
    private val whimbrel: Whimbrel,
    private val chat: ConversationId,
    private val scope: CoroutineScope,
) {
    private val window = whimbrel.messageWindow(scope, chat)

    /** Follows what happens. Use the message's id as the key of a lazy list. */
    val messages: StateFlow<ListState<Message>> = window.state
    val members: StateFlow<ListState<Member>> = whimbrel.memberList(scope, chat)
    val problem = MutableStateFlow<ErrorCode?>(null)

    fun send(text: String) = attempt { whimbrel.send(chat, text) }

    fun showOlder() = attempt { window.loadOlder() }

    fun isRead(newest: Message) = attempt { whimbrel.markRead(chat, newest.id) }

    /** The one exception there is, as a code for a table of texts. */
    private fun attempt(call: suspend () -> Unit) {
        scope.launch {
            problem.value = try {
                call()
                null
            } catch (error: WhimbrelException) {
                error.code
            }
        }
    }
}
