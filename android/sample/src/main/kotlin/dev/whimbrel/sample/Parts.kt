// Small things that several screens use.

package dev.whimbrel.sample

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.Spacer
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.height
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.safeDrawingPadding
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.rememberCoroutineScope
import androidx.compose.runtime.setValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp
import dev.whimbrel.WhimbrelException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch

/** Carries out what the user asks for, one thing at a time, and keeps why it did not work. */
class Action(private val scope: CoroutineScope) {
    var isRunning by mutableStateOf(false)
        private set
    var problem by mutableStateOf<String?>(null)
        private set

    fun run(work: suspend () -> Unit) {
        if (isRunning) return
        isRunning = true
        problem = null
        scope.launch {
            try {
                work()
            } catch (error: WhimbrelException) {
                problem = textOf(error.code)
            } finally {
                isRunning = false
            }
        }
    }
}

/** An [Action] that ends with the screen. */
@Composable
fun rememberAction(): Action {
    val scope = rememberCoroutineScope()
    return remember { Action(scope) }
}

/** What a query gives, or nothing where it fails, as it does while the client is paused. */
suspend fun <T> orNull(query: suspend () -> T): T? = try {
    query()
} catch (_: WhimbrelException) {
    null
}

/** A screen with a title, and a way back if there is one. */
@Composable
fun Page(title: String, onBack: (() -> Unit)? = null, content: @Composable ColumnScope.() -> Unit) {
    Surface(Modifier.fillMaxSize()) {
        Column(Modifier.safeDrawingPadding().padding(16.dp)) {
            Row(verticalAlignment = Alignment.CenterVertically) {
                onBack?.let { TextButton(onClick = it) { Text("Back") } }
                Text(title, style = MaterialTheme.typography.headlineSmall)
            }
            Spacer(Modifier.height(8.dp))
            content()
        }
    }
}

/** A line of text that something has gone wrong, if it has. */
@Composable
fun Problem(text: String?) {
    text?.let { Text(it, color = MaterialTheme.colorScheme.error) }
}

/** A coloured box at the edge of a screen, with things to do about what it says. */
@Composable
fun Banner(text: String, actions: @Composable () -> Unit = {}) {
    Surface(Modifier.fillMaxWidth(), color = MaterialTheme.colorScheme.secondaryContainer) {
        Column(Modifier.padding(8.dp)) {
            Text(text)
            Row { actions() }
        }
    }
}
