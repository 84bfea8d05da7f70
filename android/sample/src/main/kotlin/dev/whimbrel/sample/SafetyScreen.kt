package dev.whimbrel.sample

import androidx.compose.foundation.text.selection.SelectionContainer
import androidx.compose.material3.Button
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.produceState
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.text.font.FontFamily
import dev.whimbrel.Change
import dev.whimbrel.Contact
import dev.whimbrel.IdentityChange
import dev.whimbrel.UserId
import dev.whimbrel.Whimbrel

/** The safety number of somebody: the two compare it, and know that nobody is between them. */
@Composable
fun SafetyScreen(client: Whimbrel, user: UserId, onBack: () -> Unit) {
    val contact by produceState<Contact?>(null) {
        client.changes.collect { change ->
            val concerns = change == Change.Contact(user) || change == Change.Everything
            if (concerns) value = orNull { client.contact(user) } ?: value
        }
    }
    Page("Safety number", onBack) { contact?.let { Safety(client, it) } }
}

@Composable
private fun Safety(client: Whimbrel, contact: Contact) {
    val action = rememberAction()
    var scanned by remember { mutableStateOf("") }
    val name = contact.username
    Text(
        when (contact.identityChange) {
            IdentityChange.BY_RECOVERY -> "$name has recovered the account on a new phone."
            IdentityChange.UNPROVEN -> "$name has a new phone, or somebody pretends to be $name."
            IdentityChange.ANNOUNCED -> "$name may have started anew, and is in no chat yet."
            null -> if (contact.verified) "You have compared it." else "Not compared yet."
        },
    )
    if (contact.conflict) Text("Somebody else may have the keys of $name. Ask in person.")
    Text("$name must see the same digits:")
    SelectionContainer { Text(contact.safetyNumber, fontFamily = FontFamily.Monospace) }
    if (contact.identityChange != null) {
        Button(onClick = { action.run { client.acceptIdentity(contact.user) } }) {
            Text("They are the same: go on")
        }
    } else {
        Button(onClick = { action.run { client.setVerified(contact.user, !contact.verified) } }) {
            Text(if (contact.verified) "They are not the same" else "They are the same")
        }
        // In the place of a camera: the text that the other's QR picture holds.
        Entry("Or the content of the other QR picture", scanned) { scanned = it }
        TextButton(enabled = scanned.isNotBlank(), onClick = {
            action.run {
                val matches = client.matchesSafetyQr(contact.user, scanned.trim())
                client.setVerified(contact.user, matches)
            }
        }) { Text("Compare") }
    }
    Problem(action.problem)
}
