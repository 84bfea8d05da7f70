package dev.whimbrel.android.fcm

import dev.whimbrel.ErrorCode
import dev.whimbrel.PushDecision
import dev.whimbrel.WhimbrelException
import java.util.Base64
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Test

private val bytes = byteArrayOf(1, 2, 3)
private val data = mapOf("whimbrel" to Base64.getEncoder().encodeToString(bytes))

internal class DecisionTest {
    private suspend fun decideOn(push: PushDecision) = decide(data) { push }

    private suspend fun decideOn(code: ErrorCode) =
        decide(data) { throw WhimbrelException(code, "for the test") }

    @Test
    fun `the payload is handed on as it was sent`() = runTest {
        var opened: ByteArray? = null
        decide(data) {
            opened = it
            PushDecision.Silent
        }
        assertContentEquals(bytes, opened)
    }

    @Test
    fun `a message is shown and fetched`() = runTest {
        val message = message(1)
        val expected = Decision(Shown.Text(message), syncs = true)
        assertEquals(expected, decideOn(PushDecision.Show(message)))
    }

    @Test
    fun `what can't be read yet is announced and fetched`() = runTest {
        val expected = Decision(Shown.Announcement(talk), syncs = true)
        assertEquals(expected, decideOn(PushDecision.Generic(talk)))
    }

    @Test
    fun `a silent push only fetches`() = runTest {
        assertEquals(Decision(Shown.Nothing, syncs = true), decideOn(PushDecision.Silent))
    }

    @Test
    fun `a message of somebody else's is left alone`() = runTest {
        assertNull(decide(mapOf("other" to "AQID")) { error("not opened") })
    }

    @Test
    fun `bytes that are no push show nothing`() = runTest {
        val expected = Decision(Shown.Nothing, syncs = true)
        assertEquals(expected, decide(mapOf("whimbrel" to "no base64!")) { error("not opened") })
        assertEquals(expected, decideOn(ErrorCode.PROTOCOL))
    }

    @Test
    fun `a key that may come back, or a defect, is announced`() = runTest {
        for (code in listOf(ErrorCode.KEY_STORE, ErrorCode.STORAGE, ErrorCode.INTERNAL)) {
            assertEquals(Decision(Shown.Announcement(null), syncs = true), decideOn(code))
        }
    }

    @Test
    fun `a database that nobody can read keeps still`() = runTest {
        for (code in listOf(ErrorCode.WRONG_KEY, ErrorCode.DAMAGED)) {
            assertEquals(Decision(Shown.Nothing, syncs = false), decideOn(code))
        }
    }
}
