package dev.whimbrel.stories

import dev.whimbrel.Account
import dev.whimbrel.Connection
import dev.whimbrel.ConversationId
import dev.whimbrel.ErrorCode
import dev.whimbrel.KeyStore
import dev.whimbrel.Message
import dev.whimbrel.MessageContent
import dev.whimbrel.MessagePage
import dev.whimbrel.Person
import dev.whimbrel.Whimbrel
import dev.whimbrel.WhimbrelClient
import dev.whimbrel.WhimbrelException
import dev.whimbrel.WhimbrelOptions
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicInteger
import kotlin.io.path.createTempDirectory
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlin.test.fail
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull

/** Longer than anything takes on a busy machine. */
val PATIENCE = 30.seconds

const val PASSWORD = "correct horse battery"

/** Runs a story on a thread of the JVM, in real time, but not for ever. */
fun story(block: suspend CoroutineScope.() -> Unit) =
    runBlocking { withTimeout(PATIENCE * 4, block) }

/** A key store as an app may have one in memory. */
class MemoryKeyStore(var key: ByteArray? = null) : KeyStore {
    override fun loadKey(): ByteArray? = key

    override fun storeKey(key: ByteArray) {
        this.key = key
    }
}

private val names = AtomicInteger()

/** A user name that nobody else in this run has. */
fun newName(name: String) = "$name${names.incrementAndGet()}"

fun newFolder(): Path = createTempDirectory("whimbrel-phone").also {
    Runtime.getRuntime().addShutdownHook(Thread { it.toFile().deleteRecursively() })
}

fun named(name: String) = Person.Username(name)

fun options(
    server: TestServer,
    folder: Path = newFolder(),
    keyStore: KeyStore = MemoryKeyStore(),
) = WhimbrelOptions(folder.resolve("data").toString(), server.url, keyStore, server.fingerprint)

/** A new client with nobody registered. */
suspend fun phone(server: TestServer): Whimbrel = WhimbrelClient.open(options(server))

/** A new client with a new account, connected, with everything at the server to be reached. */
suspend fun livePhone(server: TestServer, name: String): Whimbrel =
    phone(server).apply { registerLive(name) }

suspend fun Whimbrel.registerLive(name: String): Account {
    val account = register(newName(name), PASSWORD)
    becomes(Connection.LIVE)
    return account
}

val Whimbrel.me: Account get() = checkNotNull(state.value.account)

suspend fun Whimbrel.becomes(connection: Connection) {
    withTimeoutOrNull(PATIENCE) { state.first { it.connection == connection } }
        ?: fail("not $connection but ${state.value}")
}

/**
 * Waits until a look at the client gives something. Looks again only when a change is announced,
 * so that a missing notice fails the test.
 */
suspend fun <T : Any> Whimbrel.until(
    what: String,
    within: Duration = PATIENCE,
    look: suspend () -> T?,
): T {
    var found: T? = null
    withTimeoutOrNull(within) {
        changes.first {
            found = look()
            found != null
        }
    }
    return found ?: fail("not $what; ${state.value}, outbox ${outbox()}")
}

suspend fun Whimbrel.hasSentAll() {
    until("sent") { if (outbox().isEmpty()) Unit else null }
}

suspend fun Whimbrel.texts(conversation: ConversationId): List<String> {
    var all = messages(conversation, limit = 200)
    while (all.isNotEmpty()) {
        val older = messages(conversation, MessagePage.Before(all.first().id), 200)
        if (older.isEmpty()) break
        all = older + all
    }
    return all.mapNotNull { it.text }
}

val Message.text: String? get() = (content as? MessageContent.Text)?.text

/** Waits until a text stands in a conversation. */
suspend fun Whimbrel.hears(conversation: ConversationId, text: String): Message =
    until("hearing $text") {
        messages(conversation, limit = 200).lastOrNull { it.text == text }
    }

/** Waits for the conversation of this name. */
suspend fun Whimbrel.finds(name: String): ConversationId =
    until("in $name") { conversations(limit = 200).find { it.name == name }?.id }

/** Runs something that must fail, with a reason that a developer can read. */
suspend fun failure(work: suspend () -> Any?): WhimbrelException {
    val result = runCatching { work() }
    val error = result.exceptionOrNull() ?: fail("it gave ${result.getOrNull()}")
    if (error !is WhimbrelException) throw error
    assertTrue(error.reason.length > 8, "no reason: $error")
    assertEquals("${error.code.stableName}: ${error.reason}", error.message)
    return error
}

suspend fun code(work: suspend () -> Any?): ErrorCode = failure(work).code
