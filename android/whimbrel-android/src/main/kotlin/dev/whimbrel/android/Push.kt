// What a push says, read without a client. The only file here that names the generated code.

package dev.whimbrel.android

import dev.whimbrel.ConversationId
import dev.whimbrel.ErrorCode
import dev.whimbrel.KeyStore
import dev.whimbrel.MessageId
import dev.whimbrel.UserId
import dev.whimbrel.WhimbrelException
import dev.whimbrel.ffi.KeyStore as NativeKeyStore
import dev.whimbrel.ffi.Notification as NativeNotification
import dev.whimbrel.ffi.PlatformException
import dev.whimbrel.ffi.WhimbrelException as NativeException
import dev.whimbrel.ffi.openNotification
import java.io.File
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** What a push says. */
public sealed interface Push {
    /**
     * A message.
     *
     * @property conversation Id of the conversation.
     * @property conversationName The group's name; for a direct conversation the other user's
     *   name. May be empty.
     * @property message Id of the message.
     * @property sender Id of its author.
     * @property senderName The author's name.
     * @property text The text, cut after 500 characters.
     * @property serverTimeMs When the server took it, in milliseconds since 1970.
     */
    public data class Message(
        public val conversation: ConversationId,
        public val conversationName: String,
        public val message: MessageId,
        public val sender: UserId,
        public val senderName: String,
        public val text: String,
        public val serverTimeMs: Long,
    ) : Push {
        /** Hides text and names, so that a log that prints it does not show them. */
        override fun toString(): String = "Message(conversation=$conversation, message=$message)"
    }

    /** Something new in a conversation that can't be shown before the client has caught up. */
    public data class Unreadable(public val conversation: ConversationId) : Push

    /** Nothing to show. */
    public data object Silent : Push
}

/** Opens the payload of a push. Failures are [WhimbrelException]s. */
internal suspend fun openPush(dataFolder: File, keyStore: KeyStore, payload: ByteArray): Push {
    val keys = KeptKey(keyStore)
    return try {
        // Loading the library, the first time, must not hold up the caller's thread.
        withContext(Dispatchers.IO) { openNotification(dataFolder.path, keys, payload).toPush() }
    } catch (error: NativeException.Failed) {
        val code = enumValueOf<ErrorCode>(error.code.name)
        throw WhimbrelException(code, error.reason, error.isRetryable, cause = keys.thrown)
    } catch (error: LinkageError) {
        val reason = "the native library can't be loaded: $error"
        throw WhimbrelException(ErrorCode.INTERNAL, reason, cause = error)
    }
}

private fun NativeNotification.toPush(): Push = when (this) {
    is NativeNotification.Show -> with(preview) {
        Push.Message(
            ConversationId(conversation),
            conversationName,
            MessageId(message),
            UserId(sender),
            senderName,
            text,
            serverTimeMs,
        )
    }
    is NativeNotification.Generic -> Push.Unreadable(ConversationId(conversation))
    NativeNotification.Silent -> Push.Silent
}

/** A key store that only reads, and remembers what was thrown. */
private class KeptKey(private val keyStore: KeyStore) : NativeKeyStore {
    @Volatile
    var thrown: DatabaseKeyException? = null
        private set

    override fun loadKey(): ByteArray? = try {
        keyStore.loadKey()
    } catch (error: DatabaseKeyException) {
        thrown = error
        throw PlatformException.Failed(error.problem.name)
    }

    override fun storeKey(key: ByteArray): Unit =
        throw PlatformException.Failed("a push never makes a key")
}
