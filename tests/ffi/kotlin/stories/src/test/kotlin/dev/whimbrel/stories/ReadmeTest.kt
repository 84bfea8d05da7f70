package dev.whimbrel.stories

import dev.whimbrel.Delivery
import dev.whimbrel.ErrorCode
import dev.whimbrel.Person
import dev.whimbrel.testing.FakeServer
import java.io.File
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Test

/** What android/README.md shows is what is compiled and run here. */
class ReadmeTest {
    @Test
    fun `a message that is refused shows`() = runTest {
        val server = FakeServer()
        val alice = server.client().apply { register("alice", "a long password") }
        val bob = server.client().apply { register("bob", "a long password") }
        val chat = alice.createDirect(Person.Username("bob"))
        val model = ChatModel(alice, chat, backgroundScope)

        server.refuseNext(ErrorCode.NOT_ALLOWED)
        model.send("hello")
        model.messages.first { it.items.lastOrNull()?.delivery == Delivery.FAILED }
        assertEquals(emptyList(), bob.outbox())
    }

    @Test
    fun `the example talks`() = story {
        val server = TestServer()
        val scope = CoroutineScope(Job() + Dispatchers.Default)
        val app = ChatApp(MemoryKeyStore())
        val bob = livePhone(server, "bob")
        val folder = newFolder().toString()
        val alice = app.open(folder, server.url, server.fingerprint)
        val account = app.begin(alice, newName("alice"), PASSWORD)
        assertEquals(account, app.begin(alice, "somebody", "else"))
        val chat = app.sayHello(alice, bob.me.username)
        val here = bob.finds(account.username)
        val model = ChatModel(bob, here, scope)
        val heard = model.messages.first { state -> state.items.any { it.text == "hello" } }
        model.isRead(heard.items.last())
        model.send("hello yourself")
        alice.hears(chat, "hello yourself")
        model.send("")
        assertEquals(ErrorCode.INVALID_ARGUMENT, model.problem.first { it != null })
        scope.cancel()
        end(alice, bob)
    }

    @Test
    fun `the README shows this code`() {
        val root = File(System.getProperty("whimbrel.root"))
        val readme = root.resolve("android/README.md").readText()
        val here = root.resolve("tests/ffi/kotlin/stories/src/test/kotlin/dev/whimbrel/stories")
        val example = here.resolve("Example.kt").readText().substringAfterLast("launch\n\n")
        assertTrue(example.startsWith("class ChatApp"), example)
        assertContains(readme, "```kotlin\n$example```")
        val test = here.resolve("ReadmeTest.kt").readText()
            .substringAfter("class ReadmeTest {\n")
            .substringBefore("\n\n    @Test\n    fun `the example")
        assertContains(readme, "```kotlin\n${test.trimIndent()}\n```")
    }
}
