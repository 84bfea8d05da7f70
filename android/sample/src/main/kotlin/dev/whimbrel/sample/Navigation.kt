package dev.whimbrel.sample

import androidx.compose.runtime.mutableStateListOf
import dev.whimbrel.ConversationId
import dev.whimbrel.UserId

/** What can be on screen once somebody is signed in. */
sealed interface Screen {
    data object Conversations : Screen

    data class Talk(val conversation: ConversationId) : Screen

    data class Safety(val user: UserId) : Screen

    data object ApproveDevice : Screen
}

/**
 * Which screen is shown, and which ones the button "back" leads to.
 *
 * @param onTalk called with a conversation that comes on screen.
 */
class Navigator(private val onTalk: (ConversationId) -> Unit) {
    private val screens = mutableStateListOf<Screen>(Screen.Conversations)

    val current: Screen get() = screens.last()

    val canGoBack: Boolean get() = screens.size > 1

    fun open(screen: Screen) {
        if (screen != current) screens += screen
        tellTalk()
    }

    fun back() {
        if (canGoBack) screens.removeAt(screens.lastIndex)
    }

    fun backToStart() {
        while (canGoBack) back()
    }

    /** Tells of the conversation on screen, if there is one. */
    fun tellTalk() {
        (current as? Screen.Talk)?.let { onTalk(it.conversation) }
    }
}
