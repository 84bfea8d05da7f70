package dev.whimbrel.stories

import dev.whimbrel.Connection
import dev.whimbrel.ConversationId
import dev.whimbrel.ConversationState
import dev.whimbrel.Delivery
import dev.whimbrel.DeviceList
import dev.whimbrel.DeviceState
import dev.whimbrel.MessageContent
import dev.whimbrel.MessagePage
import dev.whimbrel.Network
import dev.whimbrel.OutboxState
import dev.whimbrel.Person
import dev.whimbrel.Role
import dev.whimbrel.SignOut
import dev.whimbrel.UserId
import dev.whimbrel.Whimbrel
import dev.whimbrel.WhimbrelException
import kotlin.test.assertEquals
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.Test

/** What is done with a real client and with one in memory, answer by answer. */
class SameTest {
    /** Runs the same on both and compares all that was written down. */
    private fun same(script: suspend Record.() -> Unit) = story {
        val (real, fake) = listOf(RealWorld(TestServer()), FakeWorld()).map { world ->
            Record(world).apply {
                script()
                clients.forEach { it.shutdown() }
            }
        }
        assertEquals(real.text(), fake.text())
    }

    @Test
    fun `before anybody is registered`() = same {
        val code = cancelledCode()
        val alice = client()
        val group = ConversationId(ID)
        note("state") { alice.state.value }
        notes(calls(alice, group, code) - "register")
        notes(lifeCalls(alice))
        note("state") { alice.state.value }
    }

    @Test
    fun `with a group of one`() = same {
        val code = cancelledCode()
        val alice = live("alice")
        val group = alice.createGroup("Birds", emptyList())
        alice.hasSentAll()
        notes(calls(alice, group, code))
        alice.until("all that can't be") {
            alice.outbox().filter { it.state == OutboxState.FAILED }.takeIf { it.size == 2 }
        }
        note("rows") { alice.messages(group) }
        note("outbox") { alice.outbox().map { it.copy(attempts = 0) } }
        note("state") { alice.state.value }
    }

    @Test
    fun `without a network`() = same {
        val code = cancelledCode()
        val alice = live("alice")
        val bob = live("bob")
        val carol = client()
        val group = alice.createGroup("Birds", listOf(named(bob.me.username)))
        alice.hasSentAll()
        alice.setNetwork(Network.DOWN)
        alice.becomes(Connection.OFFLINE)
        notes(calls(alice, group, code))
        note("outbox") { alice.outbox() }
        note("rows") { alice.messages(group) }
        note("chats") { alice.conversations().sortedBy { it.name } }
        note("state") { alice.state.value }
        carol.setNetwork(Network.DOWN)
        note("linkStart") { carol.linkStart().fingerprint.length }
        note("register") { carol.register("carol", PASSWORD) }
        note("signIn") { carol.signIn("carol", PASSWORD) }
        note("state") { carol.state.value }
    }

    @Test
    fun `while the server is away`() = same {
        val code = cancelledCode()
        val alice = live("alice")
        val group = alice.createGroup("Birds", emptyList())
        alice.hasSentAll()
        world.endServer()
        alice.becomes(Connection.CONNECTING)
        alice.until("why") { alice.state.value.lastError }
        notes(calls(alice, group, code))
        note("state") { alice.state.value }
        note("signOut") { alice.signOut(SignOut.WHEN_TOLD) }
        note("state") { alice.state.value }
    }

    @Test
    fun `in a group that somebody was removed from`() = same {
        val code = cancelledCode()
        val alice = live("alice")
        val bob = live("bob")
        val group = alice.createGroup("Birds", listOf(named(bob.me.username)))
        bob.finds("Birds")
        bob.hasSentAll()
        alice.hasSentAll()
        alice.removeMember(group, bob.me.user)
        bob.until("removed") {
            bob.conversation(group).takeIf { it.state == ConversationState.REMOVED }
        }
        notes(calls(bob, group, code))
        note("rows") { bob.messages(group) }
        note("members") { bob.members(group) }
        note("rows of alice") { alice.messages(group) }
        bob.discard(bob.outbox().first().id)
        alice.send(group, "without bob")
        alice.addMembers(group, listOf(named(bob.me.username)))
        alice.send(group, "with bob")
        bob.hears(group, "with bob")
        for (client in listOf(alice, bob)) {
            client.hasSentAll()
            note("rows") { client.messages(group) }
            note("members") { client.members(group) }
            note("chat") { client.conversation(group) }
        }
    }

