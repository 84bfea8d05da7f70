package dev.whimbrel.testing

import dev.whimbrel.ConversationId
import dev.whimbrel.ConversationKind
import dev.whimbrel.ErrorCode
import dev.whimbrel.MessageContent
import dev.whimbrel.OutboxContent
import dev.whimbrel.Role
import dev.whimbrel.UserId

/** An outbox item as the server has taken it. */
internal class Entry(
    val id: String,
    val seq: Long,
    val sender: UserId,
    val content: OutboxContent,
    val composedMs: Long,
    val serverTimeMs: Long = composedMs,
    /** Whom it is about, where that is not its sender. */
    val subject: UserId? = null,
) {
    /** Whether it changes who is in the group, and who may what. */
    val changesGroup: Boolean
        get() = when (content) {
            OutboxContent.Create, OutboxContent.Leave, OutboxContent.Upkeep -> true
            is OutboxContent.Add, is OutboxContent.Remove, is OutboxContent.SetRoles -> true
            is OutboxContent.Text, is OutboxContent.Edit, is OutboxContent.Delete -> false
            is OutboxContent.ReadMark, is OutboxContent.Rename -> false
        }
}

/** A conversation at the server: a log of what was taken, and what follows from it. */
internal class Room(
    private val server: FakeServer,
    val id: ConversationId,
    val kind: ConversationKind,
    var name: String,
) {
    val log = mutableListOf<Entry>()
    val roles = linkedMapOf<UserId, Role>()

    /** The first number that a user may read. */
    val joinedAt = mutableMapOf<UserId, Long>()

    /** The last number that a former member may read. */
    val leftAt = mutableMapOf<UserId, Long>()
    val delivered = mutableMapOf<UserId, Long>()
    val read = mutableMapOf<UserId, Long>()

    /** Takes an item, once; throws where the rules forbid it. */
    fun take(sender: UserId, item: Waiting) {
        if (log.any { it.id == item.id } || isDone(sender, item.content)) return
        if (item.content != OutboxContent.Create && sender !in roles) {
            fail(ErrorCode.NOT_MEMBER, "this user is not a member")
        }
        val seq = log.size + 1L
        carryOut(sender, item.content, seq)
        // Another member carries out that somebody leaves, as long as there is one.
        val carriesOut = roles.keys.firstOrNull().takeIf { item.content == OutboxContent.Leave }
        val author = carriesOut ?: sender
        val subject = sender.takeIf { it != author }
        log += Entry(item.id, seq, author, item.content, item.composedMs, server.nowMs(), subject)
    }

    /** Whether it is so already: another has done the same before. */
    private fun isDone(sender: UserId, content: OutboxContent): Boolean = when (content) {
        OutboxContent.Create -> sender in roles
        is OutboxContent.Add -> content.people.all { server.resolve(it).id in roles }
        is OutboxContent.Remove -> content.user !in roles
        is OutboxContent.SetRoles ->
            content.roles.all { (user, role) -> user !in roles || roles[user] == role }
        is OutboxContent.Rename -> content.name == name
        else -> false
    }

    private fun carryOut(sender: UserId, content: OutboxContent, seq: Long) {
        when (content) {
            OutboxContent.Create -> join(sender, Role.OWNER, seq)
            is OutboxContent.Add -> {
                needs(sender, Role.OWNER, Role.ADMIN)
                val users = content.people.map { server.resolve(it).id }
                val role = if (kind == ConversationKind.DIRECT) Role.OWNER else Role.MEMBER
                users.filter { it !in roles }.forEach { join(it, role, seq) }
            }
            is OutboxContent.Remove -> {
                needs(sender, Role.OWNER, Role.ADMIN)
                if (roles[content.user] == Role.OWNER) needs(sender, Role.OWNER)
                part(content.user, seq)
            }
            is OutboxContent.SetRoles -> {
                needs(sender, Role.OWNER)
                roles += content.roles.filterKeys { it in roles }
            }
            OutboxContent.Leave -> part(sender, seq)
            is OutboxContent.Rename -> {
                needs(sender, Role.OWNER, Role.ADMIN)
                name = content.name
            }
            is OutboxContent.ReadMark -> read[sender] = maxOf(content.seq, read[sender] ?: 0)
            is OutboxContent.Text,
            is OutboxContent.Edit,
            is OutboxContent.Delete,
            OutboxContent.Upkeep,
            -> Unit
        }
    }

    private fun join(user: UserId, role: Role, seq: Long) {
        roles[user] = role
        joinedAt[user] = seq
        leftAt -= user
    }

    private fun part(user: UserId, seq: Long) {
        if (roles.remove(user) != null) leftAt[user] = seq
    }

    private fun needs(user: UserId, vararg allowed: Role) {
        if (roles[user] !in allowed) fail(ErrorCode.NOT_ALLOWED, "the rules do not allow it")
    }

    /** What an entry is as rows; none for one that only changes others. */
    fun rowsOf(entry: Entry): List<MessageContent> = when (val content = entry.content) {
        OutboxContent.Create -> listOf(MessageContent.Created)
        is OutboxContent.Add ->
            listOf(MessageContent.Added(content.people.map { server.resolve(it).id }))
        is OutboxContent.Remove -> listOf(MessageContent.Removed(listOf(content.user)))
        is OutboxContent.SetRoles ->
            content.roles.toSortedMap(compareBy { it.value })
                .map { (user, role) -> MessageContent.RoleChanged(user, role) }
        is OutboxContent.Rename -> listOf(MessageContent.Renamed(content.name))
        is OutboxContent.Text -> listOf(MessageContent.Text(content.text, edited = false))
        OutboxContent.Leave -> listOf(MessageContent.Left(entry.subject ?: entry.sender))
        is OutboxContent.Edit,
        is OutboxContent.Delete,
        is OutboxContent.ReadMark,
        OutboxContent.Upkeep,
        -> emptyList()
    }

    /** What somebody sees who comes in by an entry: who came, and what the group is called. */
    fun welcomeOf(entry: Entry): List<MessageContent> {
        val added = when (entry.content) {
            is OutboxContent.Add -> rowsOf(entry)
            else -> listOf(MessageContent.Added(listOf(entry.sender)))
        }
        val hasName = kind == ConversationKind.GROUP && name.isNotEmpty()
        return if (hasName) added + MessageContent.Renamed(name) else added
    }
}
