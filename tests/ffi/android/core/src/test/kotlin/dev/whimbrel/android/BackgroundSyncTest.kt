package dev.whimbrel.android

import dev.whimbrel.ErrorCode
import dev.whimbrel.Network
import dev.whimbrel.WhimbrelException
import dev.whimbrel.testing.FakeWhimbrel
import kotlin.test.assertEquals
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Test

internal class BackgroundSyncTest {
    @Test
    fun `a sync that has fetched everything is done`() = runTest {
        val client = FakeWhimbrel()
        client.setNetwork(Network.UP)
        client.register("anna", "a long password")
        assertEquals(SyncVerdict.DONE, syncInBackground { client })
    }

    @Test
    fun `a sync that fails is tried again where that can help`() = runTest {
        val client = FakeWhimbrel()
        client.setNetwork(Network.UP)
        client.register("anna", "a long password")
        client.failNext(ErrorCode.PAUSED)
        assertEquals(SyncVerdict.AGAIN, syncInBackground { client })
        client.failNext(ErrorCode.ACCESS_DENIED)
        assertEquals(SyncVerdict.GIVE_UP, syncInBackground { client })
    }

    @Test
    fun `nobody there is no reason to try again`() = runTest {
        assertEquals(SyncVerdict.GIVE_UP, syncInBackground { FakeWhimbrel() })
    }

    @Test
    fun `a key that may come back is waited for, a lost one is not`() {
        fun verdict(problem: KeyProblem): SyncVerdict {
            val cause = DatabaseKeyException(problem)
            return verdictOn(WhimbrelException(ErrorCode.KEY_STORE, "it threw", cause = cause))
        }
        assertEquals(SyncVerdict.AGAIN, verdict(KeyProblem.UNAVAILABLE))
        assertEquals(SyncVerdict.GIVE_UP, verdict(KeyProblem.INVALIDATED))
        assertEquals(SyncVerdict.GIVE_UP, verdict(KeyProblem.MISSING))
    }
}
