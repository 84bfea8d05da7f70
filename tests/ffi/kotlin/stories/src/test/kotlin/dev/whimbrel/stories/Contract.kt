package dev.whimbrel.stories

import dev.whimbrel.Change
import dev.whimbrel.Connection
import dev.whimbrel.ConversationId
import dev.whimbrel.ConversationKind
import dev.whimbrel.ConversationState
import dev.whimbrel.Delivery
import dev.whimbrel.ErrorCode
import dev.whimbrel.MessageContent
import dev.whimbrel.MessageId
import dev.whimbrel.Network
import dev.whimbrel.OutboxContent
import dev.whimbrel.OutboxState
import dev.whimbrel.Role
import dev.whimbrel.SyncOutcome
import dev.whimbrel.Whimbrel
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Test

/** What every client keeps to, the real one and the one in memory. */
abstract class Contract {
    abstract val world: World

    /** A world whose server nobody else uses. */
    abstract fun newWorld(): World

    @Test
    fun `two users talk`() = story {
        val alice = world.live("alice")
        val bob = world.live("bob")
        val chat = alice.createDirect(named(bob.me.username))
        val sent = alice.send(chat, "hello")
        val here = bob.finds(alice.me.username)
        val heard = bob.hears(here, "hello")
        assertEquals(sent, heard.id)
        assertEquals(alice.me.user, heard.sender)
        alice.isDelivered(chat, sent, Delivery.DELIVERED)
        assertEquals(1, bob.conversation(here).unread)
        bob.markRead(here, heard.id)
        assertEquals(0, bob.conversation(here).unread)
        alice.isDelivered(chat, sent, Delivery.READ)
        bob.send(here, "hello yourself")
        alice.hears(chat, "hello yourself")
        assertEquals(listOf("hello", "hello yourself"), alice.texts(chat))
        assertEquals(bob.texts(here), alice.texts(chat))
        assertEquals(ConversationKind.DIRECT, alice.conversation(chat).kind)
        assertEquals(bob.me.user, alice.conversation(chat).peer)
        end(alice, bob)
    }

    @Test
    fun `a second device takes part`() = story {
        val alice = world.live("alice")
        val bob = world.live("bob")
        val chat = alice.createDirect(named(bob.me.username))
        alice.send(chat, "before")
        val atBob = bob.finds(alice.me.username)
        bob.hears(atBob, "before")

        val tablet = world.client()
        val ticket = tablet.linkStart()
        assertFalse(ticket.code in ticket.toString(), "a code in a log")
        val linked = async { tablet.linkWait() }
        val request = alice.linkInspect(ticket.code)
        assertEquals(ticket.fingerprint, request.fingerprint)
        assertEquals(request.device, alice.linkApprove(ticket.code))
        assertEquals(alice.me.user, linked.await().user)
        assertEquals(request.device, tablet.me.device)
        assertNull(tablet.recoveryCode())
        alice.until("one more device") { alice.devices().takeIf { it.devices.size == 2 } }

        val onTablet = tablet.finds(bob.me.username)
        tablet.until("active") {
            tablet.conversation(onTablet).takeIf { it.state == ConversationState.ACTIVE }
        }
        tablet.send(onTablet, "from the tablet")
        alice.hears(chat, "from the tablet")
        bob.send(atBob, "to both")
        alice.hears(chat, "to both")
        tablet.hears(onTablet, "to both")
        assertEquals(alice.me.user, bob.hears(atBob, "from the tablet").sender)

        alice.revokeDevice(tablet.me.device)
        tablet.until("revoked") { tablet.state.value.alarm }
        end(alice, bob, tablet)
    }

