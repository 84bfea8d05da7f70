// The same refusals of bad arguments as in the real client.

package dev.whimbrel.testing

import dev.whimbrel.ErrorCode
import dev.whimbrel.Person
import dev.whimbrel.Remedy
import dev.whimbrel.WhimbrelException

/** Digits of an id. */
internal const val ID_DIGITS = 32

/** Bytes of a text, and of a group's name. */
private const val TEXT_BYTES_MAX = 16 * 1024
private const val NAME_BYTES_MAX = 256

private val ID = Regex("[0-9a-fA-F]{$ID_DIGITS}")
private val USERNAME = Regex("[a-z0-9._-]{3,32}")

/** Marks that change the direction of text, and spaces without width. */
private val INVISIBLE =
    setOf('\u061c', '\u200b', '\u200e', '\u200f', '\ufeff') + ('\u2028'..'\u202e') +
        ('\u2060'..'\u2069')
private val PASSWORD_BYTES = 10..256
private val LIMIT = 1..200

/** Throws what a real client would. */
internal fun fail(code: ErrorCode, reason: String): Nothing = throw refusal(code, reason)

internal fun refusal(code: ErrorCode, reason: String) =
    WhimbrelException(code, reason, isRetryable(code), remedy(code))

private fun isRetryable(code: ErrorCode) = when (code) {
    ErrorCode.RATE_LIMITED, ErrorCode.UNAVAILABLE, ErrorCode.ALREADY_OPEN -> true
    else -> false
}

private fun remedy(code: ErrorCode) = when (code) {
    ErrorCode.INVALID_ARGUMENT, ErrorCode.NOT_FOUND, ErrorCode.NO_SUCH_USER,
    ErrorCode.WRONG_STATE, ErrorCode.USERNAME_TAKEN, ErrorCode.NOT_ALLOWED,
    ErrorCode.NOT_MEMBER, ErrorCode.LAST_OWNER, ErrorCode.TOO_MANY_DEVICES,
    ErrorCode.WRONG_CODE, ErrorCode.CODE_EXPIRED, ErrorCode.CODE_USED, ErrorCode.TOO_LARGE,
    ErrorCode.WRONG_KEY, ErrorCode.UNTRUSTED_SERVER,
    -> Remedy.CHANGE_INPUT
    ErrorCode.IDENTITY_CHANGED, ErrorCode.UNTRUSTED_DEVICE -> Remedy.CHECK_IDENTITY
    ErrorCode.NOT_SIGNED_IN, ErrorCode.ACCESS_DENIED -> Remedy.SIGN_IN
    ErrorCode.OUTBOX_FULL, ErrorCode.UNAVAILABLE -> Remedy.WAIT
    ErrorCode.RATE_LIMITED, ErrorCode.ALREADY_OPEN, ErrorCode.PAUSED, ErrorCode.SHUT_DOWN ->
        Remedy.TRY_AGAIN
    ErrorCode.PROTOCOL, ErrorCode.UPDATE_NEEDED -> Remedy.UPDATE_APP
    ErrorCode.DISK_FULL -> Remedy.FREE_SPACE
    ErrorCode.DAMAGED, ErrorCode.ROLLED_BACK, ErrorCode.REVOKED -> Remedy.RE_ENROL
    ErrorCode.STORAGE, ErrorCode.INTERNAL, ErrorCode.KEY_STORE -> Remedy.REPORT
}

internal fun isId(value: String) = ID.matches(value)

internal fun checkId(what: String, value: String) {
    if (!isId(value)) {
        invalid("this is no $what id: it must be $ID_DIGITS hexadecimal digits")
    }
}

internal fun checkPerson(person: Person) {
    when (person) {
        is Person.Id -> checkId("user", person.user.value)
        is Person.Username -> checkUsername(person.username)
    }
}

internal fun checkUsername(name: String) {
    checkEncodable(name)
    if (!USERNAME.matches(name)) {
        invalid("a user name has 3 to 32 of a to z, 0 to 9, dot, underscore and hyphen")
    }
}

internal fun checkPassword(password: String) {
    checkEncodable(password)
    if (password.encodeToByteArray().size !in PASSWORD_BYTES) {
        invalid("a password has 10 to 256 bytes")
    }
}

internal fun checkText(text: String) {
    checkEncodable(text)
    if (text.isEmpty()) invalid("a text must not be empty")
    checkSize(text, TEXT_BYTES_MAX)
}

internal fun checkGroupName(name: String) {
    checkEncodable(name)
    if (name.any { it.isISOControl() || it in INVISIBLE }) {
        invalid("a name has no control characters and none that change the direction of text")
    }
    checkSize(name, NAME_BYTES_MAX)
}

internal fun checkLimit(limit: Int) {
    if (limit !in LIMIT) invalid("limit must be 1 to 200")
}

internal fun invalid(reason: String): Nothing = fail(ErrorCode.INVALID_ARGUMENT, reason)

private fun checkSize(text: String, bytesMax: Int) {
    if (text.encodeToByteArray().size > bytesMax) {
        fail(ErrorCode.TOO_LARGE, "over $bytesMax bytes of UTF-8")
    }
}

internal fun checkEncodable(text: String) {
    try {
        text.encodeToByteArray(throwOnInvalidSequence = true)
    } catch (_: CharacterCodingException) {
        invalid("a text has one half of a surrogate pair without the other")
    }
}
