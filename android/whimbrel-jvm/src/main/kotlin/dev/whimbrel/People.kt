package dev.whimbrel

/**
 * Whom a call is about: somebody known by id, or a name the server is asked about as soon as there
 * is a connection.
 */
public sealed interface Person {
    /** A user id. */
    public data class Id(public val user: UserId) : Person

    /** A user name: 3 to 32 of a to z, 0 to 9, dot, underscore and hyphen. */
    public data class Username(public val username: String) : Person
}

/** Rights of a user in a conversation. */
public enum class Role {
    /** May do everything, and give roles. There is always at least one. */
    OWNER,

    /** May name the group, add users, and remove all but owners. */
    ADMIN,

    /** May talk. */
    MEMBER,
}

/**
 * A user in a conversation.
 *
 * @property user Id of the user.
 * @property username The user's name, from the certificate in the group.
 * @property role The user's rights.
 * @property deliveredSeq The server says that a device of this user has everything up to this
 *   number.
 * @property readSeq The user says to have read everything up to this number.
 */
public data class Member(
    public val user: UserId,
    public val username: String,
    public val role: Role,
    public val deliveredSeq: Long,
    public val readSeq: Long,
)

/**
 * Somebody this user has met in a conversation.
 *
 * @property user Id of the user.
 * @property username The user's name.
 * @property verified The safety number was compared, and the identity has not changed since.
 * @property identityChange The user goes by another identity key than the one relied on here,
 *   until it is accepted.
 * @property conflict Two device lists of one version were seen, both signed by this user: somebody
 *   else has the user's identity key, or the user's devices have gone separate ways.
 * @property safetyNumber What both users compare to know that nobody is between them: twelve
 *   groups of five digits, the same on both sides.
 * @property safetyQr The same as the content of a QR picture.
 */
public data class Contact(
    public val user: UserId,
    public val username: String,
    public val verified: Boolean,
    public val identityChange: IdentityChange?,
    public val conflict: Boolean,
    public val safetyNumber: String,
    public val safetyQr: String,
)

/** How a user came to another identity key. */
public enum class IdentityChange {
    /** The change is signed by the recovery key of the former identity. */
    BY_RECOVERY,

    /** Nothing connects the two but the server's word. */
    UNPROVEN,

    /**
     * The newest device list stands under another identity key, and no conversation goes by it yet.
     * Either the user has started anew and waits to be let in, for which without the recovery code a
     * group needs an owner; or the server has made it up. Accepting it relies on nothing: what
     * waited is sent to the devices that are there.
     */
    ANNOUNCED,
}