    @Test
    fun `who waits for a link hears how it ends`() = story {
        val alice = world.live("alice")
        val endings = mapOf<ErrorCode, suspend (Whimbrel, String) -> Unit>(
            ErrorCode.WRONG_STATE to { tablet, _ -> tablet.linkCancel() },
            ErrorCode.CODE_EXPIRED to { _, code -> alice.linkRefuse(code) },
            ErrorCode.PAUSED to { tablet, _ -> tablet.pause() },
            ErrorCode.SHUT_DOWN to { tablet, _ -> tablet.shutdown() },
        )
        for ((expected, end) in endings) {
            val tablet = world.client()
            val ticket = tablet.linkStart()
            val waiting = async { code { tablet.linkWait() } }
            delay(100)
            end(tablet, ticket.code)
            assertEquals(expected, waiting.await())
            tablet.shutdown()
        }
        val tablet = world.client()
        tablet.linkStart()
        val waiting = async { tablet.linkWait() }
        delay(100)
        alice.linkApprove(tablet.linkStart().code)
        assertEquals(alice.me.user, waiting.await().user, "the second code counts")
        end(alice, tablet)
    }

    @Test
    fun `what is sent offline waits and arrives in order`() = story {
        val alice = world.live("alice")
        val bob = world.live("bob")
        val chat = alice.createDirect(named(bob.me.username))
        alice.hasSentAll()
        val atBob = bob.finds(alice.me.username)
        alice.setNetwork(Network.DOWN)
        alice.becomes(Connection.OFFLINE)
        val texts = List(20) { "offline $it" }
        val ids = texts.map { alice.send(chat, it) }
        assertEquals(texts, alice.texts(chat))
        val items = alice.outbox(chat)
        assertEquals(ids.map { it.value }, items.map { it.id.value })
        assertEquals(texts.map { OutboxContent.Text(it) }, items.map { it.content })
        assertTrue(items.all { it.state == OutboxState.QUEUED })
        assertEquals(Delivery.QUEUED, alice.message(chat, ids[0]).delivery)
        assertEquals(20, alice.conversation(chat).queued)
        bob.send(atBob, "meanwhile")
        bob.hasSentAll()
        assertEquals(texts, alice.texts(chat), "nothing arrives without a network")

        alice.setNetwork(Network.UP)
        bob.hears(atBob, "offline 19")
        assertEquals(listOf("meanwhile") + texts, bob.texts(atBob))
        alice.hasSentAll()
        assertEquals(bob.texts(atBob), alice.texts(chat))
        assertEquals(0, alice.state.value.queued)
        end(alice, bob)
    }

    @Test
    fun `a server that goes and comes back loses nothing`() = story {
        val world = newWorld()
        val alice = world.live("alice")
        val bob = world.live("bob")
        val chat = alice.createDirect(named(bob.me.username))
        alice.send(chat, "before")
        val atBob = bob.finds(alice.me.username)
        bob.hears(atBob, "before")
        world.endServer()
        alice.until("not connected") {
            alice.state.value.takeIf { it.connection == Connection.CONNECTING }
        }
        alice.send(chat, "meanwhile")
        val tablet = world.client()
        assertEquals(ErrorCode.UNAVAILABLE, code { tablet.linkStart() })
        world.startServerAgain()
        bob.hears(atBob, "meanwhile")
        assertEquals(listOf("before", "meanwhile"), bob.texts(atBob))
        end(alice, bob, tablet)
    }

    @Test
    fun `messages are changed and taken back`() = story {
        val alice = world.live("alice")
        val bob = world.live("bob")
        val chat = alice.createDirect(named(bob.me.username))
        val first = alice.send(chat, "frist")
        val second = alice.send(chat, "second")
        val atBob = bob.finds(alice.me.username)
        bob.hears(atBob, "second")
        alice.edit(chat, first, "first")
        val edited = bob.hears(atBob, "first")
        assertEquals(MessageContent.Text("first", edited = true), edited.content)
        alice.delete(chat, second)
        bob.until("taken back") {
            bob.message(atBob, second).takeIf { it.content == MessageContent.Deleted }
        }
        assertEquals(ErrorCode.NOT_ALLOWED, code { bob.edit(atBob, first, "mine") })
        assertEquals(ErrorCode.WRONG_STATE, code { alice.edit(chat, second, "again") })

        alice.setNetwork(Network.DOWN)
        val third = alice.send(chat, "thrid")
        alice.edit(chat, third, "third")
        val fourth = alice.send(chat, "fourth")
        alice.delete(chat, fourth)
        assertEquals(listOf("first", "third"), alice.texts(chat))
        assertEquals(ErrorCode.NOT_FOUND, code { alice.message(chat, fourth) })
        val fifth = alice.send(chat, "fifth")
        alice.discard(alice.outbox().last().id)
        assertEquals(ErrorCode.NOT_FOUND, code { alice.message(chat, fifth) })
        alice.setNetwork(Network.UP)
        assertEquals(
            MessageContent.Text("third", edited = false),
            bob.hears(atBob, "third").content,
        )
        end(alice, bob)
    }

