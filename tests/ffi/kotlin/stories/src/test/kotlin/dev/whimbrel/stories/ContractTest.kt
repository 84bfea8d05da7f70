package dev.whimbrel.stories

/** The contract, kept by the real client at a real server. */
class RealContractTest : Contract() {
    override val world: World get() = shared

    override fun newWorld(): World = RealWorld(TestServer())

    private companion object {
        val shared = RealWorld(TestServer())
    }
}

/** The contract, kept by the client in memory. */
class FakeContractTest : Contract() {
    override val world: World = FakeWorld()

    override fun newWorld(): World = FakeWorld()
}
