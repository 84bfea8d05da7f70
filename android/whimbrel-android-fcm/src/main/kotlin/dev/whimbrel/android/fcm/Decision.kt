// What a push leads to. Pure, so that every case is tested without a phone.

package dev.whimbrel.android.fcm

import dev.whimbrel.ConversationId
import dev.whimbrel.ErrorCode
import dev.whimbrel.MessagePreview
import dev.whimbrel.PushDecision
import dev.whimbrel.WhimbrelException
import dev.whimbrel.android.DatabaseKeyException
import java.util.Base64

/** The entry of a data message that holds the payload, in Base64. */
internal const val PAYLOAD = "whimbrel"

/** What to show. */
internal sealed interface Shown {
    /** A message with its text. */
    data class Text(val message: MessagePreview) : Shown

    /** That there is something new, in a conversation where that is known. */
    data class Announcement(val conversation: ConversationId?) : Shown

    /** Nothing. */
    data object Nothing : Shown
}

/**
 * What a push leads to.
 *
 * @property shown What to show now.
 * @property syncs Whether to fetch what is new.
 */
internal data class Decision(val shown: Shown, val syncs: Boolean)

/**
 * Decides about a data message.
 *
 * @param open tells what to show for a payload.
 * @return `null` for a message that is not for this library.
 */
internal suspend fun decide(
    data: Map<String, String>,
    open: suspend (ByteArray) -> PushDecision,
): Decision? {
    val text = data[PAYLOAD] ?: return null
    return try {
        decideOn(open(Base64.getDecoder().decode(text)))
    } catch (_: IllegalArgumentException) {
        // No Base64: nothing can be shown of it, and still the server meant to wake the app.
        Decision(Shown.Nothing, syncs = true)
    } catch (error: WhimbrelException) {
        decideOn(error)
    }
}

/** A push that can't be opened now: it tells that there is something, and the app shows what. */
internal val unopened = Decision(Shown.Announcement(null), syncs = true)

private fun decideOn(push: PushDecision): Decision = when (push) {
    is PushDecision.Show -> Decision(Shown.Text(push.preview), syncs = true)
    is PushDecision.Generic -> Decision(Shown.Announcement(push.conversation), syncs = true)
    PushDecision.Silent -> Decision(Shown.Nothing, syncs = true)
}

private fun decideOn(error: WhimbrelException): Decision = when (error.code) {
    ErrorCode.PROTOCOL -> Decision(Shown.Nothing, syncs = true)
    // Nobody can read the messages here any more. The app tells that when it is opened.
    ErrorCode.WRONG_KEY, ErrorCode.DAMAGED -> Decision(Shown.Nothing, syncs = false)
    ErrorCode.KEY_STORE ->
        if (error.isForGood) Decision(Shown.Nothing, syncs = false) else unopened
    else -> unopened
}

private val WhimbrelException.isForGood: Boolean
    get() = (cause as? DatabaseKeyException)?.problem?.isForGood == true