    @Test
    fun `on a device that was revoked`() = same {
        val code = cancelledCode()
        val alice = live("alice")
        val tablet = linked(alice)
        val group = alice.createGroup("Birds", emptyList())
        tablet.finds("Birds")
        tablet.hasSentAll()
        alice.revokeDevice(tablet.me.device)
        tablet.until("revoked") { tablet.state.value.alarm }
        notes(calls(tablet, group, code))
        notes(lifeCalls(tablet) - "signOut")
        note("state") { tablet.state.value }
        note("devices") { sorted(alice.devices()) }
        note("signOut") { tablet.signOut(SignOut.WHEN_TOLD) }
        note("state") { tablet.state.value }
    }

    @Test
    fun `paused, shut down and signed out`() = same {
        val code = cancelledCode()
        val alice = live("alice")
        val group = alice.createGroup("Birds", emptyList())
        alice.hasSentAll()
        alice.pause()
        notes(calls(alice, group, "garbage"))
        note("state") { alice.state.value }
        note("set") { alice.setNetwork(Network.DOWN) }
        note("state") { alice.state.value }
        alice.shutdown()
        notes(calls(alice, group, "garbage"))
        notes(lifeCalls(alice))
        note("state") { alice.state.value }
        val bob = live("bob")
        note("signOut") { bob.signOut(SignOut.WHEN_TOLD) }
        note("state") { bob.state.value }
        notes(calls(bob, group, code))
        notes(lifeCalls(bob))
    }

    @Test
    fun `what a direct conversation and a group consist of`() = same {
        val alice = live("alice")
        val bob = live("bob")
        val carol = live("carol")
        alice.setNetwork(Network.DOWN)
        alice.becomes(Connection.OFFLINE)
        val chat = alice.createDirect(named(bob.me.username))
        note("again") { alice.createDirect(named(bob.me.username)) == chat }
        note("unknown user") { alice.createDirect(Person.Id(UserId(ID))) != chat }
        note("oneself") { alice.createDirect(named(alice.me.username)) }
        note("oneself by id") { alice.createDirect(Person.Id(alice.me.user)) }
        val group = alice.createGroup("Birds", listOf(named(bob.me.username)))
        note("twice") { alice.createGroup("Twice", List(2) { named(bob.me.username) }) != group }
        note("oneself") { alice.createGroup("Self", listOf(named(alice.me.username))) != group }
        note("33") { alice.createGroup("Many", List(33) { named("user$it") }) != group }
        note("129") { alice.createGroup("Many", List(129) { named("user$it") }) != group }
        note("outbox") { alice.outbox() }
        note("rows") { alice.messages(chat) + alice.messages(group) }
        note("members") { alice.members(chat) + alice.members(group) }
        note("chats") {
            alice.conversations(limit = 200).map { it.copy(lastMessage = null) }.toSet()
        }
        alice.outbox().filter { it.conversation != chat && it.conversation != group }
            .forEach { runCatching { alice.discard(it.id) } }
        alice.setNetwork(Network.UP)
        alice.hasSentAll()
        bob.finds("Birds")
        val atBob = bob.finds(alice.me.username)
        alice.addMembers(group, listOf(named(carol.me.username)))
        carol.finds("Birds")
        alice.send(group, "hello")
        carol.hears(group, "hello")
        bob.hears(group, "hello")
        // One call for both gives rows in the order of the ids, which are random.
        alice.setRoles(group, mapOf(bob.me.user to Role.OWNER))
        alice.setRoles(group, mapOf(carol.me.user to Role.ADMIN))
        carol.until("an admin") {
            carol.members(group).find { it.user == carol.me.user && it.role == Role.ADMIN }
        }
        bob.leave(group)
        alice.until("gone") { alice.members(group).takeIf { it.size == 2 } }
        alice.rename(group, "Waders")
        carol.finds("Waders")
        alice.hasSentAll()
        for (client in listOf(alice, bob, carol)) {
            client.hasSentAll()
            note("rows") { client.messages(group) }
            note("members") { client.members(group) }
            note("chat") { client.conversation(group) }
        }
        note("direct") { alice.messages(chat) + bob.messages(atBob) }
        note("direct") { listOf(alice.conversation(chat), bob.conversation(atBob)) }
        note("members") { alice.members(chat) + bob.members(atBob) }
        note("contact") { alice.contact(bob.me.user) }
        note("oneself") { alice.contact(alice.me.user) }
        note("verify") { alice.setVerified(alice.me.user, true) }
        note("accept") { alice.acceptIdentity(alice.me.user) }
        note("qr") { alice.matchesSafetyQr(bob.me.user, "nothing") }
    }

