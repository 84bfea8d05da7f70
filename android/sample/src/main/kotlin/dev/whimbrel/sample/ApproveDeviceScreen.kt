package dev.whimbrel.sample

import androidx.compose.material3.Button
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.text.font.FontFamily
import dev.whimbrel.LinkRequest
import dev.whimbrel.Whimbrel

/** The old device of a linking: takes the new one's code, shows who asks, and approves. */
@Composable
fun ApproveDeviceScreen(client: Whimbrel, onDone: () -> Unit) {
    val action = rememberAction()
    var code by remember { mutableStateOf("") }
    var request by remember { mutableStateOf<LinkRequest?>(null) }
    Page("Link a device", onDone) {
        val found = request
        if (found == null) {
            // A real app also scans the QR picture, whose content is taken in the same place.
            Entry("Code that the new device shows", code) { code = it }
            Button(enabled = code.isNotBlank() && !action.isRunning, onClick = {
                action.run { request = client.linkInspect(code.trim()) }
            }) { Text("Next") }
        } else {
            Text("Does the new device show the same digits?")
            Text(found.fingerprint, fontFamily = FontFamily.Monospace)
            Button(enabled = !action.isRunning, onClick = {
                action.run {
                    client.linkApprove(code.trim())
                    onDone()
                }
            }) { Text("Yes, link it") }
            TextButton(enabled = !action.isRunning, onClick = {
                action.run {
                    client.linkRefuse(code.trim())
                    onDone()
                }
            }) { Text("No") }
        }
        Problem(action.problem)
    }
}
