package dev.whimbrel.testing

import dev.whimbrel.ConversationId
import dev.whimbrel.ConversationKind
import dev.whimbrel.ErrorCode
import dev.whimbrel.MessageContent
import dev.whimbrel.OutboxContent
import dev.whimbrel.Person
import dev.whimbrel.Role
import dev.whimbrel.UserId

/** An outbox item as the server has taken it. */
internal class Entry(
    val id: String,
    val seq: Long,
    val sender: UserId,
    val content: OutboxContent,
    val composedMs: Long,
    val serverTimeMs: Long,
)

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
        if (log.any { it.id == item.id }) return
        if (item.content != OutboxContent.Create && sender !in roles) {
            fail(ErrorCode.NOT_MEMBER, "this user is not a member")
        }
        val seq = log.size + 1L
        carryOut(sender, item.content, seq)
        log += Entry(item.id, seq, sender, item.content, item.composedMs, server.nowMs())
    }

    private fun carryOut(sender: UserId, content: OutboxContent, seq: Long) {
        when (content) {
            OutboxContent.Create -> join(sender, Role.OWNER, seq)
            is OutboxContent.Add -> {
                needs(sender, Role.OWNER, Role.ADMIN)
                val users = content.people.map { resolve(it).id }
                users.filter { it !in roles }.forEach { join(it, Role.MEMBER, seq) }
            }
            is OutboxContent.Remove -> {
                needs(sender, Role.OWNER, Role.ADMIN)
                if (roles[content.user] == Role.OWNER) needs(sender, Role.OWNER)
                part(content.user, seq)
            }
            is OutboxContent.SetRoles -> {
                needs(sender, Role.OWNER)
                roles += content.roles
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

    fun join(user: UserId, role: Role, seq: Long) {
        roles[user] = role
        joinedAt[user] = seq
        leftAt -= user
    }

    fun resolve(person: Person): User = when (person) {
        is Person.Id -> server.userOf(person.user)
        is Person.Username -> server.userNamed(person.username)
    }

    private fun part(user: UserId, seq: Long) {
        if (roles.remove(user) != null) leftAt[user] = seq
    }

    private fun needs(user: UserId, vararg allowed: Role) {
        if (roles[user] !in allowed) fail(ErrorCode.NOT_ALLOWED, "the rules do not allow it")
    }

    /** What an entry is as a row; `null` for one that only changes others. */
    fun rowOf(content: OutboxContent): MessageContent? = when (content) {
        OutboxContent.Create -> MessageContent.Created
        is OutboxContent.Add -> MessageContent.Added(content.people.map { resolve(it).id })
        is OutboxContent.Remove -> MessageContent.Removed(listOf(content.user))
        is OutboxContent.SetRoles ->
            content.roles.entries.first().let { MessageContent.RoleChanged(it.key, it.value) }
        is OutboxContent.Rename -> MessageContent.Renamed(content.name)
        is OutboxContent.Text -> MessageContent.Text(content.text, edited = false)
        OutboxContent.Leave,
        is OutboxContent.Edit,
        is OutboxContent.Delete,
        is OutboxContent.ReadMark,
        OutboxContent.Upkeep,
        -> null
    }
}
