// The only file of this module that stands on Firebase: what it decides is in Decision.kt, what it
// shows in ChatNotifications.kt.

package dev.whimbrel.android.fcm

import com.google.firebase.messaging.FirebaseMessagingService
import com.google.firebase.messaging.RemoteMessage
import dev.whimbrel.ConversationId
import dev.whimbrel.android.WhimbrelAndroid
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull

/** For how long a push may be worked at: the system grants some ten seconds. */
private const val BUDGET_MS = 8_000L

/**
 * Receives pushes: decides what to show, shows it, and has the messages fetched. It opens no
 * client, uses no network, and changes nothing in the database.
 *
 * The server sends data messages with one entry, `whimbrel`: the payload in Base64. Messages
 * without it are none of its business; a subclass handles them.
 */
public open class WhimbrelMessagingService : FirebaseMessagingService() {
    /**
     * The small icon of notifications: a white shape on nothing. By default the system's for chats;
     * the app's own icon is no such shape, and where it is adaptive, Android 8.0 can't show it here.
     */
    protected open val icon: Int get() = android.R.drawable.stat_notify_chat

    /**
     * Whether to show a notification now; not while the app is on screen, unless a subclass knows
     * better.
     *
     * @param conversation the conversation, if it is known.
     */
    protected open fun mayShow(conversation: ConversationId?): Boolean =
        !WhimbrelAndroid.isVisible.value

    // On a thread of its own, which may be held up.
    override fun onMessageReceived(message: RemoteMessage) {
        val decision = runBlocking {
            withTimeoutOrNull(BUDGET_MS) { decided(message) } ?: unopened
        }
        show(decision.shown)
        if (decision.syncs) WhimbrelAndroid.syncSoon(this)
    }

    // More waited for this device than the push service keeps.
    override fun onDeletedMessages(): Unit = WhimbrelAndroid.syncSoon(this)

    private suspend fun decided(message: RemoteMessage): Decision =
        decide(message.data) { WhimbrelAndroid.openNotification(it) }
            ?: Decision(Shown.Nothing, syncs = false)

    private fun show(shown: Shown) {
        val isWanted = when (shown) {
            is Shown.Text -> mayShow(shown.message.conversation)
            is Shown.Announcement -> mayShow(shown.conversation)
            Shown.Nothing -> false
        }
        if (isWanted) ChatNotifications.show(this, icon, shown)
    }
}
