package dev.whimbrel

import dev.whimbrel.ffi.Change as NativeChange
import dev.whimbrel.ffi.ClientOptions
import dev.whimbrel.ffi.NativeChanges
import dev.whimbrel.ffi.NativeClient
import dev.whimbrel.ffi.openNotification as nativeOpenNotification
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/** Changes taken over at once. */
private const val BATCH_MAX = 256

/** The [Whimbrel] that stands on the native library. */
public class WhimbrelClient private constructor(private val native: NativeClient) : Whimbrel {
    private val mutableState = MutableStateFlow(native.currentState())

    override val state: StateFlow<ClientState> = mutableState.asStateFlow()

    override val changes: Flow<Change> = flow {
        val subscription = translated { native.subscribe() }
        try {
            tell(Change.Everything)
            while (true) {
                val batch = subscription.nextBatchOrEnd() ?: break
                batch.forEach { tell(it.toFacade()) }
            }
        } finally {
            subscription.destroy()
        }
    }

    init {
        // Reading the changes keeps the state up to date. Ends by itself, with the changes.
        CoroutineScope(SupervisorJob() + Dispatchers.Default).launch {
            try {
                changes.collect {}
                readState()
            } catch (_: WhimbrelException) {
                // A defect, which every call tells of; this coroutine has nobody to tell.
            }
        }
    }

    /** Who looks at the state because of a change must not see the one before it. */
    private suspend fun FlowCollector<Change>.tell(change: Change) {
        if (change.concernsState()) readState()
        emit(change)
    }

    /** One at a time, so that an older state never follows a newer one. */
    @Synchronized
    private fun readState() {
        mutableState.value = native.currentState()
    }

    private suspend inline fun <T> call(work: suspend (NativeClient) -> T): T =
        translated { work(native) }

    /** For calls after which [state] must be another one at once. */
    private suspend inline fun <T> stateCall(work: suspend (NativeClient) -> T): T = try {
        call(work)
    } finally {
        readState()
    }

    override suspend fun register(username: String, password: String): Account =
        stateCall { it.register(username, password).toFacade() }

    override suspend fun signIn(username: String, password: String): Account =
        stateCall { it.signIn(username, password).toFacade() }

    override suspend fun recover(username: String, password: String, code: String?): Account =
        stateCall { it.recover(username, password, code).toFacade() }

    override suspend fun reEnrol(password: String): Account =
        stateCall { it.reEnrol(password).toFacade() }

    override suspend fun signOut(how: SignOut): Unit = stateCall { it.signOut(how.twin()) }

    override suspend fun devices(): DeviceList = call { it.devices().toFacade() }

    override suspend fun revokeDevice(device: DeviceId): Unit =
        call { it.revokeDevice(device.value) }

    override suspend fun recoveryCode(): String? = call { it.recoveryCode() }

    override suspend fun linkStart(): LinkTicket = call { it.linkStart().toFacade() }

    override suspend fun linkWait(): Account = stateCall { it.linkWait().toFacade() }

    override suspend fun linkCancel(): Unit = call { it.linkCancel() }

    override suspend fun linkInspect(code: String): LinkRequest =
        call { it.linkInspect(code).toFacade() }

    override suspend fun linkApprove(code: String): DeviceId =
        call { DeviceId(it.linkApprove(code)) }

    override suspend fun linkRefuse(code: String): Unit = call { it.linkRefuse(code) }

    override suspend fun conversations(offset: Int, limit: Int): List<Conversation> =
        call { native -> native.conversations(offset, limit).map { it.toFacade() } }

    override suspend fun conversation(id: ConversationId): Conversation =
        call { it.conversation(id.value).toFacade() }

    override suspend fun members(conversation: ConversationId): List<Member> =
        call { native -> native.members(conversation.value).map { it.toFacade() } }

    override suspend fun epochCode(conversation: ConversationId): String? =
        call { it.epochCode(conversation.value) }

    override suspend fun focus(conversation: ConversationId?): Unit =
        call { it.focus(conversation?.value) }

    override suspend fun createDirect(peer: Person): ConversationId =
        call { ConversationId(it.createDirect(peer.toNative())) }

    override suspend fun createGroup(name: String, members: List<Person>): ConversationId =
        call { native -> ConversationId(native.createGroup(name, members.map { it.toNative() })) }

    override suspend fun addMembers(conversation: ConversationId, people: List<Person>): ItemId =
        call { native ->
            ItemId(native.addMembers(conversation.value, people.map { it.toNative() }))
        }

    override suspend fun removeMember(conversation: ConversationId, user: UserId): ItemId =
        call { ItemId(it.removeMember(conversation.value, user.value)) }

    override suspend fun setRoles(
        conversation: ConversationId,
        roles: Map<UserId, Role>,
    ): ItemId = call { ItemId(it.setRoles(conversation.value, roles.toNative())) }

    override suspend fun leave(conversation: ConversationId): ItemId =
        call { ItemId(it.leave(conversation.value)) }

    override suspend fun rename(conversation: ConversationId, name: String): ItemId =
        call { ItemId(it.rename(conversation.value, name)) }

    override suspend fun messages(
        conversation: ConversationId,
        page: MessagePage,
        limit: Int,
    ): List<Message> = call { native ->
        native.messages(conversation.value, page.toNative(), limit).map { it.toFacade() }
    }

    override suspend fun message(conversation: ConversationId, message: MessageId): Message =
        call { it.message(conversation.value, message.value).toFacade() }

