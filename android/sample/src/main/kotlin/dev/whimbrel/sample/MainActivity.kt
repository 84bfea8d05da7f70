// The only file of the sample that stands on androidx.activity: it shows the screens and hands them
// the button "back".

package dev.whimbrel.sample

import android.Manifest
import android.content.Intent
import android.os.Build
import android.os.Bundle
import androidx.activity.ComponentActivity
import androidx.activity.compose.BackHandler
import androidx.activity.compose.setContent
import dev.whimbrel.ConversationId
import dev.whimbrel.android.fcm.ChatNotifications

class MainActivity : ComponentActivity() {
    private val navigator = Navigator { ChatNotifications.remove(this, it) }

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        openConversation(intent)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            requestPermissions(arrayOf(Manifest.permission.POST_NOTIFICATIONS), 0)
        }
        setContent {
            BackHandler(enabled = navigator.canGoBack) { navigator.back() }
            SampleApp(navigator)
        }
    }

    override fun onStart() {
        super.onStart()
        navigator.tellTalk()
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        openConversation(intent)
    }

    /** Where a notification was touched, it says which conversation it is of. */
    private fun openConversation(intent: Intent) {
        intent.getStringExtra(ChatNotifications.EXTRA_CONVERSATION)
            ?.let { navigator.open(Screen.Talk(ConversationId(it))) }
    }
}
