package dev.whimbrel

/**
 * What a client is opened with.
 *
 * @property dataFolder Path of the data folder. It holds one account, is made where it is missing,
 *   and belongs to the library alone. Keep it out of backups: an old copy of the database can't
 *   send any more.
 * @property server The server: `https://host` or `https://host:port`.
 * @property keyStore Keeps the key of the database.
 * @property pinnedFingerprint SHA-256 of the server's certificate in DER form: 64 hexadecimal
 *   digits, colons allowed. Without it the certificate must come from a public authority.
 * @property startsOffline Whether there is no network at the start.
 * @property logSink Where log lines go; without one they go nowhere.
 */
public class WhimbrelOptions(
    public val dataFolder: String,
    public val server: String,
    public val keyStore: KeyStore,
    public val pinnedFingerprint: String? = null,
    public val startsOffline: Boolean = false,
    public val logSink: LogSink? = null,
)

/**
 * Keeps the key of a database where the platform keeps secrets. Called while a client opens, on a
 * thread of the library; it may block.
 *
 * A key store that can't be read now must throw. Giving `null` would mean that there was never a
 * key. Whatever it throws makes the client fail to open with [ErrorCode.KEY_STORE], and is the
 * `cause` of that exception.
 */
public interface KeyStore {
    /** The key kept here: 32 bytes, or `null` if none was ever kept. */
    public fun loadKey(): ByteArray?

    /**
     * Keeps a key, durably when it returns. Without it the database can't be opened any more. The
     * array is the key store's to keep or to wipe.
     */
    public fun storeKey(key: ByteArray)
}

/**
 * Takes the lines of a client's log. Called on one thread that does nothing else, so it may take
 * its time; lines that come faster than it takes them are counted and left out. What it throws is
 * ignored.
 */
public fun interface LogSink {
    /** Takes a line. */
    public fun log(record: LogRecord)
}

/**
 * A line of the log. Holds no content, name, key or token.
 *
 * @property level How much it matters.
 * @property timeMs When, in milliseconds since 1970, by this device's clock.
 * @property text What happened, in English, for developers.
 */
public data class LogRecord(
    public val level: LogLevel,
    public val timeMs: Long,
    public val text: String,
)

/** How much a line of the log matters. */
public enum class LogLevel {
    /** What happens in the ordinary course. */
    INFO,

    /** A call has failed, or the connection was lost. */
    WARNING,

    /** A defect of this library, or a client that can't go on by itself. */
    ERROR,
}
