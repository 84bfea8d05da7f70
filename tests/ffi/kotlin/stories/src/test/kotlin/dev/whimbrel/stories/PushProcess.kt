// A messaging service in a process of its own: shows what a push says, without a client.

package dev.whimbrel.stories

import dev.whimbrel.PushDecision
import dev.whimbrel.WhimbrelClient
import java.nio.file.Path
import kotlinx.coroutines.runBlocking

/** How often the process looks at the push. */
private const val LOOKS = 20

/** Prints the text to show; takes the data folder, the key and the payload in hexadecimal. */
fun main(arguments: Array<String>) = runBlocking {
    val (folder, key, payload) = arguments
    val keys = MemoryKeyStore(bytes(key))
    repeat(LOOKS) {
        val decision = WhimbrelClient.openNotification(folder, keys, bytes(payload))
        println(if (decision is PushDecision.Show) decision.preview.text else "$decision")
    }
}

fun bytes(hexadecimal: String): ByteArray =
    hexadecimal.chunked(2).map { it.toInt(radix = 16).toByte() }.toByteArray()

fun hexadecimal(bytes: ByteArray): String = bytes.joinToString("") { "%02x".format(it) }

/** Starts the process, and gives the lines that it prints. */
fun lookInAnotherProcess(folder: String, key: ByteArray, payload: ByteArray): List<String> {
    val process = ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-classpath", System.getProperty("java.class.path"),
        "-Djna.library.path=${System.getProperty("jna.library.path")}",
        "dev.whimbrel.stories.PushProcessKt",
        folder, hexadecimal(key), hexadecimal(payload),
    ).redirectError(ProcessBuilder.Redirect.INHERIT).start()
    val lines = process.inputStream.reader().readLines()
    check(process.waitFor() == 0) { "it failed: $lines" }
    return lines
}
