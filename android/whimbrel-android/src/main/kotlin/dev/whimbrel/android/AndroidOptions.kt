package dev.whimbrel.android

import dev.whimbrel.LogSink

/**
 * What [WhimbrelAndroid.install] is told. Folder, database key and network are its own business.
 *
 * @property server The server: `https://host` or `https://host:port`.
 * @property pinnedFingerprint SHA-256 of the server's certificate in DER form: 64 hexadecimal
 *   digits, colons allowed. Without it the certificate must come from a public authority.
 * @property logSink Where log lines go; without one they go nowhere. See [LogcatSink].
 */
public class AndroidOptions(
    public val server: String,
    public val pinnedFingerprint: String? = null,
    public val logSink: LogSink? = null,
)
