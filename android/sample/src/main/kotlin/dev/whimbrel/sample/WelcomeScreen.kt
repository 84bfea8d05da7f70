package dev.whimbrel.sample

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.text.selection.SelectionContainer
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.Button
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.text.font.FontFamily
import androidx.compose.ui.text.input.PasswordVisualTransformation
import dev.whimbrel.LinkTicket
import dev.whimbrel.Whimbrel

/** For somebody whom this phone does not know: a new account, a further phone, or a lost one. */
@Composable
fun WelcomeScreen(client: Whimbrel) {
    var isLinking by remember { mutableStateOf(false) }
    if (isLinking) {
        LinkThisDevice(client, onGiveUp = { isLinking = false })
        return
    }
    val action = rememberAction()
    var name by remember { mutableStateOf("") }
    var password by remember { mutableStateOf("") }
    var code by remember { mutableStateOf("") }
    Page("Welcome") {
        Column(Modifier.verticalScroll(rememberScrollState())) {
            Entry("Name", name) { name = it }
            PasswordEntry(password) { password = it }
            // Where the answer of the server got lost, the same call finishes the registration.
            Button(enabled = !action.isRunning, onClick = {
                action.run { client.register(name.trim(), password) }
            }) { Text("Create account") }
            TextButton(onClick = { isLinking = true }) { Text("I have the app on another device") }
            Entry("Recovery code, if you have lost all devices", code) { code = it }
            TextButton(enabled = !action.isRunning, onClick = {
                action.run {
                    client.recover(name.trim(), password, code.trim().ifEmpty { null })
                }
            }) { Text("Recover my account") }
            Problem(action.problem)
        }
    }
}

/** The new device of a linking: shows its code until another device of the user has approved. */
@Composable
private fun LinkThisDevice(client: Whimbrel, onGiveUp: () -> Unit) {
    val action = rememberAction()
    var ticket by remember { mutableStateOf<LinkTicket?>(null) }
    LaunchedEffect(client) {
        action.run {
            ticket = client.linkStart()
            // Once it returns there is an account, and the screen changes by itself.
            client.linkWait()
        }
    }
    Page("Link this phone") {
        ticket?.let {
            Text("Open the app on your other device, choose \"Link a device\" and enter this code:")
            // A real app also draws the ticket's content for QR as a picture, for the other camera.
            SelectionContainer { Text(it.code, fontFamily = FontFamily.Monospace) }
            Text("Both devices must show the same digits:")
            Text(it.fingerprint, fontFamily = FontFamily.Monospace)
        }
        Problem(action.problem)
        val giveUp = rememberAction()
        TextButton(onClick = {
            giveUp.run {
                client.linkCancel()
                onGiveUp()
            }
        }) { Text("Cancel") }
        Problem(giveUp.problem)
    }
}

/** For a user whose session has ended. */
@Composable
fun SignInAgain(client: Whimbrel, username: String) {
    val action = rememberAction()
    var password by remember { mutableStateOf("") }
    PasswordEntry(password) { password = it }
    TextButton(enabled = !action.isRunning, onClick = {
        action.run { client.signIn(username, password) }
    }) { Text("Sign in") }
    Problem(action.problem)
}

@Composable
fun Entry(label: String, value: String, onChange: (String) -> Unit) {
    OutlinedTextField(
        value = value,
        onValueChange = onChange,
        label = { Text(label) },
        singleLine = true,
        modifier = Modifier.fillMaxWidth(),
    )
}

@Composable
private fun PasswordEntry(value: String, onChange: (String) -> Unit) {
    OutlinedTextField(
        value = value,
        onValueChange = onChange,
        label = { Text("Password") },
        singleLine = true,
        visualTransformation = PasswordVisualTransformation(),
        modifier = Modifier.fillMaxWidth(),
    )
}