    @Test
    fun `what cannot be done twice, or by half`() = same {
        val code = cancelledCode()
        val alice = live("alice")
        val bob = live("bob")
        val group = alice.createGroup("Birds", listOf(named(bob.me.username)))
        bob.finds("Birds")
        bob.hasSentAll()
        alice.hasSentAll()
        bob.setNetwork(Network.DOWN)
        bob.becomes(Connection.OFFLINE)
        note("leave") { bob.leave(group) }
        notes(calls(bob, group, code))
        note("outbox") { bob.outbox(group) }
        note("chat") { bob.conversation(group) }
        val chat = alice.createDirect(named(bob.me.username))
        alice.hasSentAll()
        notes(calls(alice, chat, code))
        note("add twice") { alice.addMembers(group, listOf(named(bob.me.username))) }
        note("remove a stranger") { alice.removeMember(group, UserId(ID)) }
        note("role of a stranger") { alice.setRoles(group, mapOf(UserId(ID) to Role.ADMIN)) }
        note("no roles") { alice.setRoles(group, emptyMap()) }
        note("no owner") { alice.setRoles(group, mapOf(alice.me.user to Role.MEMBER)) }
        note("remove oneself") { alice.removeMember(group, alice.me.user) }
        note("33 people") { alice.addMembers(group, List(33) { named("user$it") }) }
    }

    @Test
    fun `what is done without knowing what others did`() = same {
        val alice = live("alice")
        val bob = live("bob")
        val carol = live("carol")
        val group = alice.createGroup("Birds", listOf(bob, carol).map { named(it.me.username) })
        bob.finds("Birds")
        carol.finds("Birds")
        alice.hasSentAll()
        alice.setRoles(group, mapOf(bob.me.user to Role.ADMIN))
        bob.until("an admin") {
            bob.members(group).find { it.user == bob.me.user && it.role == Role.ADMIN }
        }
        listOf(alice, bob, carol).forEach { it.hasSentAll() }
        bob.setNetwork(Network.DOWN)
        bob.becomes(Connection.OFFLINE)
        alice.removeMember(group, carol.me.user)
        alice.setRoles(group, mapOf(bob.me.user to Role.MEMBER))
        alice.hasSentAll()
        note("members") { bob.members(group).sortedBy { it.username } }
        note("chat") { bob.conversation(group) }
        note("rename") { bob.rename(group, "Waders") }
        bob.setNetwork(Network.UP)
        bob.until("refused") { bob.outbox(group).find { it.state == OutboxState.FAILED } }
        note("outbox") { bob.outbox(group) }
        note("members") { bob.members(group).sortedBy { it.username } }
        bob.setNetwork(Network.DOWN)
        bob.becomes(Connection.OFFLINE)
        note("retry") { bob.retry(bob.outbox(group).first().id) }
        note("outbox") { bob.outbox(group) }
        note("chat") { bob.conversation(group) }

        // Goals that are reached already.
        alice.setRoles(group, mapOf(bob.me.user to Role.MEMBER))
        alice.rename(group, "Birds")
        alice.addMembers(group, List(2) { named(carol.me.username) })
        carol.until("back") {
            carol.conversation(group).takeIf { it.state == ConversationState.ACTIVE }
        }
        carol.hasSentAll()
        alice.hasSentAll()
        alice.setNetwork(Network.DOWN)
        alice.becomes(Connection.OFFLINE)
        repeat(2) { alice.removeMember(group, carol.me.user) }
        alice.setNetwork(Network.UP)
        carol.until("out again") {
            carol.conversation(group).takeIf { it.state == ConversationState.REMOVED }
        }
        alice.hasSentAll()
        // The second names two users in the order of their ids, which are random.
        note("rows") { alice.messages(group).drop(2) }
        note("oneself") { alice.addMembers(group, listOf(named(alice.me.username))) }
    }

