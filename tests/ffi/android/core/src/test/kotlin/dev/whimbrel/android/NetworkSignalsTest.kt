package dev.whimbrel.android

import dev.whimbrel.Network.DOWN
import dev.whimbrel.Network.UP
import kotlin.test.assertEquals
import org.junit.jupiter.api.Test

internal class NetworkSignalsTest {
    private val signals = NetworkSignals()

    @Test
    fun `a network comes and goes, and nothing is told twice`() {
        assertEquals(listOf(UP), signals.available(1))
        assertEquals(emptyList(), signals.available(1))
        assertEquals(listOf(DOWN), signals.lost(1))
        assertEquals(emptyList(), signals.lost(1))
        assertEquals(listOf(UP), signals.available(1))
    }

    @Test
    fun `another network is told as an end and a beginning`() {
        signals.available(1)
        assertEquals(listOf(DOWN, UP), signals.available(2))
        assertEquals(emptyList(), signals.lost(1))
        assertEquals(listOf(DOWN), signals.lost(2))
    }

    @Test
    fun `a network that the app may not use is none`() {
        signals.available(1)
        assertEquals(listOf(DOWN), signals.blocked(1, isBlocked = true))
        assertEquals(emptyList(), signals.blocked(1, isBlocked = true))
        assertEquals(listOf(UP), signals.blocked(1, isBlocked = false))
    }

    @Test
    fun `what is said of a former network does not matter`() {
        signals.available(1)
        signals.available(2)
        assertEquals(emptyList(), signals.blocked(1, isBlocked = true))
    }

    @Test
    fun `a blocked network gives way to one that is not`() {
        signals.available(1)
        signals.blocked(1, isBlocked = true)
        assertEquals(listOf(UP), signals.available(2))
    }
}
