package dev.whimbrel.android

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.content.Context

/** Id of the notification; one that the app hardly uses by chance. */
internal const val SYNC_NOTIFICATION_ID = 0x57_48_49

private const val CHANNEL = "whimbrel-sync"

/** What Android 11 and older show while a sync runs; newer ones show nothing. */
internal fun syncNotification(context: Context): Notification {
    val title = context.getString(R.string.whimbrel_syncing)
    val channel = NotificationChannel(CHANNEL, title, NotificationManager.IMPORTANCE_MIN)
    checkNotNull(context.getSystemService(NotificationManager::class.java))
        .createNotificationChannel(channel)
    return Notification.Builder(context, CHANNEL)
        .setSmallIcon(android.R.drawable.stat_notify_sync)
        .setContentTitle(title)
        .setOngoing(true)
        .build()
}
