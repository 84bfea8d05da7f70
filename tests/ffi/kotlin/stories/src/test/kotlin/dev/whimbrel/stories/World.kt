package dev.whimbrel.stories

import dev.whimbrel.Whimbrel
import dev.whimbrel.testing.FakeServer

/** Where a story takes place: a server and clients, real ones or those in memory. */
interface World {
    /** A new client with nobody registered. */
    suspend fun client(): Whimbrel

    fun endServer()

    fun startServerAgain()
}

class RealWorld(private val server: TestServer) : World {
    override suspend fun client(): Whimbrel = phone(server)

    override fun endServer() = server.kill()

    override fun startServerAgain() = server.startAgain()
}

class FakeWorld(private val server: FakeServer = FakeServer()) : World {
    override suspend fun client(): Whimbrel = server.client()

    override fun endServer() {
        server.isReachable = false
    }

    override fun startServerAgain() {
        server.isReachable = true
    }
}

suspend fun World.live(name: String): Whimbrel = client().apply { registerLive(name) }