    @Test
    fun `two devices of a user`() = same {
        val alice = live("alice")
        val bob = live("bob")
        val chat = alice.createDirect(named(bob.me.username))
        val sent = alice.send(chat, "hello")
        bob.hears(bob.finds(alice.me.username), "hello")
        val tablet = linked(alice)
        tablet.finds(bob.me.username)
        tablet.until("active") {
            tablet.conversation(chat).takeIf { it.state == ConversationState.ACTIVE }
        }
        val later = alice.send(chat, "from the phone")
        tablet.hears(chat, "from the phone")
        val answer = bob.send(chat, "for both")
        alice.hears(chat, "for both")
        tablet.hears(chat, "for both")
        alice.markRead(chat, answer)
        tablet.until("read there") { tablet.conversation(chat).takeIf { it.unread == 0 } }
        tablet.setNetwork(Network.DOWN)
        tablet.becomes(Connection.OFFLINE)
        alice.delete(chat, later)
        alice.hasSentAll()
        tablet.edit(chat, later, "edited without knowing")
        tablet.setNetwork(Network.UP)
        tablet.hasSentAll()
        for (client in listOf(alice, tablet, bob)) {
            client.until("taken back") {
                client.message(chat, later).takeIf { it.content == MessageContent.Deleted }
            }
            note("row") { client.message(chat, later).content }
        }
        note("before") { tablet.message(chat, sent) }
        alice.setNetwork(Network.DOWN)
        alice.becomes(Connection.OFFLINE)
        note("revoke") { alice.revokeDevice(tablet.me.device) }
        note("devices") { sorted(alice.devices()) }
        note("still there") { tablet.state.value }
        alice.setNetwork(Network.UP)
        tablet.until("revoked") { tablet.state.value.alarm }
        alice.until("known") {
            alice.devices().takeIf { list -> list.devices.any { it.state == DeviceState.REVOKED } }
        }
        note("devices") { sorted(alice.devices()) }
        note("chat") { tablet.conversation(chat) }
    }

    @Test
    fun `what becomes of a text`() = same {
        val alice = live("alice")
        val bob = live("bob")
        val chat = alice.createDirect(named(bob.me.username))
        val first = alice.send(chat, "first")
        bob.finds(alice.me.username)
        bob.hears(chat(bob, alice), "first")
        alice.hasSentAll()
        alice.until("delivered") {
            alice.message(chat, first).takeIf { it.delivery == Delivery.DELIVERED }
        }
        note("edit") { alice.edit(chat, first, "frist") }
        bob.hears(chat(bob, alice), "frist")
        note("same again") { alice.edit(chat, first, "frist") }
        note("read") { bob.markRead(chat(bob, alice), first) }
        note("read again") { bob.markRead(chat(bob, alice), first) }
        alice.until("read") {
            alice.message(chat, first).takeIf { it.delivery == Delivery.READ }
        }
        alice.hasSentAll()
        alice.setNetwork(Network.DOWN)
        alice.becomes(Connection.OFFLINE)
        note("edit") { alice.edit(chat, first, "second") }
        note("delete") { alice.delete(chat, first) }
        note("again") { alice.delete(chat, first) }
        note("edit") { alice.edit(chat, first, "third") }
        note("rows") { alice.messages(chat) }
        note("outbox") { alice.outbox() }
        alice.outbox().reversed().forEach { item ->
            note("discard") { alice.discard(item.id) }
            note("row") { alice.message(chat, first).content }
        }
        repeat(9) { alice.send(chat, "$it") }
        val middle = alice.messages(chat).find { it.text == "5" }!!.id
        for (limit in 1..6) {
            note("around") {
                alice.messages(chat, MessagePage.Around(middle), limit).map { it.text }
            }
            note("before") {
                alice.messages(chat, MessagePage.Before(middle), limit).map { it.text }
            }
            note("after") { alice.messages(chat, MessagePage.After(middle), limit).map { it.text } }
        }
        note("around first") {
            alice.messages(chat, MessagePage.Around(first), 4).map { it.text }
        }
        note("around last") {
            val last = alice.messages(chat).last().id
            alice.messages(chat, MessagePage.Around(last), 4).map { it.text }
        }
        note("retry") { alice.retry(alice.outbox().first().id) }
        note("read of a waiting one") { alice.markRead(chat, middle) }
    }