    override suspend fun send(conversation: ConversationId, text: String): MessageId =
        call { MessageId(it.send(conversation.value, text)) }

    override suspend fun edit(
        conversation: ConversationId,
        message: MessageId,
        text: String,
    ): Unit = call { it.edit(conversation.value, message.value, text) }

    override suspend fun delete(conversation: ConversationId, message: MessageId): Unit =
        call { it.delete(conversation.value, message.value) }

    override suspend fun markRead(conversation: ConversationId, message: MessageId): Unit =
        call { it.markRead(conversation.value, message.value) }

    override suspend fun outbox(conversation: ConversationId?): List<OutboxItem> =
        call { native -> native.outbox(conversation?.value).map { it.toFacade() } }

    override suspend fun retry(item: ItemId): Unit = call { it.retry(item.value) }

    override suspend fun discard(item: ItemId): Unit = call { it.discard(item.value) }

    override suspend fun contact(user: UserId): Contact = call { it.contact(user.value).toFacade() }

    override suspend fun matchesSafetyQr(user: UserId, scanned: String): Boolean =
        call { it.matchesSafetyQr(user.value, scanned) }

    override suspend fun setVerified(user: UserId, verified: Boolean): Unit =
        call { it.setVerified(user.value, verified) }

    override suspend fun acceptIdentity(user: UserId): Unit =
        call { it.acceptIdentity(user.value) }

    override suspend fun setNetwork(network: Network): Unit =
        stateCall { it.setNetwork(network.twin()) }

    override suspend fun pause(): Unit = stateCall { it.pause() }

    override suspend fun resume(): Unit = stateCall { it.resume() }

    override suspend fun syncOnce(budgetMs: Long): SyncOutcome =
        stateCall { it.syncOnce(budgetMs).twin() }

    override suspend fun shutdown(): Unit = stateCall { it.shutdown() }

    public companion object {
        /**
         * Opens the data folder and starts the client. It connects as soon as somebody is
         * registered or signed in and there is a network.
         *
         * The key of the database comes from the key store, which keeps a new one for a new
         * folder. Where the coroutine is cancelled, the client is closed again in the background.
         *
         * @throws WhimbrelException `invalid_argument` for a server that is not an https address,
         *   a folder or a fingerprint that is none; `key_store`; `already_open` where another
         *   client or process has the folder open; `wrong_key`; `damaged`; `update_needed` where a
         *   newer version of this library has written the database; `disk_full`; `storage`;
         *   `internal` where the native library can't be loaded.
         */
        public suspend fun open(options: WhimbrelOptions): Whimbrel =
            WhimbrelClient(withKeyStore(options.keyStore) { openNative(options, it) })

        /**
         * What to show for the payload of a push, read from the data folder without a client,
         * beside one in this process or in another. Writes nothing, acknowledges nothing and uses
         * no network; the client receives the message all the same when it catches up.
         *
         * Where nobody is registered, or the key store has no key: [PushDecision.Silent].
         *
         * @throws WhimbrelException `protocol` for bytes that are no payload of this protocol;
         *   `invalid_argument` for a folder that is none; `key_store`; `wrong_key`; `damaged`;
         *   `storage`; `internal`.
         */
        public suspend fun openNotification(
            dataFolder: String,
            keyStore: KeyStore,
            payload: ByteArray,
        ): PushDecision = withKeyStore(keyStore) {
            withContext(Dispatchers.IO) {
                translated { nativeOpenNotification(dataFolder, it, payload).toFacade() }
            }
        }
    }
}

/** Does something that asks the app's key store; what that throws is the cause of the failure. */
private suspend inline fun <T> withKeyStore(
    app: KeyStore,
    work: suspend (GuardedKeyStore) -> T,
): T {
    val keyStore = GuardedKeyStore(app)
    try {
        return work(keyStore)
    } catch (error: WhimbrelException) {
        val thrown = keyStore.thrown ?: throw error
        with(error) { throw WhimbrelException(code, reason, isRetryable, remedy, thrown) }
    } catch (error: LinkageError) {
        val reason = "the native library can't be loaded: $error"
        throw WhimbrelException(ErrorCode.INTERNAL, reason, cause = error)
    }
}

private suspend fun openNative(options: WhimbrelOptions, keyStore: GuardedKeyStore): NativeClient {
    var opened: NativeClient? = null
    try {
        // Loading the library, the first time, must not hold up the caller's thread.
        return withContext(Dispatchers.IO) {
            translated {
                NativeClient.open(
                    ClientOptions(
                        options.dataFolder,
                        options.server,
                        options.pinnedFingerprint,
                        options.startsOffline,
                    ),
                    keyStore,
                    options.logSink?.let(::GuardedLogSink),
                )
            }.also { opened = it }
        }
    } catch (cancelled: CancellationException) {
        // Opened, and nobody is there any more to take it: letting go of it closes it.
        opened?.destroy()
        throw cancelled
    }
}

private fun NativeClient.currentState(): ClientState = translated { state().toFacade() }

/** `null` once the client is shut down. */
private suspend fun NativeChanges.nextBatchOrEnd(): List<NativeChange>? = try {
    translated { nextBatch(BATCH_MAX) }
} catch (error: WhimbrelException) {
    if (error.code != ErrorCode.SHUT_DOWN) throw error
    null
}

private fun Change.concernsState(): Boolean = when (this) {
    Change.Account, Change.Connection, Change.Everything, Change.Outbox -> true
    else -> false
}