    @Test
    fun `a group has members, roles and a name`() = story {
        val alice = world.live("alice")
        val bob = world.live("bob")
        val carol = world.live("carol")
        val group = alice.createGroup("Birds", listOf(named(bob.me.username)))
        alice.hasSentAll()
        val atBob = bob.finds("Birds")
        assertEquals(ErrorCode.LAST_OWNER, code { alice.leave(group) })
        alice.setRoles(group, mapOf(bob.me.user to Role.ADMIN))
        bob.until("an admin") {
            bob.members(atBob).find { it.user == bob.me.user && it.role == Role.ADMIN }
        }
        bob.rename(atBob, "Waders")
        alice.finds("Waders")
        bob.addMembers(atBob, listOf(named(carol.me.username)))
        val atCarol = carol.finds("Waders")
        for (refused in listOf(
            code { carol.rename(atCarol, "Mine") },
            code { carol.addMembers(atCarol, listOf(named(newName("dave")))) },
            code { carol.removeMember(atCarol, bob.me.user) },
        )) {
            assertEquals(ErrorCode.NOT_ALLOWED, refused)
        }
        carol.send(atCarol, "hello all")
        alice.hears(group, "hello all")
        bob.hears(atBob, "hello all")
        assertEquals(3, alice.members(group).size)
        assertEquals(alice.epochCode(group), carol.epochCode(atCarol))
        alice.removeMember(group, carol.me.user)
        carol.until("removed") {
            carol.conversation(atCarol).takeIf { it.state == ConversationState.REMOVED }
        }
        assertEquals(ErrorCode.NOT_MEMBER, code { carol.send(atCarol, "still here?") })
        assertEquals(listOf("hello all"), carol.texts(atCarol))
        val contact = alice.contact(bob.me.user)
        assertEquals(bob.contact(alice.me.user).safetyNumber, contact.safetyNumber)
        assertTrue(alice.matchesSafetyQr(bob.me.user, bob.contact(alice.me.user).safetyQr))
        alice.setVerified(bob.me.user, true)
        assertTrue(alice.contact(bob.me.user).verified)
        end(alice, bob, carol)
    }

    @Test
    fun `an unknown name fails in the outbox, and can be discarded`() = story {
        val alice = world.live("alice")
        val chat = alice.createDirect(named(newName("nobody")))
        alice.send(chat, "is anybody there?")
        val failed = alice.until("failed") {
            alice.outbox(chat).find { it.state == OutboxState.FAILED }
        }
        assertEquals(ErrorCode.NO_SUCH_USER, failed.failure)
        assertEquals(ErrorCode.NO_SUCH_USER, alice.conversation(chat).blocked)
        alice.discard(failed.id)
        assertEquals(emptyList(), alice.outbox())
        assertEquals(ErrorCode.NOT_FOUND, code { alice.conversation(chat) })
        end(alice)
    }

    @Test
    fun `accounts are refused with the code that fits`() = story {
        val alice = world.live("alice")
        val other = world.client()
        assertEquals(ErrorCode.NOT_SIGNED_IN, code { other.createGroup("Birds", emptyList()) })
        assertEquals(
            ErrorCode.USERNAME_TAKEN,
            code { other.register(alice.me.username, "another password") },
        )
        assertEquals(
            ErrorCode.WRONG_STATE,
            code { alice.register(newName("alice"), PASSWORD) },
        )
        assertEquals(
            ErrorCode.ACCESS_DENIED,
            code { alice.signIn(alice.me.username, "not the password") },
        )
        assertEquals(alice.me, alice.signIn(alice.me.username, PASSWORD))
        val code = checkNotNull(alice.recoveryCode())
        val recovered = other.recover(alice.me.username, PASSWORD, code)
        assertEquals(alice.me.user, recovered.user)
        alice.until("revoked") { alice.state.value.alarm }
        end(alice, other)
    }

