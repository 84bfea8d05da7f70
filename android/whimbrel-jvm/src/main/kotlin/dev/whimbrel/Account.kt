package dev.whimbrel

/**
 * Who uses a client.
 *
 * @property user Id of the user.
 * @property username The user's name.
 * @property device Id of this device.
 */
public data class Account(
    public val user: UserId,
    public val username: String,
    public val device: DeviceId,
)

/** What signing out does where the server can't be told. */
public enum class SignOut {
    /** Nothing: it fails, and everything stays as it is. */
    WHEN_TOLD,

    /**
     * It wipes this device all the same. It stays in the list of the user's devices until another
     * one removes it.
     */
    ANYWAY,
}

/**
 * The devices of this user, as the newest list known here has them.
 *
 * @property version Version of that list.
 * @property conflict Two lists of one version were seen, both signed by this user: the user's
 *   identity key is in somebody else's hands, or the user's devices have gone separate ways.
 * @property devices The devices, by id, those that are revoked last.
 */
public data class DeviceList(
    public val version: Long,
    public val conflict: Boolean,
    public val devices: List<Device>,
)

/**
 * A device of this user.
 *
 * @property id Id of the device.
 * @property isThisOne Whether it is the one that this client runs on.
 * @property state How far it has come.
 * @property conversationsLeft Conversations that it is still to be added to, or removed from.
 */
public data class Device(
    public val id: DeviceId,
    public val isThisOne: Boolean,
    public val state: DeviceState,
    public val conversationsLeft: Int,
)

/** How far a device of this user has come. */
public enum class DeviceState {
    /** Approved here, and not yet known to the server. */
    COMING,

    /** One of the user's devices. */
    LISTED,

    /** Revoked here, and not yet known to the server. */
    GOING,

    /** Revoked. */
    REVOKED,
}

/**
 * What a new device shows while it waits to be linked. Its text form hides the code.
 *
 * @property code The code, to be typed on a device of the user. Whoever sees it can take part in
 *   the linking.
 * @property qr The same as the content of a QR picture.
 * @property fingerprint Twelve digits that both devices show; the user compares them.
 * @property expiresMs When the code is no longer good, in milliseconds since 1970, by this
 *   device's clock.
 */
public data class LinkTicket(
    public val code: String,
    public val qr: String,
    public val fingerprint: String,
    public val expiresMs: Long,
) {
    override fun toString(): String = "LinkTicket(..)"
}

/**
 * A device that waits to be linked, as a device of the user sees it.
 *
 * @property device Id of the new device.
 * @property fingerprint Twelve digits that the new device shows, too, unless somebody is between
 *   the two.
 * @property expiresMs When the code is no longer good, in milliseconds since 1970, by the
 *   server's clock.
 */
public data class LinkRequest(
    public val device: DeviceId,
    public val fingerprint: String,
    public val expiresMs: Long,
)
