// When a client runs: as long as the app is on screen, and a moment longer.

package dev.whimbrel.android

import dev.whimbrel.Network
import dev.whimbrel.Whimbrel
import dev.whimbrel.WhimbrelException
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.collectLatest

/**
 * For how long a client runs on after the last screen has gone: a turn of the phone takes less, and
 * what was just written goes out.
 */
internal const val LINGER_MS = 5_000L

/**
 * Resumes a client whenever the app comes on screen, and pauses it [LINGER_MS] after it has gone.
 *
 * @param onHidden called once the client is paused.
 */
internal suspend fun Whimbrel.follow(isVisible: Flow<Boolean>, onHidden: () -> Unit): Unit =
    isVisible.collectLatest { visible ->
        if (visible) {
            ignoringFailure { resume() }
        } else {
            delay(LINGER_MS)
            ignoringFailure { pause() }
            onHidden()
        }
    }

/** Tells a client of the network, as long as it is collected. */
internal suspend fun Whimbrel.followNetwork(networks: Flow<Network>): Unit =
    networks.collect { ignoringFailure { setNetwork(it) } }

/**
 * A client that does not resume stays paused, which its state tells; the next time may do better.
 * One that does not close cleanly is closed all the same.
 */
internal suspend inline fun ignoringFailure(work: suspend () -> Unit): Unit = try {
    work()
} catch (_: WhimbrelException) {
}
