package dev.whimbrel.android

import android.app.Application
import android.content.Context
import android.net.ConnectivityManager
import dev.whimbrel.ErrorCode
import dev.whimbrel.PushDecision
import dev.whimbrel.Remedy
import dev.whimbrel.SignOut
import dev.whimbrel.Whimbrel
import dev.whimbrel.WhimbrelClient
import dev.whimbrel.WhimbrelException
import dev.whimbrel.WhimbrelOptions
import java.io.File
import java.io.IOException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.withContext

/** Name of the key that wraps the database key, in the system's key store. */
private const val KEY_ALIAS = "dev.whimbrel.database"

/**
 * The client of this app, with what Android asks for around it: its data lies where no backup takes
 * it, its key is wrapped by the system's key store, it is paused while the app is not on screen,
 * knows of the network, and syncs in the background.
 *
 * Call [install] in `Application.onCreate`, then get the client by [client] wherever it is needed.
 * Use it in one process of the app only, the one that its activities run in.
 */
public object WhimbrelAndroid {
    @Volatile
    private var installed: Installed? = null

    /**
     * Prepares everything; opens nothing yet and takes no time. Call it once, in
     * `Application.onCreate`: without it a process that the system started for work in the
     * background knows of no client.
     */
    public fun install(application: Application, options: AndroidOptions) {
        check(installed == null) { "WhimbrelAndroid is installed already" }
        installed = Installed(application, options)
        SyncWork.periodically(application)
    }

    /** Whether a screen of the app is on the display, or about to be. */
    public val isVisible: StateFlow<Boolean> get() = installed().visibility.isVisible

    /**
     * The client: opened by the first call, the same from then on until [signOut] or [wipe]. While
     * the app is not on screen it is paused, and calls fail with `paused`.
     *
     * @throws WhimbrelException those of [WhimbrelClient.open]. With `key_store`, the `cause` is a
     *   [DatabaseKeyException] that says whether waiting helps; if not, ask the user and [wipe].
     */
    public suspend fun client(): Whimbrel = installed().holder.client()

    /**
     * Signs out, and deletes the database key. The next [client] is a new one, with nobody in it.
     * Call this and not [Whimbrel.signOut].
     *
     * @throws WhimbrelException those of [Whimbrel.signOut] and [client]. With `storage` the
     *   client is closed, and files are left: [wipe] them.
     */
    public suspend fun signOut(how: SignOut) {
        client()
        with(installed()) {
            holder.end({ it.signOut(how) }, { withContext(Dispatchers.IO) { deleteKey() } })
        }
    }

    /**
     * Deletes database and key without telling anybody: for a database that can't be opened any
     * more. Messages that were not sent are lost. The device stays in the list of the user's
     * devices until another one removes it.
     *
     * @throws WhimbrelException `storage` where files could not be deleted.
     */
    public suspend fun wipe(): Unit = with(installed()) {
        holder.end({ ignoringFailure { it.shutdown() } }) {
            withContext(Dispatchers.IO) {
                if (!dataFolder.deleteRecursively()) throw notDeleted("the data folder")
                // Last: a database without its key would be in the way of a new one.
                deleteKey()
            }
        }
    }

    /**
     * What to show for a push, read beside a client or without one. Changes nothing and uses no
     * network; call [syncSoon] afterwards, which fetches the message.
     *
     * @param payload the bytes that the server handed to the push service.
     * @throws WhimbrelException `protocol` for bytes that are no payload; `key_store`, with a
     *   [DatabaseKeyException] as `cause`; `wrong_key`; `damaged`; `storage`; `internal`.
     */
    public suspend fun openNotification(payload: ByteArray): PushDecision = with(installed()) {
        WhimbrelClient.openNotification(dataFolder.path, keyStore, payload)
    }

    /**
     * Has the system fetch what is new and send what waits, soon, even if the app is not on screen
     * or killed meanwhile. Asked for again while it waits, it still happens once; while it runs,
     * once more.
     */
    public fun syncSoon(context: Context) {
        if (installed().holder.wantSync()) SyncWork.soon(context)
    }

    internal suspend fun sync(): SyncVerdict = with(installed()) {
        // Where nobody has ever signed in there is nothing to sync, and nothing to make.
        if (dataFolder.exists()) holder.sync() else SyncVerdict.DONE
    }

    private fun installed(): Installed =
        checkNotNull(installed) { "call WhimbrelAndroid.install in Application.onCreate" }

    private class Installed(application: Application, options: AndroidOptions) {
        private val folder = File(application.noBackupFilesDir, "whimbrel")
        val dataFolder = File(folder, "account")
        val keyStore = WrappedKeyStore(File(folder, "key"), dataFolder, SystemKey(KEY_ALIAS))
        val visibility = Visibility()

        val holder = ClientHolder(
            scope = CoroutineScope(SupervisorJob() + Dispatchers.Default),
            isVisible = visibility.isVisible,
            networks = checkNotNull(application.getSystemService(ConnectivityManager::class.java))
                .signals(),
            open = {
                // That there is a network is told as soon as the system tells it.
                WhimbrelClient.open(
                    WhimbrelOptions(
                        dataFolder = dataFolder.path,
                        server = options.server,
                        keyStore = keyStore,
                        pinnedFingerprint = options.pinnedFingerprint,
                        startsOffline = true,
                        logSink = options.logSink,
                    ),
                )
            },
            onLeftovers = { syncSoon(application) },
        )

        init {
            application.registerActivityLifecycleCallbacks(visibility)
        }

        fun deleteKey() {
            try {
                keyStore.delete()
            } catch (error: IOException) {
                throw notDeleted("the database key", error)
            }
        }
    }
}

private fun notDeleted(what: String, cause: Throwable? = null) = WhimbrelException(
    ErrorCode.STORAGE,
    "could not delete $what",
    remedy = Remedy.TRY_AGAIN,
    cause = cause,
)
