package dev.whimbrel.android

import dev.whimbrel.Network
import dev.whimbrel.Whimbrel
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.dropWhile
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext

/**
 * The one client of a process: opened when somebody first wants it, running while the app is on
 * screen, and told of the network.
 *
 * @param open opens a client.
 * @param onLeftovers called when the app has left the screen and messages still wait to be sent.
 */
internal class ClientHolder(
    private val scope: CoroutineScope,
    private val isVisible: StateFlow<Boolean>,
    private val networks: Flow<Network>,
    private val open: suspend () -> Whimbrel,
    private val onLeftovers: () -> Unit,
) {
    private class Held(val client: Whimbrel, val following: Job)

    private val oneAtATime = Mutex()
    private val syncing = Mutex()
    private val isSyncWanted = AtomicBoolean()
    private var held: Held? = null

    /** The client, opened now if it was not. Where the app is not on screen, it is paused. */
    suspend fun client(): Whimbrel = oneAtATime.withLock { (held ?: hold()).client }

    /** Somebody wants a sync. Whether one has to be ordered: not while one waits that will do. */
    fun wantSync(): Boolean = !isSyncWanted.getAndSet(true)

    /** Syncs the client once; a second call waits for the first. */
    suspend fun sync(): SyncVerdict = syncing.withLock {
        // From here on it may be too late for what somebody wants fetched.
        isSyncWanted.set(false)
        syncInBackground(::client)
    }

    /**
     * Ends the client, if there is one, by [end], then does what is left to do while nobody can
     * open it again. Where [end] fails, everything stays as it was.
     */
    suspend fun end(end: suspend (Whimbrel) -> Unit, afterwards: suspend () -> Unit): Unit =
        oneAtATime.withLock {
            // An end that has begun is carried out, also where nobody waits for it any more.
            withContext(NonCancellable) {
                held?.let {
                    end(it.client)
                    it.following.cancel()
                }
                held = null
                afterwards()
            }
        }

    private suspend fun hold(): Held {
        val client = open()
        // From here on somebody has to know of the client, or it would lock its folder for ever.
        return withContext(NonCancellable) {
            val startsVisible = isVisible.value
            if (!startsVisible) ignoringFailure { client.pause() }
            val visibility = if (startsVisible) isVisible else isVisible.dropWhile { !it }
            val following = scope.launch {
                launch { client.followNetwork(networks) }
                client.follow(visibility) {
                    if (client.state.value.queued > 0) onLeftovers()
                }
            }
            Held(client, following).also { held = it }
        }
    }
}
