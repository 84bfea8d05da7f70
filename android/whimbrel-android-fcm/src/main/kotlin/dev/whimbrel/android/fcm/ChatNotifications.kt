package dev.whimbrel.android.fcm

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.app.Person
import android.content.Context
import android.net.Uri
import android.os.Build
import dev.whimbrel.ConversationId
import dev.whimbrel.MessagePreview

private const val CHANNEL = "whimbrel-messages"

/** The tag tells conversations apart; an announcement leaves the texts that are shown alone. */
private const val TEXTS = 1
private const val ANNOUNCEMENT = 2
private const val UNKNOWN_CONVERSATION = "whimbrel"

/** Shows and removes the notifications of conversations. */
public object ChatNotifications {
    /** Extra of the intent that opens the app: the id of the conversation, if it is known. */
    public const val EXTRA_CONVERSATION: String = "dev.whimbrel.conversation"

    private val recent = RecentMessages()

    /**
     * Makes the channel, which lets the user choose sound and importance. Showing does it, too; a
     * settings screen may want it before.
     */
    public fun createChannel(context: Context) {
        val name = context.getString(R.string.whimbrel_messages)
        val channel = NotificationChannel(CHANNEL, name, NotificationManager.IMPORTANCE_HIGH)
        manager(context).createNotificationChannel(channel)
    }

    /** Removes the notification of a conversation: call it when the conversation is on screen. */
    public fun remove(context: Context, conversation: ConversationId) {
        recent.forget(conversation)
        val manager = manager(context)
        manager.cancel(conversation.value, TEXTS)
        manager.cancel(conversation.value, ANNOUNCEMENT)
        // Of no known conversation: it may have told of this one.
        manager.cancel(UNKNOWN_CONVERSATION, ANNOUNCEMENT)
    }

    internal fun show(context: Context, icon: Int, shown: Shown) {
        createChannel(context)
        when (shown) {
            Shown.Nothing -> Unit
            is Shown.Text -> {
                val tag = shown.message.conversation.value
                manager(context).notify(tag, TEXTS, withText(context, icon, shown.message))
            }
            is Shown.Announcement -> {
                val tag = shown.conversation?.value ?: UNKNOWN_CONVERSATION
                val notification = withoutText(context, icon, shown.conversation)
                manager(context).notify(tag, ANNOUNCEMENT, notification)
            }
        }
    }

    private fun withText(context: Context, icon: Int, message: MessagePreview): Notification {
        val style = messagingStyle(context)
        recent.add(message).forEach { style.add(it) }
        // A direct conversation is titled by its messages.
        if (message.conversationName != message.senderName) {
            style.setConversationTitle(message.conversationName)
            // Without it, the system shows no authors from Android 9 on.
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) style.setGroupConversation(true)
        }
        return builder(context, icon, message.conversation)
            .setStyle(style)
            .setWhen(message.serverTimeMs)
            .setShowWhen(true)
            // What a locked phone shows, if the user wants it to hide content.
            .setVisibility(Notification.VISIBILITY_PRIVATE)
            .setPublicVersion(withoutText(context, icon, message.conversation))
            .build()
    }

    private fun withoutText(
        context: Context,
        icon: Int,
        conversation: ConversationId?,
    ): Notification = builder(context, icon, conversation)
        .setContentTitle(context.getString(R.string.whimbrel_new_message))
        .build()

    private fun builder(context: Context, icon: Int, conversation: ConversationId?) =
        Notification.Builder(context, CHANNEL)
            .setSmallIcon(icon)
            .setCategory(Notification.CATEGORY_MESSAGE)
            .setAutoCancel(true)
            .setContentIntent(openApp(context, conversation))

    private fun openApp(context: Context, conversation: ConversationId?): PendingIntent? {
        val intent = context.packageManager.getLaunchIntentForPackage(context.packageName)
            ?: return null
        conversation?.let {
            // The address keeps the intents of two conversations apart, which extras do not.
            intent.data = Uri.fromParts("whimbrel", it.value, null)
            intent.putExtra(EXTRA_CONVERSATION, it.value)
        }
        val flags = PendingIntent.FLAG_IMMUTABLE or PendingIntent.FLAG_UPDATE_CURRENT
        return PendingIntent.getActivity(context, 0, intent, flags)
    }

    private fun messagingStyle(context: Context): Notification.MessagingStyle {
        val me = context.getString(R.string.whimbrel_me)
        return if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            Notification.MessagingStyle(Person.Builder().setName(me).build())
        } else {
            @Suppress("DEPRECATION")
            Notification.MessagingStyle(me)
        }
    }

    private fun Notification.MessagingStyle.add(message: MessagePreview) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            val sender = Person.Builder()
                .setName(message.senderName)
                .setKey(message.sender.value)
                .build()
            addMessage(message.text, message.serverTimeMs, sender)
        } else {
            @Suppress("DEPRECATION")
            addMessage(message.text, message.serverTimeMs, message.senderName)
        }
    }

    private fun manager(context: Context): NotificationManager =
        checkNotNull(context.getSystemService(NotificationManager::class.java))
}
