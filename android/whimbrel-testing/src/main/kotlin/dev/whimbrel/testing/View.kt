package dev.whimbrel.testing

import dev.whimbrel.Conversation
import dev.whimbrel.ConversationId
import dev.whimbrel.ConversationKind
import dev.whimbrel.ConversationState
import dev.whimbrel.Delivery
import dev.whimbrel.ErrorCode
import dev.whimbrel.ItemId
import dev.whimbrel.Message
import dev.whimbrel.MessageContent
import dev.whimbrel.MessageId
import dev.whimbrel.OutboxContent
import dev.whimbrel.OutboxItem
import dev.whimbrel.OutboxState
import dev.whimbrel.Person
import dev.whimbrel.Role
import dev.whimbrel.UserId

/** Unread messages that are counted. */
private const val UNREAD_MAX = 999

/** Digits of an id that number the rows of an entry; those of the fake server begin with zeros. */
private const val PART_DIGITS = 4

/** An item in the outbox of a client. */
internal class Waiting(
    val id: String,
    val conversation: ConversationId,
    var content: OutboxContent,
    val composedMs: Long,
) {
    var state = OutboxState.QUEUED
    var attempts = 0
    var failure: ErrorCode? = null

    fun toItem() = OutboxItem(ItemId(id), conversation, content, state, attempts, failure)
}

/** A conversation as far as a client knows it. */
internal class View(
    val id: ConversationId,
    val kind: ConversationKind,
    var name: String,
    val peer: Person?,
    val createdMs: Long,
) {
    var room: Room? = null

    /** Numbers that this client has: from the first to the last. */
    private var first = 1L
    private val missed = mutableListOf<LongRange>()
    private var welcome: Pair<Entry, List<MessageContent>>? = null
    var applied = 0L
        private set
    private var known = mapOf<UserId, Role>()
    var readSeq = 0L
    var blocked: ErrorCode? = null
    var delivered = mapOf<UserId, Long>()

    /** For somebody who comes in by an entry, and sees nothing from before. */
    fun beginAt(room: Room, entry: Entry) {
        this.room = room
        first = entry.seq + 1
        welcome = entry to room.welcomeOf(entry)
    }

    /** Goes on at a number; what this user was not a member for is missing. */
    fun goOn(room: Room, from: Long, to: Long) {
        this.room = room
        missed += applied + 1 until from
        applied = to
        known = room.roles.toMap()
    }

    /** The members, as far as this client knows. */
    fun roles(me: UserId): Map<UserId, Role> =
        if (applied == 0L) mapOf(me to Role.OWNER) else known

    /** Entries that this client has. */
    private fun entries(): List<Entry> = room?.log.orEmpty().filter { entry ->
        entry.seq in first..applied && missed.none { entry.seq in it }
    }

    fun read(): Map<UserId, Long> {
        val read = mutableMapOf<UserId, Long>()
        for (entry in entries()) {
            val mark = (entry.content as? OutboxContent.ReadMark)?.seq ?: continue
            read[entry.sender] = maxOf(mark, read[entry.sender] ?: 0)
        }
        return read
    }

    /** The rows in order: those with numbers, and behind them those that wait. */
    fun messages(me: UserId, outbox: List<Waiting>): List<Message> {
        val rows = linkedMapOf<String, Message>()
        welcome?.let { (entry, contents) -> rows += entry.toMessages(me, contents) }
        for (entry in entries()) {
            change(rows, entry.content)
            rows += entry.toMessages(me, room?.rowsOf(entry).orEmpty())
        }
        for (item in outbox.filter { it.conversation == id }) {
            change(rows, item.content)
            val text = (item.content as? OutboxContent.Text)?.text ?: continue
            if (item.id !in rows) rows[item.id] = item.toMessage(me, text)
        }
        return rows.values.toList()
    }

    private fun change(rows: MutableMap<String, Message>, content: OutboxContent) {
        val (target, changed) = when (content) {
            is OutboxContent.Edit -> content.target to MessageContent.Text(content.text, true)
            is OutboxContent.Delete -> content.target to MessageContent.Deleted
            else -> return
        }
        rows.computeIfPresent(target.value) { _, row ->
            // What was taken back stays so.
            if (row.content == MessageContent.Deleted) row else row.copy(content = changed)
        }
    }

    private fun Entry.toMessages(me: UserId, contents: List<MessageContent>) =
        contents.mapIndexed { index, content ->
            // Several rows of one entry differ in their first digits.
            val part = index.toString(radix = 16).padStart(PART_DIGITS, '0')
            val id = part + id.drop(PART_DIGITS)
            id to toMessage(id, me, content)
        }

    private fun Entry.toMessage(id: String, me: UserId, content: MessageContent) = Message(
        id = MessageId(id),
        conversation = this@View.id,
        sender = sender,
        seq = seq,
        content = content,
        composedMs = composedMs,
        serverTimeMs = serverTimeMs,
        delivery = if (sender == me) deliveryOf(seq, me) else Delivery.SENT,
        gapBefore = false,
    )

    private fun Waiting.toMessage(me: UserId, text: String) = Message(
        id = MessageId(id),
        conversation = conversation,
        sender = me,
        seq = null,
        content = MessageContent.Text(text, edited = false),
        composedMs = composedMs,
        serverTimeMs = null,
        delivery = if (state == OutboxState.FAILED) Delivery.FAILED else Delivery.QUEUED,
        gapBefore = false,
    )

    private fun deliveryOf(seq: Long, me: UserId): Delivery {
        val others = roles(me).keys - me
        val read = read()
        return when {
            others.isEmpty() -> Delivery.SENT
            others.all { (read[it] ?: 0) >= seq } -> Delivery.READ
            others.all { (delivered[it] ?: 0) >= seq } -> Delivery.DELIVERED
            else -> Delivery.SENT
        }
    }

    fun toConversation(me: UserId, outbox: List<Waiting>): Conversation {
        val messages = messages(me, outbox)
        val last = messages.lastOrNull()
        val readTo = maxOf(readSeq, read()[me] ?: 0)
        val unread = messages.count {
            it.sender != me && it.content is MessageContent.Text && (it.seq ?: 0) > readTo
        }
        return Conversation(
            id = id,
            kind = kind,
            state = state(me),
            name = name,
            peer = peerId(me),
            unread = minOf(unread, UNREAD_MAX),
            lastMessage = last,
            appliedSeq = applied,
            queued = outbox.count { it.conversation == id },
            blocked = blocked,
            forked = false,
            lastActivityMs = last?.let { it.serverTimeMs ?: it.composedMs } ?: createdMs,
        )
    }

    fun state(me: UserId): ConversationState {
        if (applied == 0L) return ConversationState.CREATING
        return if (me in known) ConversationState.ACTIVE else ConversationState.REMOVED
    }

    private fun peerId(me: UserId): UserId? {
        if (kind == ConversationKind.GROUP) return null
        return roles(me).keys.find { it != me } ?: (peer as? Person.Id)?.user
    }
}