    @Test
    fun `codes for linking`() = same {
        val code = cancelledCode()
        val alice = live("alice")
        val bob = live("bob")
        val tablet = client()
        note("wait") { tablet.linkWait() }
        note("cancel") { tablet.linkCancel() }
        val first = tablet.linkStart().code
        val second = tablet.linkStart().code
        note("stale") { alice.linkInspect(first) }
        note("good") { alice.linkInspect(second).device.value.length }
        note("lower") { alice.linkInspect(second.lowercase()).device.value.length }
        note("cancel") { tablet.linkCancel() }
        note("cancelled") { alice.linkInspect(second) }
        note("cancelled") { alice.linkApprove(second) }
        note("wait") { tablet.linkWait() }
        val third = tablet.linkStart()
        note("refuse") { alice.linkRefuse(third.code) }
        note("wait") { tablet.linkWait() }
        note("wait") { tablet.linkWait() }
        note("refused") { alice.linkInspect(third.code) }
        val fourth = tablet.linkStart()
        note("approve") { alice.linkApprove(fourth.qr).value.length }
        note("wait") { tablet.linkWait().username }
        tablet.becomes(Connection.LIVE)
        note("used") { alice.linkInspect(fourth.code) }
        note("used") { alice.linkApprove(fourth.code) }
        note("used by other") { bob.linkApprove(fourth.code) }
        note("wait") { tablet.linkWait().username }
        note("start") { tablet.linkStart() }
        note("cancel") { tablet.linkCancel() }
        note("recover") { tablet.recover(alice.me.username, PASSWORD) }
        note("devices") { sorted(alice.devices()) }
        for (bad in listOf("", "garbage", "x".repeat(100_000), "\uD83D", fourth.code.drop(1))) {
            note("bad") { alice.linkInspect(bad) }
        }
    }

    private fun calls(client: Whimbrel, conversation: ConversationId, code: String) =
        everyCall(client, conversation, code) - "recoveryCode" - "devices" - "outbox" + mapOf(
            "devices" to { sorted(client.devices()) },
            "has recovery code" to { client.recoveryCode() != null },
        )

    private fun sorted(devices: DeviceList) =
        devices.copy(version = 0, devices = devices.devices.sortedBy { !it.isThisOne })

    private suspend fun chat(of: Whimbrel, with: Whimbrel): ConversationId =
        of.conversations().first { it.name == with.me.username }.id

    private companion object {
        val ID = "0123456789abcdef".repeat(2)
    }
}

/** What was done in a world, and what came of it, without what is another one each time. */
private class Record(val world: World) {
    val clients = mutableListOf<Whimbrel>()
    private val lines = mutableListOf<String>()
    private val names = mutableMapOf<String, String>()

    suspend fun client(): Whimbrel = world.client().also { clients += it }

    suspend fun live(name: String): Whimbrel = client().apply {
        val account = registerLive(name)
        names[account.username] = name
        names[account.user.value] = name
    }

    /** One that is well formed, and that no device shows any more. */
    suspend fun cancelledCode(): String = client().run {
        linkStart().code.also { linkCancel() }
    }

    suspend fun linked(other: Whimbrel): Whimbrel = client().apply {
        val code = linkStart().code
        other.linkApprove(code)
        linkWait()
        becomes(Connection.LIVE)
    }

    suspend fun notes(calls: Map<String, Call>) = calls.forEach { (name, call) -> note(name, call) }

    /** Writes down what a call gives, or how it fails, or that it waits. */
    suspend fun note(name: String, call: Call) {
        // Only this one may wait for somebody else.
        val outcome = withTimeoutOrNull(if (name == "linkWait") WAITING else PATIENCE) {
            try {
                "${call()}"
            } catch (error: WhimbrelException) {
                "${error.code} ${error.isRetryable} ${error.remedy}"
            }
        }
        lines += "$name: ${outcome?.let(::plain) ?: "waits"}"
    }

    /** What may differ: ids, times, codes, numbers of the server, and what comes a bit later. */
    private fun plain(text: String): String {
        val named = names.entries.fold(text) { all, (name, short) -> all.replace(name, short) }
        return CHANGING.fold(named) { all, (regex, word) -> regex.replace(all, word) }
    }

    fun text() = lines.joinToString("\n")

    private companion object {
        val WAITING = 1500.milliseconds
        val CHANGING = listOf(
            Regex("[0-9a-f]{32}") to "id",
            Regex("\\d{5}( \\d{5})+") to "digits",
            Regex("safetyQr=[^,)]*") to "safetyQr",
            Regex("Ms=\\d+") to "Ms",
            Regex("[sS]eq=\\d+") to "Seq",
            Regex("SENT|DELIVERED") to "SENT or DELIVERED",
            Regex("attempts=\\d") to "attempts",
            Regex("conversationsLeft=\\d") to "conversationsLeft",
        )
    }
}
