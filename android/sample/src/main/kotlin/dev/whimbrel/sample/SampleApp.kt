package dev.whimbrel.sample

import androidx.compose.material3.Button
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import dev.whimbrel.Whimbrel
import dev.whimbrel.WhimbrelException
import dev.whimbrel.android.DatabaseKeyException
import dev.whimbrel.android.WhimbrelAndroid

/** How far the client has come. */
private sealed interface Opening {
    data object UnderWay : Opening

    class Done(val client: Whimbrel) : Opening

    class Failed(val error: WhimbrelException) : Opening
}

/** The whole app: opens the client, then shows who is signed in their conversations. */
@Composable
fun SampleApp(navigator: Navigator) {
    var opening by remember { mutableStateOf<Opening>(Opening.UnderWay) }
    var attempt by remember { mutableStateOf(0) }
    LaunchedEffect(attempt) {
        opening = Opening.UnderWay
        opening = try {
            Opening.Done(WhimbrelAndroid.client())
        } catch (error: WhimbrelException) {
            Opening.Failed(error)
        }
    }
    val openAgain = {
        navigator.backToStart()
        attempt++
        Unit
    }
    MaterialTheme {
        when (val now = opening) {
            Opening.UnderWay -> Page("One moment") {}
            is Opening.Failed -> NotOpened(now.error, openAgain)
            is Opening.Done -> Signed(now.client, navigator, openAgain)
        }
    }
}

/** The database can't be opened: says why, and deletes it only if the user wants that. */
@Composable
private fun NotOpened(error: WhimbrelException, openAgain: () -> Unit) {
    val action = rememberAction()
    val problem = (error.cause as? DatabaseKeyException)?.problem
    Page("Your messages") {
        Text(if (problem == null) textOf(error.code) else textOf(problem))
        Button(onClick = openAgain) { Text("Try again") }
        if (problem?.isForGood == true) {
            Text("You can begin anew with an empty phone. Messages that were not sent are lost.")
            Button(
                onClick = {
                    action.run {
                        WhimbrelAndroid.wipe()
                        openAgain()
                    }
                },
            ) { Text("Begin anew") }
        }
        Problem(action.problem)
    }
}

@Composable
private fun Signed(client: Whimbrel, navigator: Navigator, openAgain: () -> Unit) {
    val state by client.state.collectAsState()
    val account = state.account
    if (account == null) {
        WelcomeScreen(client)
        return
    }
    // Each screen has its own lists, which end with it.
    key(client, navigator.current) {
        when (val screen = navigator.current) {
            Screen.Conversations -> ConversationsScreen(client, account, navigator, openAgain)
            is Screen.Talk -> TalkScreen(client, account, screen.conversation, navigator)
            is Screen.Safety -> SafetyScreen(client, screen.user, navigator::back)
            Screen.ApproveDevice -> ApproveDeviceScreen(client, navigator::back)
        }
    }
}
