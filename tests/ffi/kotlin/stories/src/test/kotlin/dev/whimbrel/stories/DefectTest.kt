package dev.whimbrel.stories

import dev.whimbrel.Alarm
import dev.whimbrel.Connection
import dev.whimbrel.ConversationKind
import dev.whimbrel.ConversationState
import dev.whimbrel.Defect
import dev.whimbrel.Delivery
import dev.whimbrel.DeviceState
import dev.whimbrel.ErrorCode
import dev.whimbrel.IdentityChange
import dev.whimbrel.LogLevel
import dev.whimbrel.Network
import dev.whimbrel.OutboxState
import dev.whimbrel.Remedy
import dev.whimbrel.Role
import dev.whimbrel.SignOut
import dev.whimbrel.SyncOutcome
import dev.whimbrel.ffi.WhimbrelException as NativeException
import dev.whimbrel.ffi.errorCodes
import dev.whimbrel.ffi.errorName
import dev.whimbrel.ffi.panicAsync
import dev.whimbrel.ffi.panicNow
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test

/** What the two languages must agree on, and what becomes of a defect in the native one. */
class DefectTest {
    @Test
    fun `error codes are those of the library, one by one`() {
        val native = errorCodes()
        assertEquals(native.map { it.name }, ErrorCode.entries.map { it.name })
        assertEquals(native.map { errorName(it) }, ErrorCode.entries.map { it.stableName })
    }

    @Test
    fun `enums have the names of their twins`() {
        same<Alarm, dev.whimbrel.ffi.Alarm>()
        same<Connection, dev.whimbrel.ffi.Connection>()
        same<ConversationKind, dev.whimbrel.ffi.ConversationKind>()
        same<ConversationState, dev.whimbrel.ffi.ConversationState>()
        same<Defect, dev.whimbrel.ffi.Defect>()
        same<Delivery, dev.whimbrel.ffi.Delivery>()
        same<DeviceState, dev.whimbrel.ffi.DeviceState>()
        same<ErrorCode, dev.whimbrel.ffi.ErrorCode>()
        same<IdentityChange, dev.whimbrel.ffi.IdentityChange>()
        same<LogLevel, dev.whimbrel.ffi.LogLevel>()
        same<Network, dev.whimbrel.ffi.Network>()
        same<OutboxState, dev.whimbrel.ffi.OutboxState>()
        same<Remedy, dev.whimbrel.ffi.Remedy>()
        same<Role, dev.whimbrel.ffi.Role>()
        same<SignOut, dev.whimbrel.ffi.SignOut>()
        same<SyncOutcome, dev.whimbrel.ffi.SyncOutcome>()
    }

    private inline fun <reified A : Enum<A>, reified B : Enum<B>> same() =
        assertEquals(enumValues<B>().map { it.name }, enumValues<A>().map { it.name })

    @Test
    fun `a panic becomes an exception, and the process lives`() = story {
        val alice = livePhone(TestServer(), "alice")
        val calls: List<Call> = listOf({ panicNow() }, { panicAsync() })
        for (call in List(10) { calls }.flatten()) {
            val error = assertFailsWith<NativeException.Failed> { call() }
            assertEquals(dev.whimbrel.ffi.ErrorCode.INTERNAL, error.code)
            assertTrue("panicked" in error.reason, error.reason)
        }
        alice.createGroup("Birds", emptyList())
        alice.hasSentAll()
        alice.shutdown()
    }
}
