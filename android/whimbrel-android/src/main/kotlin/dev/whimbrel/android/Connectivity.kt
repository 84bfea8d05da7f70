package dev.whimbrel.android

import android.net.ConnectivityManager
import android.net.Network as SystemNetwork
import dev.whimbrel.Network
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.callbackFlow

/**
 * What to tell the client of the network, from what the system tells. A change from one network to
 * another is told as an end and a beginning: connections over the old one are dead, and the client
 * would otherwise find out only when they time out.
 */
internal class NetworkSignals {
    private var current: Long? = null
    private var isBlocked = false
    private var told: Long? = null

    /** A network is there; [id] tells it from others. */
    fun available(id: Long): List<Network> = update {
        if (current != id) isBlocked = false
        current = id
    }

    /** The network is gone. */
    fun lost(id: Long): List<Network> = update { if (current == id) current = null }

    /** The system keeps the app from using the network, or lets it again. */
    fun blocked(id: Long, isBlocked: Boolean): List<Network> =
        update { if (current == id) this.isBlocked = isBlocked }

    private inline fun update(change: () -> Unit): List<Network> {
        change()
        val usable = current.takeUnless { isBlocked }
        val before = told
        told = usable
        return when {
            before == usable -> emptyList()
            usable == null -> listOf(Network.DOWN)
            before == null -> listOf(Network.UP)
            else -> listOf(Network.DOWN, Network.UP)
        }
    }
}

/** What to tell the client of the network, as long as it is collected. */
internal fun ConnectivityManager.signals(): Flow<Network> = callbackFlow {
    val signals = NetworkSignals()
    // The system calls it on one thread, one call after the other.
    val callback = object : ConnectivityManager.NetworkCallback() {
        override fun onAvailable(network: SystemNetwork) =
            tell(signals.available(network.networkHandle))

        override fun onLost(network: SystemNetwork) = tell(signals.lost(network.networkHandle))

        // Called from Android 10 on.
        override fun onBlockedStatusChanged(network: SystemNetwork, blocked: Boolean) =
            tell(signals.blocked(network.networkHandle, blocked))

        private fun tell(networks: List<Network>) = networks.forEach { trySend(it) }
    }
    registerDefaultNetworkCallback(callback)
    awaitClose { unregisterNetworkCallback(callback) }
}.buffer(Channel.UNLIMITED)
