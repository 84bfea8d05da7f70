package dev.whimbrel

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/** Entries that one query gives at most. */
private const val LIMIT_MAX = 200

/**
 * A list as a screen shows it.
 *
 * @property items What was read last. Each item has an id that stays the same: the key for a lazy
 *   list.
 * @property isLoaded Whether it was read at all: `false` only at the start.
 * @property hasMore Whether there may be more than was read.
 * @property failure Why it could not be read again; `items` are then older. It is read again with
 *   the next change, such as the one that comes with [Whimbrel.resume].
 */
public data class ListState<T>(
    public val items: List<T> = emptyList(),
    public val isLoaded: Boolean = false,
    public val hasMore: Boolean = false,
    public val failure: ErrorCode? = null,
)

/** A list that reads itself again whenever it may have changed, as long as its scope lives. */
internal class LiveList<T>(
    client: Whimbrel,
    scope: CoroutineScope,
    concerns: (Change) -> Boolean,
    private val read: suspend (ListState<T>) -> ListState<T>,
) {
    private val mutableState = MutableStateFlow(ListState<T>())
    private val oneAtATime = Mutex()
    val state: StateFlow<ListState<T>> = mutableState.asStateFlow()

    init {
        scope.launch {
            try {
                client.changes
                    .filter { concerns(it) || it == Change.Everything || it == Change.Connection }
                    .conflate()
                    .collect { update(read) }
            } catch (error: WhimbrelException) {
                update { throw error }
            }
        }
    }

    suspend fun update(read: suspend (ListState<T>) -> ListState<T>): Unit =
        oneAtATime.withLock {
            val before = mutableState.value
            mutableState.value = try {
                read(before).copy(isLoaded = true, failure = null)
            } catch (error: WhimbrelException) {
                before.copy(failure = error.code)
            }
        }
}

/** The list of conversations, the most recently active first. [conversationList] gives one. */
public class ConversationList internal constructor(
    private val client: Whimbrel,
    scope: CoroutineScope,
    private val pageSize: Int,
) {
    private val live = LiveList(client, scope, { it is Change.Conversation }) {
        readTo(maxOf(it.items.size, pageSize))
    }

    /** The conversations, up to date as long as the scope lives. */
    public val state: StateFlow<ListState<Conversation>> = live.state

    /** Shows one page more. What goes wrong stands in the state. */
    public suspend fun loadMore(): Unit = live.update { readTo(it.items.size + pageSize) }

    private suspend fun readTo(wanted: Int): ListState<Conversation> {
        val items = mutableListOf<Conversation>()
        // One more than is shown tells whether there are more.
        do {
            val limit = minOf(wanted + 1 - items.size, LIMIT_MAX)
            val page = client.conversations(items.size, limit)
            items += page
        } while (page.size == limit && items.size <= wanted)
        // One that moved up between two pages stands in both.
        return ListState(items.take(wanted).distinctBy { it.id }, hasMore = items.size > wanted)
    }
}

/**
 * The newest messages of a conversation, as far back as somebody wanted to see. [messageWindow]
 * gives one.
 */
public class MessageWindow internal constructor(
    private val client: Whimbrel,
    scope: CoroutineScope,
    private val conversation: ConversationId,
    private val pageSize: Int,
) {
    private val live = LiveList<Message>(client, scope, { it.concerns(conversation) }) { before ->
        // A message with a number stays for good; one that waits for its number may go.
        val oldest = before.items.firstOrNull { it.seq != null }
        if (oldest != null) readBackTo(oldest.id) else readBackPast(before.items.map { it.id })
    }

    /**
     * The messages, the newest last, up to date as long as the scope lives. New ones are added at
     * the end, and none disappears at the start.
     */
    public val state: StateFlow<ListState<Message>> = live.state

    /** Shows one page of older messages more. What goes wrong stands in the state. */
    public suspend fun loadOlder(): Unit = live.update { before ->
        val first = before.items.firstOrNull()
        val page = first?.let { MessagePage.Before(it.id) } ?: MessagePage.Newest
        val older = client.messages(conversation, page, pageSize)
        ListState(older + before.items, hasMore = older.size == pageSize)
    }

    /** Reads from the newest message back to the oldest one that is shown. */
    private suspend fun readBackTo(oldest: MessageId): ListState<Message> =
        readBack({ items -> items.none { it.id == oldest } }, { it.id == oldest })

    /** The same where all that is shown waits for a number: back to the oldest that is left. */
    private suspend fun readBackPast(shown: List<MessageId>): ListState<Message> =
        readBack({ items -> items.first().id in shown }, { it.id in shown })

    private suspend fun readBack(
        goesOn: (List<Message>) -> Boolean,
        isShown: (Message) -> Boolean,
    ): ListState<Message> {
        var items = client.messages(conversation, MessagePage.Newest, pageSize)
        var hasMore = items.size == pageSize
        while (hasMore && goesOn(items)) {
            val page = MessagePage.Before(items.first().id)
            val older = client.messages(conversation, page, LIMIT_MAX)
            hasMore = older.size == LIMIT_MAX
            items = older + items
        }
        val start = items.indexOfFirst(isShown).coerceAtLeast(0)
        return ListState(items.drop(start), hasMore = hasMore || start > 0)
    }
}

/**
 * The list of conversations, kept up to date as long as [scope] lives, such as a view model's.
 *
 * @param pageSize conversations at the start and with each [ConversationList.loadMore], 1 to 200.
 * @throws IllegalArgumentException for another page size.
 */
public fun Whimbrel.conversationList(scope: CoroutineScope, pageSize: Int = 50): ConversationList =
    ConversationList(this, scope, checkedPageSize(pageSize))

/**
 * The newest messages of a conversation, kept up to date as long as [scope] lives.
 *
 * @param pageSize messages at the start and with each [MessageWindow.loadOlder], 1 to 200.
 * @throws IllegalArgumentException for another page size.
 */
public fun Whimbrel.messageWindow(
    scope: CoroutineScope,
    conversation: ConversationId,
    pageSize: Int = 50,
): MessageWindow = MessageWindow(this, scope, conversation, checkedPageSize(pageSize))

private fun checkedPageSize(size: Int): Int {
    require(size in 1..LIMIT_MAX) { "pageSize is 1 to $LIMIT_MAX, and not $size" }
    return size
}

/** Who is in a conversation, kept up to date as long as [scope] lives. */
public fun Whimbrel.memberList(
    scope: CoroutineScope,
    conversation: ConversationId,
): StateFlow<ListState<Member>> =
    LiveList(this, scope, { it == Change.Members(conversation) }) {
        ListState(members(conversation))
    }.state

/**
 * What waits to be sent, everywhere or in one conversation, kept up to date as long as [scope]
 * lives. What stops the client as a whole is [ClientState.alarm].
 */
public fun Whimbrel.outboxItems(
    scope: CoroutineScope,
    conversation: ConversationId? = null,
): StateFlow<ListState<OutboxItem>> =
    LiveList(this, scope, { it == Change.Outbox }) { ListState(outbox(conversation)) }.state

private fun Change.concerns(conversation: ConversationId): Boolean =
    this == Change.Messages(conversation) || this == Change.Members(conversation)