    @Test
    fun `a paused client refuses, and goes on where it was`() = story {
        val alice = world.live("alice")
        val group = alice.createGroup("Birds", emptyList())
        val linkCode = world.client().linkStart().code
        val account = alice.me
        alice.pause()
        assertEquals(Connection.PAUSED, alice.state.value.connection)
        alice.pause()
        assertAllFail(ErrorCode.PAUSED, everyCall(alice, group, linkCode))
        assertEquals(SyncOutcome.COMPLETE, alice.syncOnce(budgetMs = 20_000))
        assertEquals(Connection.PAUSED, alice.state.value.connection)
        assertEquals(account, alice.me)
        alice.resume()
        alice.resume()
        alice.becomes(Connection.LIVE)
        alice.setNetwork(Network.DOWN)
        alice.pause()
        alice.setNetwork(Network.UP)
        assertEquals(Connection.PAUSED, alice.state.value.connection)
        alice.resume()
        alice.becomes(Connection.LIVE)
        assertEquals("Birds", alice.conversation(group).name)
        end(alice)
    }

    @Test
    fun `after the shutdown every call fails and every flow ends`() = story {
        val alice = world.live("alice")
        val group = alice.createGroup("Birds", emptyList())
        val linkCode = world.client().linkStart().code
        val account = alice.me
        val changes = async(start = CoroutineStart.UNDISPATCHED) { alice.changes.toList() }
        alice.shutdown()
        assertEquals(Change.Everything, changes.await().first())
        assertAllFail(ErrorCode.SHUT_DOWN, everyCall(alice, group, linkCode) + lifeCalls(alice))
        alice.shutdown()
        alice.changes.collect { }
        assertEquals(account, alice.me)
    }

    @Test
    fun `many collectors get each change, and one that goes disturbs nobody`() = story {
        val alice = world.live("alice")
        val group = alice.createGroup("Birds", emptyList())
        alice.hasSentAll()
        val one = async(start = CoroutineStart.UNDISPATCHED) { alice.changes.toList() }
        val other = async(start = CoroutineStart.UNDISPATCHED) { alice.changes.toList() }
        val gone = launch(start = CoroutineStart.UNDISPATCHED) { alice.changes.collect { } }
        gone.cancel()
        gone.join()
        alice.send(group, "hello")
        alice.hasSentAll()
        alice.shutdown()
        listOf(one, other).forEach {
            val changes = it.await()
            assertEquals(1, changes.count { it == Change.Everything })
            assertTrue(Change.Messages(group) in changes, "$changes")
            assertTrue(Change.Conversation(group) in changes, "$changes")
            assertTrue(Change.Outbox in changes, "$changes")
        }
    }

    @Test
    fun `bad input is refused with a reason, and the client goes on`() = story {
        val alice = world.live("alice")
        val group = alice.createGroup("Birds", emptyList())
        val message = alice.send(group, "hello")
        badCalls(alice, group, message).forEach { (name, expected, call) ->
            assertEquals(expected, code(call), name)
            assertEquals(message, alice.message(group, message).id, "after $name")
        }
        alice.send(group, "\u0000 is a character like any other")
        alice.send(group, "a pair that belongs together: \uD83D\uDC26")
        alice.hasSentAll()
        assertEquals(
            listOf(
                "hello",
                "\u0000 is a character like any other",
                "a pair that belongs together: \uD83D\uDC26",
            ),
            alice.texts(group),
        )
        end(alice)
    }

    private suspend fun Whimbrel.isDelivered(
        chat: ConversationId,
        message: MessageId,
        delivery: Delivery,
    ) {
        until("$delivery") { message(chat, message).takeIf { it.delivery == delivery } }
    }
}

private suspend fun assertAllFail(expected: ErrorCode, calls: Map<String, Call>) {
    val codes = calls.mapValues { (_, call) -> code(call) }
    assertEquals(calls.mapValues { expected }, codes)
}

suspend fun end(vararg clients: Whimbrel) = clients.forEach { it.shutdown() }
