// Stand-ins for the part of Firebase that is used, written by hand from its documentation. A use
// that does not fit them is found; an error in them is not. They do nothing.

package com.google.firebase.messaging

import android.app.Service
import android.content.Intent
import android.os.IBinder

public class RemoteMessage {
    public val data: Map<String, String> = emptyMap()
}

public open class FirebaseMessagingService : Service() {
    override fun onBind(intent: Intent): IBinder? = null

    public open fun onMessageReceived(message: RemoteMessage): Unit = Unit

    public open fun onDeletedMessages(): Unit = Unit

    public open fun onNewToken(token: String): Unit = Unit
}
