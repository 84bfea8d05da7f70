// Generated from the Rust library by `cargo xtask bindings`. Do not edit.

@file:Suppress("NAME_SHADOWING")

package dev.whimbrel.ffi

// Common helper code.
//
// Ideally this would live in a separate .kt file where it can be unittested etc
// in isolation, and perhaps even published as a re-useable package.
//
// However, it's important that the details of how this helper code works (e.g. the
// way that different builtin types are passed across the FFI) exactly match what's
// expected by the Rust code on the other side of the interface. In practice right
// now that means coming from the exact some version of `uniffi` that was used to
// compile the Rust component. The easiest way to ensure this is to bundle the Kotlin
// helpers directly inline like we're doing here.

import com.sun.jna.Library
import com.sun.jna.IntegerType
import com.sun.jna.Native
import com.sun.jna.Pointer
import com.sun.jna.Structure
import com.sun.jna.Callback
import com.sun.jna.ptr.*
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.CharBuffer
import java.nio.charset.CodingErrorAction
import java.util.concurrent.atomic.AtomicLong
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.coroutines.resume
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.GlobalScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine

// This is a helper for safely working with byte buffers returned from the Rust code.
// A rust-owned buffer is represented by its capacity, its current length, and a
// pointer to the underlying data.

/**
 * @suppress
 */
@Structure.FieldOrder("capacity", "len", "data")
open class RustBuffer : Structure() {
    // Note: `capacity` and `len` are actually `ULong` values, but JVM only supports signed values.
    // When dealing with these fields, make sure to call `toULong()`.
    @JvmField var capacity: Long = 0
    @JvmField var len: Long = 0
    @JvmField var data: Pointer? = null

    class ByValue: RustBuffer(), Structure.ByValue
    class ByReference: RustBuffer(), Structure.ByReference

   internal fun setValue(other: RustBuffer) {
        capacity = other.capacity
        len = other.len
        data = other.data
    }

    companion object {
        internal fun alloc(size: ULong = 0UL) = uniffiRustCall() { status ->
            // Note: need to convert the size to a `Long` value to make this work with JVM.
            UniffiLib.ffi_whimbrel_ffi_rustbuffer_alloc(size.toLong(), status)
        }.also {
            if(it.data == null) {
               throw RuntimeException("RustBuffer.alloc() returned null data pointer (size=${size})")
           }
        }

        internal fun create(capacity: ULong, len: ULong, data: Pointer?): RustBuffer.ByValue {
            var buf = RustBuffer.ByValue()
            buf.capacity = capacity.toLong()
            buf.len = len.toLong()
            buf.data = data
            return buf
        }

        internal fun free(buf: RustBuffer.ByValue) = uniffiRustCall() { status ->
            UniffiLib.ffi_whimbrel_ffi_rustbuffer_free(buf, status)
        }
    }

    @Suppress("TooGenericExceptionThrown")
    fun asByteBuffer() =
        this.data?.getByteBuffer(0, this.len)?.also {
            it.order(ByteOrder.BIG_ENDIAN)
        }
}

// This is a helper for safely passing byte references into the rust code.
// It's not actually used at the moment, because there aren't many things that you
// can take a direct pointer to in the JVM, and if we're going to copy something
// then we might as well copy it into a `RustBuffer`. But it's here for API
// completeness.

@Structure.FieldOrder("len", "data")
internal open class ForeignBytes : Structure() {
    @JvmField var len: Int = 0
    @JvmField var data: Pointer? = null

    class ByValue : ForeignBytes(), Structure.ByValue
}

// Converter for `&[u8]` / `[ByRef] bytes` arguments.
//
// Only `lower` is valid — zero-copy byte buffers only flow foreign -> Rust,
// and only in argument position. `lift`, `read`, `write`, and
// `allocationSize` have no sound implementation here and all panic at
// runtime. The `FfiConverter` interface is implemented so that the
// compiler enforces the full method set (rather than relying on eyeball).
//
// The provided `ByteBuffer` MUST be direct — only direct buffers have a
// stable native address that JNA can expose via `getDirectBufferPointer`.
// The returned `ForeignBytes.ByValue` is only valid for the duration of
// the FFI call; the Rust side treats it as a borrow.
internal object FfiConverterByRefBytes : FfiConverter<java.nio.ByteBuffer, ForeignBytes.ByValue> {
    override fun lower(value: java.nio.ByteBuffer): ForeignBytes.ByValue {
        require(value.isDirect) { "UniFFI zero-copy &[u8] requires a direct ByteBuffer. Use ByteBuffer.allocateDirect()." }
        val remaining = value.remaining()
        val fb = ForeignBytes.ByValue()
        fb.len = remaining
        // Zero-length direct buffers: skip getDirectBufferPointer (platform-variable behavior)
        // and pass null. The Rust side treats (null, 0) as &[].
        fb.data = if (remaining == 0) null else com.sun.jna.Native.getDirectBufferPointer(value)
        return fb
    }

    override fun lift(value: ForeignBytes.ByValue): java.nio.ByteBuffer =
        error("ByRef bytes cannot be lifted: zero-copy &[u8] only flows foreign->Rust")

    override fun read(buf: java.nio.ByteBuffer): java.nio.ByteBuffer =
        error("ByRef bytes cannot be read from a buffer: zero-copy &[u8] is only supported in argument position, not nested in records/options/etc.")

    override fun write(value: java.nio.ByteBuffer, buf: java.nio.ByteBuffer): Unit =
        error("ByRef bytes cannot be written to a buffer: zero-copy &[u8] is only supported in argument position, not nested in records/options/etc.")

    override fun allocationSize(value: java.nio.ByteBuffer): ULong =
        error("ByRef bytes have no RustBuffer allocation size: zero-copy &[u8] is only supported in argument position, not nested in records/options/etc.")
}
/**
 * The FfiConverter interface handles converter types to and from the FFI
 *
 * All implementing objects should be public to support external types.  When a
 * type is external we need to import it's FfiConverter.
 *
 * @suppress
 */
public interface FfiConverter<KotlinType, FfiType> {
    // Convert an FFI type to a Kotlin type
    fun lift(value: FfiType): KotlinType

    // Convert an Kotlin type to an FFI type
    fun lower(value: KotlinType): FfiType

    // Read a Kotlin type from a `ByteBuffer`
    fun read(buf: ByteBuffer): KotlinType

    // Calculate bytes to allocate when creating a `RustBuffer`
    //
    // This must return at least as many bytes as the write() function will
    // write. It can return more bytes than needed, for example when writing
    // Strings we can't know the exact bytes needed until we the UTF-8
    // encoding, so we pessimistically allocate the largest size possible (3
    // bytes per codepoint).  Allocating extra bytes is not really a big deal
    // because the `RustBuffer` is short-lived.
    fun allocationSize(value: KotlinType): ULong

    // Write a Kotlin type to a `ByteBuffer`
    fun write(value: KotlinType, buf: ByteBuffer)

    // Lower a value into a `RustBuffer`
    //
    // This method lowers a value into a `RustBuffer` rather than the normal
    // FfiType.  It's used by the callback interface code.  Callback interface
    // returns are always serialized into a `RustBuffer` regardless of their
    // normal FFI type.
    fun lowerIntoRustBuffer(value: KotlinType): RustBuffer.ByValue {
        val rbuf = RustBuffer.alloc(allocationSize(value))
        try {
            val bbuf = rbuf.data!!.getByteBuffer(0, rbuf.capacity).also {
                it.order(ByteOrder.BIG_ENDIAN)
            }
            write(value, bbuf)
            rbuf.writeField("len", bbuf.position().toLong())
            return rbuf
        } catch (e: Throwable) {
            RustBuffer.free(rbuf)
            throw e
        }
    }

    // Lift a value from a `RustBuffer`.
    //
    // This here mostly because of the symmetry with `lowerIntoRustBuffer()`.
    // It's currently only used by the `FfiConverterRustBuffer` class below.
    fun liftFromRustBuffer(rbuf: RustBuffer.ByValue): KotlinType {
        val byteBuf = rbuf.asByteBuffer()!!
        try {
           val item = read(byteBuf)
           if (byteBuf.hasRemaining()) {
               throw RuntimeException("junk remaining in buffer after lifting, something is very wrong!!")
           }
           return item
        } finally {
            RustBuffer.free(rbuf)
        }
    }
}

/**
 * FfiConverter that uses `RustBuffer` as the FfiType
 *
 * @suppress
 */
public interface FfiConverterRustBuffer<KotlinType>: FfiConverter<KotlinType, RustBuffer.ByValue> {
    override fun lift(value: RustBuffer.ByValue) = liftFromRustBuffer(value)
    override fun lower(value: KotlinType) = lowerIntoRustBuffer(value)
}
// A handful of classes and functions to support the generated data structures.
// This would be a good candidate for isolating in its own ffi-support lib.

internal const val UNIFFI_CALL_SUCCESS = 0.toByte()
internal const val UNIFFI_CALL_ERROR = 1.toByte()
internal const val UNIFFI_CALL_UNEXPECTED_ERROR = 2.toByte()

@Structure.FieldOrder("code", "error_buf")
internal open class UniffiRustCallStatus : Structure() {
    @JvmField var code: Byte = 0
    @JvmField var error_buf: RustBuffer.ByValue = RustBuffer.ByValue()

    class ByValue: UniffiRustCallStatus(), Structure.ByValue

    fun isSuccess(): Boolean {
        return code == UNIFFI_CALL_SUCCESS
    }

    fun isError(): Boolean {
        return code == UNIFFI_CALL_ERROR
    }

    fun isPanic(): Boolean {
        return code == UNIFFI_CALL_UNEXPECTED_ERROR
    }

    companion object {
        fun create(code: Byte, errorBuf: RustBuffer.ByValue): UniffiRustCallStatus.ByValue {
            val callStatus = UniffiRustCallStatus.ByValue()
            callStatus.code = code
            callStatus.error_buf = errorBuf
            return callStatus
        }
    }
}

class InternalException(message: String) : kotlin.Exception(message)

/**
 * Each top-level error class has a companion object that can lift the error from the call status's rust buffer
 *
 * @suppress
 */
interface UniffiRustCallStatusErrorHandler<E> {
    fun lift(error_buf: RustBuffer.ByValue): E;
}

// Helpers for calling Rust
// In practice we usually need to be synchronized to call this safely, so it doesn't
// synchronize itself

// Call a rust function that returns a Result<>.  Pass in the Error class companion that corresponds to the Err
private inline fun <U, E: kotlin.Exception> uniffiRustCallWithError(errorHandler: UniffiRustCallStatusErrorHandler<E>, callback: (UniffiRustCallStatus) -> U): U {
    var status = UniffiRustCallStatus()
    val return_value = callback(status)
    uniffiCheckCallStatus(errorHandler, status)
    return return_value
}

// Check UniffiRustCallStatus and throw an error if the call wasn't successful
private fun<E: kotlin.Exception> uniffiCheckCallStatus(errorHandler: UniffiRustCallStatusErrorHandler<E>, status: UniffiRustCallStatus) {
    if (status.isSuccess()) {
        return
    } else if (status.isError()) {
        throw errorHandler.lift(status.error_buf)
    } else if (status.isPanic()) {
        // when the rust code sees a panic, it tries to construct a rustbuffer
        // with the message.  but if that code panics, then it just sends back
        // an empty buffer.
        if (status.error_buf.len > 0) {
            throw InternalException(FfiConverterString.lift(status.error_buf))
        } else {
            throw InternalException("Rust panic")
        }
    } else {
        throw InternalException("Unknown rust call status: $status.code")
    }
}

/**
 * UniffiRustCallStatusErrorHandler implementation for times when we don't expect a CALL_ERROR
 *
 * @suppress
 */
object UniffiNullRustCallStatusErrorHandler: UniffiRustCallStatusErrorHandler<InternalException> {
    override fun lift(error_buf: RustBuffer.ByValue): InternalException {
        RustBuffer.free(error_buf)
        return InternalException("Unexpected CALL_ERROR")
    }
}

// Call a rust function that returns a plain value
private inline fun <U> uniffiRustCall(callback: (UniffiRustCallStatus) -> U): U {
    return uniffiRustCallWithError(UniffiNullRustCallStatusErrorHandler, callback)
}

internal inline fun<T> uniffiTraitInterfaceCall(
    callStatus: UniffiRustCallStatus,
    makeCall: () -> T,
    writeReturn: (T) -> Unit,
) {
    try {
        writeReturn(makeCall())
    } catch(e: kotlin.Exception) {
        val err = try { e.stackTraceToString() } catch(_: Throwable) { "" }
        callStatus.code = UNIFFI_CALL_UNEXPECTED_ERROR
        callStatus.error_buf = FfiConverterString.lower(err)
    }
}

internal inline fun<T, reified E: Throwable> uniffiTraitInterfaceCallWithError(
    callStatus: UniffiRustCallStatus,
    makeCall: () -> T,
    writeReturn: (T) -> Unit,
    lowerError: (E) -> RustBuffer.ByValue
) {
    try {
        writeReturn(makeCall())
    } catch(e: kotlin.Exception) {
        if (e is E) {
            callStatus.code = UNIFFI_CALL_ERROR
            callStatus.error_buf = lowerError(e)
        } else {
            val err = try { e.stackTraceToString() } catch(_: Throwable) { "" }
            callStatus.code = UNIFFI_CALL_UNEXPECTED_ERROR
            callStatus.error_buf = FfiConverterString.lower(err)
        }
    }
}
// Initial value and increment amount for handles.
// These ensure that Kotlin-generated handles always have the lowest bit set
private const val UNIFFI_HANDLEMAP_INITIAL = 1.toLong()
private const val UNIFFI_HANDLEMAP_DELTA = 2.toLong()

// Map handles to objects
//
// This is used pass an opaque 64-bit handle representing a foreign object to the Rust code.
internal class UniffiHandleMap<T: Any> {
    private val map = ConcurrentHashMap<Long, T>()
    // Start
    private val counter = java.util.concurrent.atomic.AtomicLong(UNIFFI_HANDLEMAP_INITIAL)

    val size: Int
        get() = map.size

    // Insert a new object into the handle map and get a handle for it
    fun insert(obj: T): Long {
        val handle = counter.getAndAdd(UNIFFI_HANDLEMAP_DELTA)
        map.put(handle, obj)
        return handle
    }

    // Clone a handle, creating a new one
    fun clone(handle: Long): Long {
        val obj = map.get(handle) ?: throw InternalException("UniffiHandleMap.clone: Invalid handle")
        return insert(obj)
    }

    // Get an object from the handle map
    fun get(handle: Long): T {
        return map.get(handle) ?: throw InternalException("UniffiHandleMap.get: Invalid handle")
    }

    // Remove an entry from the handlemap and get the Kotlin object back
    fun remove(handle: Long): T {
        return map.remove(handle) ?: throw InternalException("UniffiHandleMap: Invalid handle")
    }
}

// Contains loading, initialization code,
// and the FFI Function declarations in a com.sun.jna.Library.
@Synchronized
private fun findLibraryName(componentName: String): String {
    val libOverride = System.getProperty("uniffi.component.$componentName.libraryOverride")
    if (libOverride != null) {
        return libOverride
    }
    return "whimbrel_ffi"
}

// Define FFI callback types
internal interface UniffiRustFutureContinuationCallback : com.sun.jna.Callback {
    fun callback(`data`: Long,`pollResult`: Byte,)
}
internal interface UniffiForeignFutureDroppedCallback : com.sun.jna.Callback {
    fun callback(`handle`: Long,)
}
internal interface UniffiCallbackInterfaceFree : com.sun.jna.Callback {
    fun callback(`handle`: Long,)
}
internal interface UniffiCallbackInterfaceClone : com.sun.jna.Callback {
    fun callback(`handle`: Long,)
    : Long
}
@Structure.FieldOrder("handle", "free")
internal open class UniffiForeignFutureDroppedCallbackStruct(
    @JvmField internal var `handle`: Long = 0.toLong(),
    @JvmField internal var `free`: UniffiForeignFutureDroppedCallback? = null,
) : Structure() {
    class UniffiByValue(
        `handle`: Long = 0.toLong(),
        `free`: UniffiForeignFutureDroppedCallback? = null,
    ): UniffiForeignFutureDroppedCallbackStruct(`handle`,`free`,), Structure.ByValue

   internal fun uniffiSetValue(other: UniffiForeignFutureDroppedCallbackStruct) {
        `handle` = other.`handle`
        `free` = other.`free`
    }

}
@Structure.FieldOrder("returnValue", "callStatus")
internal open class UniffiForeignFutureResultU8(
    @JvmField internal var `returnValue`: Byte = 0.toByte(),
    @JvmField internal var `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
) : Structure() {
    class UniffiByValue(
        `returnValue`: Byte = 0.toByte(),
        `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
    ): UniffiForeignFutureResultU8(`returnValue`,`callStatus`,), Structure.ByValue

   internal fun uniffiSetValue(other: UniffiForeignFutureResultU8) {
        `returnValue` = other.`returnValue`
        `callStatus` = other.`callStatus`
    }

}
internal interface UniffiForeignFutureCompleteU8 : com.sun.jna.Callback {
    fun callback(`callbackData`: Long,`result`: UniffiForeignFutureResultU8.UniffiByValue,)
}
@Structure.FieldOrder("returnValue", "callStatus")
internal open class UniffiForeignFutureResultI8(
    @JvmField internal var `returnValue`: Byte = 0.toByte(),
    @JvmField internal var `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
) : Structure() {
    class UniffiByValue(
        `returnValue`: Byte = 0.toByte(),
        `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
    ): UniffiForeignFutureResultI8(`returnValue`,`callStatus`,), Structure.ByValue

   internal fun uniffiSetValue(other: UniffiForeignFutureResultI8) {
        `returnValue` = other.`returnValue`
        `callStatus` = other.`callStatus`
    }

}
internal interface UniffiForeignFutureCompleteI8 : com.sun.jna.Callback {
    fun callback(`callbackData`: Long,`result`: UniffiForeignFutureResultI8.UniffiByValue,)
}
@Structure.FieldOrder("returnValue", "callStatus")
internal open class UniffiForeignFutureResultU16(
    @JvmField internal var `returnValue`: Short = 0.toShort(),
    @JvmField internal var `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
) : Structure() {
    class UniffiByValue(
        `returnValue`: Short = 0.toShort(),
        `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
    ): UniffiForeignFutureResultU16(`returnValue`,`callStatus`,), Structure.ByValue

   internal fun uniffiSetValue(other: UniffiForeignFutureResultU16) {
        `returnValue` = other.`returnValue`
        `callStatus` = other.`callStatus`
    }

}
internal interface UniffiForeignFutureCompleteU16 : com.sun.jna.Callback {
    fun callback(`callbackData`: Long,`result`: UniffiForeignFutureResultU16.UniffiByValue,)
}
@Structure.FieldOrder("returnValue", "callStatus")
internal open class UniffiForeignFutureResultI16(
    @JvmField internal var `returnValue`: Short = 0.toShort(),
    @JvmField internal var `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
) : Structure() {
    class UniffiByValue(
        `returnValue`: Short = 0.toShort(),
        `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
    ): UniffiForeignFutureResultI16(`returnValue`,`callStatus`,), Structure.ByValue

   internal fun uniffiSetValue(other: UniffiForeignFutureResultI16) {
        `returnValue` = other.`returnValue`
        `callStatus` = other.`callStatus`
    }

}
internal interface UniffiForeignFutureCompleteI16 : com.sun.jna.Callback {
    fun callback(`callbackData`: Long,`result`: UniffiForeignFutureResultI16.UniffiByValue,)
}
@Structure.FieldOrder("returnValue", "callStatus")
internal open class UniffiForeignFutureResultU32(
    @JvmField internal var `returnValue`: Int = 0,
    @JvmField internal var `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
) : Structure() {
    class UniffiByValue(
        `returnValue`: Int = 0,
        `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
    ): UniffiForeignFutureResultU32(`returnValue`,`callStatus`,), Structure.ByValue

   internal fun uniffiSetValue(other: UniffiForeignFutureResultU32) {
        `returnValue` = other.`returnValue`
        `callStatus` = other.`callStatus`
    }

}
internal interface UniffiForeignFutureCompleteU32 : com.sun.jna.Callback {
    fun callback(`callbackData`: Long,`result`: UniffiForeignFutureResultU32.UniffiByValue,)
}
@Structure.FieldOrder("returnValue", "callStatus")
internal open class UniffiForeignFutureResultI32(
    @JvmField internal var `returnValue`: Int = 0,
    @JvmField internal var `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
) : Structure() {
    class UniffiByValue(
        `returnValue`: Int = 0,
        `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
    ): UniffiForeignFutureResultI32(`returnValue`,`callStatus`,), Structure.ByValue

   internal fun uniffiSetValue(other: UniffiForeignFutureResultI32) {
        `returnValue` = other.`returnValue`
        `callStatus` = other.`callStatus`
    }

}
internal interface UniffiForeignFutureCompleteI32 : com.sun.jna.Callback {
    fun callback(`callbackData`: Long,`result`: UniffiForeignFutureResultI32.UniffiByValue,)
}
@Structure.FieldOrder("returnValue", "callStatus")
internal open class UniffiForeignFutureResultU64(
    @JvmField internal var `returnValue`: Long = 0.toLong(),
    @JvmField internal var `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
) : Structure() {
    class UniffiByValue(
        `returnValue`: Long = 0.toLong(),
        `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
    ): UniffiForeignFutureResultU64(`returnValue`,`callStatus`,), Structure.ByValue

   internal fun uniffiSetValue(other: UniffiForeignFutureResultU64) {
        `returnValue` = other.`returnValue`
        `callStatus` = other.`callStatus`
    }

}
internal interface UniffiForeignFutureCompleteU64 : com.sun.jna.Callback {
    fun callback(`callbackData`: Long,`result`: UniffiForeignFutureResultU64.UniffiByValue,)
}
@Structure.FieldOrder("returnValue", "callStatus")
internal open class UniffiForeignFutureResultI64(
    @JvmField internal var `returnValue`: Long = 0.toLong(),
    @JvmField internal var `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
) : Structure() {
    class UniffiByValue(
        `returnValue`: Long = 0.toLong(),
        `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
    ): UniffiForeignFutureResultI64(`returnValue`,`callStatus`,), Structure.ByValue

   internal fun uniffiSetValue(other: UniffiForeignFutureResultI64) {
        `returnValue` = other.`returnValue`
        `callStatus` = other.`callStatus`
    }

}
internal interface UniffiForeignFutureCompleteI64 : com.sun.jna.Callback {
    fun callback(`callbackData`: Long,`result`: UniffiForeignFutureResultI64.UniffiByValue,)
}
@Structure.FieldOrder("returnValue", "callStatus")
internal open class UniffiForeignFutureResultF32(
    @JvmField internal var `returnValue`: Float = 0.0f,
    @JvmField internal var `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
) : Structure() {
    class UniffiByValue(
        `returnValue`: Float = 0.0f,
        `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
    ): UniffiForeignFutureResultF32(`returnValue`,`callStatus`,), Structure.ByValue

   internal fun uniffiSetValue(other: UniffiForeignFutureResultF32) {
        `returnValue` = other.`returnValue`
        `callStatus` = other.`callStatus`
    }

}
internal interface UniffiForeignFutureCompleteF32 : com.sun.jna.Callback {
    fun callback(`callbackData`: Long,`result`: UniffiForeignFutureResultF32.UniffiByValue,)
}
@Structure.FieldOrder("returnValue", "callStatus")
internal open class UniffiForeignFutureResultF64(
    @JvmField internal var `returnValue`: Double = 0.0,
    @JvmField internal var `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
) : Structure() {
    class UniffiByValue(
        `returnValue`: Double = 0.0,
        `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
    ): UniffiForeignFutureResultF64(`returnValue`,`callStatus`,), Structure.ByValue

   internal fun uniffiSetValue(other: UniffiForeignFutureResultF64) {
        `returnValue` = other.`returnValue`
        `callStatus` = other.`callStatus`
    }

}
internal interface UniffiForeignFutureCompleteF64 : com.sun.jna.Callback {
    fun callback(`callbackData`: Long,`result`: UniffiForeignFutureResultF64.UniffiByValue,)
}
@Structure.FieldOrder("returnValue", "callStatus")
internal open class UniffiForeignFutureResultRustBuffer(
    @JvmField internal var `returnValue`: RustBuffer.ByValue = RustBuffer.ByValue(),
    @JvmField internal var `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
) : Structure() {
    class UniffiByValue(
        `returnValue`: RustBuffer.ByValue = RustBuffer.ByValue(),
        `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
    ): UniffiForeignFutureResultRustBuffer(`returnValue`,`callStatus`,), Structure.ByValue

   internal fun uniffiSetValue(other: UniffiForeignFutureResultRustBuffer) {
        `returnValue` = other.`returnValue`
        `callStatus` = other.`callStatus`
    }

}
internal interface UniffiForeignFutureCompleteRustBuffer : com.sun.jna.Callback {
    fun callback(`callbackData`: Long,`result`: UniffiForeignFutureResultRustBuffer.UniffiByValue,)
}
@Structure.FieldOrder("callStatus")
internal open class UniffiForeignFutureResultVoid(
    @JvmField internal var `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
) : Structure() {
    class UniffiByValue(
        `callStatus`: UniffiRustCallStatus.ByValue = UniffiRustCallStatus.ByValue(),
    ): UniffiForeignFutureResultVoid(`callStatus`,), Structure.ByValue

   internal fun uniffiSetValue(other: UniffiForeignFutureResultVoid) {
        `callStatus` = other.`callStatus`
    }

}
internal interface UniffiForeignFutureCompleteVoid : com.sun.jna.Callback {
    fun callback(`callbackData`: Long,`result`: UniffiForeignFutureResultVoid.UniffiByValue,)
}
internal interface UniffiCallbackInterfaceKeyStoreMethod0 : com.sun.jna.Callback {
    fun callback(`uniffiHandle`: Long,`uniffiOutReturn`: RustBuffer,uniffiCallStatus: UniffiRustCallStatus,)
}
internal interface UniffiCallbackInterfaceKeyStoreMethod1 : com.sun.jna.Callback {
    fun callback(`uniffiHandle`: Long,`key`: RustBuffer.ByValue,`uniffiOutReturn`: Pointer,uniffiCallStatus: UniffiRustCallStatus,)
}
internal interface UniffiCallbackInterfaceLogSinkMethod0 : com.sun.jna.Callback {
    fun callback(`uniffiHandle`: Long,`line`: RustBuffer.ByValue,`uniffiOutReturn`: Pointer,uniffiCallStatus: UniffiRustCallStatus,)
}
@Structure.FieldOrder("uniffiFree", "uniffiClone", "loadKey", "storeKey")
internal open class UniffiVTableCallbackInterfaceKeyStore(
    @JvmField internal var `uniffiFree`: UniffiCallbackInterfaceFree? = null,
    @JvmField internal var `uniffiClone`: UniffiCallbackInterfaceClone? = null,
    @JvmField internal var `loadKey`: UniffiCallbackInterfaceKeyStoreMethod0? = null,
    @JvmField internal var `storeKey`: UniffiCallbackInterfaceKeyStoreMethod1? = null,
) : Structure() {
    class UniffiByValue(
        `uniffiFree`: UniffiCallbackInterfaceFree? = null,
        `uniffiClone`: UniffiCallbackInterfaceClone? = null,
        `loadKey`: UniffiCallbackInterfaceKeyStoreMethod0? = null,
        `storeKey`: UniffiCallbackInterfaceKeyStoreMethod1? = null,
    ): UniffiVTableCallbackInterfaceKeyStore(`uniffiFree`,`uniffiClone`,`loadKey`,`storeKey`,), Structure.ByValue

   internal fun uniffiSetValue(other: UniffiVTableCallbackInterfaceKeyStore) {
        `uniffiFree` = other.`uniffiFree`
        `uniffiClone` = other.`uniffiClone`
        `loadKey` = other.`loadKey`
        `storeKey` = other.`storeKey`
    }

}
@Structure.FieldOrder("uniffiFree", "uniffiClone", "log")
internal open class UniffiVTableCallbackInterfaceLogSink(
    @JvmField internal var `uniffiFree`: UniffiCallbackInterfaceFree? = null,
    @JvmField internal var `uniffiClone`: UniffiCallbackInterfaceClone? = null,
    @JvmField internal var `log`: UniffiCallbackInterfaceLogSinkMethod0? = null,
) : Structure() {
    class UniffiByValue(
        `uniffiFree`: UniffiCallbackInterfaceFree? = null,
        `uniffiClone`: UniffiCallbackInterfaceClone? = null,
        `log`: UniffiCallbackInterfaceLogSinkMethod0? = null,
    ): UniffiVTableCallbackInterfaceLogSink(`uniffiFree`,`uniffiClone`,`log`,), Structure.ByValue

   internal fun uniffiSetValue(other: UniffiVTableCallbackInterfaceLogSink) {
        `uniffiFree` = other.`uniffiFree`
        `uniffiClone` = other.`uniffiClone`
        `log` = other.`log`
    }

}

// A JNA Library to expose the extern-C FFI definitions.
// This is an implementation detail which will be called internally by the public API.

// For large crates we prevent `MethodTooLargeException` (see #2340)
// N.B. the name of the extension is very misleading, since it is
// rather `InterfaceTooLargeException`, caused by too many methods
// in the interface for large crates.
//
// By splitting the otherwise huge interface into two parts
// * UniffiLib (this)
// * IntegrityCheckingUniffiLib
// And all checksum methods are put into `IntegrityCheckingUniffiLib`
// we allow for ~2x as many methods in the UniffiLib interface.
//
// Note: above all written when we used JNA's `loadIndirect` etc.
// We now use JNA's "direct mapping" - unclear if same considerations apply exactly.
internal object IntegrityCheckingUniffiLib {
    init {
        Native.register(IntegrityCheckingUniffiLib::class.java, findLibraryName(componentName = "whimbrel_ffi"))
        uniffiCheckContractApiVersion(this)
        uniffiCheckApiChecksums(this)
    }

    internal fun ensureInitialized() = Unit
    external fun uniffi_whimbrel_ffi_checksum_func_error_codes(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_func_error_name(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_func_library_version(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_func_panic_async(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_func_panic_now(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_func_open_notification(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativechanges_finish(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativechanges_next_batch(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_account(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_set_network(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_state(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_subscribe(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_add_members(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_conversation(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_conversations(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_create_direct(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_create_group(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_epoch_code(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_focus(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_leave(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_members(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_remove_member(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_rename(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_set_roles(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_devices(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_link_approve(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_link_cancel(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_link_inspect(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_link_refuse(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_link_start(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_link_wait(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_recovery_code(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_revoke_device(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_pause(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_resume(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_shutdown(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_sync_once(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_delete(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_discard(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_edit(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_mark_read(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_message(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_messages(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_outbox(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_retry(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_send(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_accept_identity(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_contact(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_matches_safety_qr(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_set_verified(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_re_enrol(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_recover(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_register(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_sign_in(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_nativeclient_sign_out(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_keystore_load_key(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_keystore_store_key(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_method_logsink_log(
    ): Int
    external fun uniffi_whimbrel_ffi_checksum_constructor_nativeclient_open(
    ): Int
    external fun ffi_whimbrel_ffi_uniffi_contract_version(
    ): Int


}

internal object UniffiLib {

    // The Cleaner for the whole library
    internal val CLEANER: UniffiCleaner by lazy {
        UniffiCleaner.create()
    }


    init {
        Native.register(UniffiLib::class.java, findLibraryName(componentName = "whimbrel_ffi"))
        uniffiCallbackInterfaceKeyStore.register(this)
        uniffiCallbackInterfaceLogSink.register(this)

    }

    internal fun ensureInitialized() = Unit
    external fun uniffi_whimbrel_ffi_fn_clone_nativechanges(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_free_nativechanges(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Unit
    external fun uniffi_whimbrel_ffi_fn_method_nativechanges_finish(`ptr`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Unit
    external fun uniffi_whimbrel_ffi_fn_method_nativechanges_next_batch(`ptr`: Long,`max`: Int,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_clone_nativeclient(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_free_nativeclient(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Unit
    external fun uniffi_whimbrel_ffi_fn_constructor_nativeclient_open(`options`: RustBuffer.ByValue,`keyStore`: Long,`logSink`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_account(`ptr`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): RustBuffer.ByValue
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_set_network(`ptr`: Long,`network`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_state(`ptr`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): RustBuffer.ByValue
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_subscribe(`ptr`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_add_members(`ptr`: Long,`conversation`: RustBuffer.ByValue,`people`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_conversation(`ptr`: Long,`conversation`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_conversations(`ptr`: Long,`offset`: Int,`limit`: Int,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_create_direct(`ptr`: Long,`peer`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_create_group(`ptr`: Long,`name`: RustBuffer.ByValue,`members`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_epoch_code(`ptr`: Long,`conversation`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_focus(`ptr`: Long,`conversation`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_leave(`ptr`: Long,`conversation`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_members(`ptr`: Long,`conversation`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_remove_member(`ptr`: Long,`conversation`: RustBuffer.ByValue,`user`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_rename(`ptr`: Long,`conversation`: RustBuffer.ByValue,`name`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_set_roles(`ptr`: Long,`conversation`: RustBuffer.ByValue,`roles`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_devices(`ptr`: Long,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_link_approve(`ptr`: Long,`code`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_link_cancel(`ptr`: Long,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_link_inspect(`ptr`: Long,`code`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_link_refuse(`ptr`: Long,`code`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_link_start(`ptr`: Long,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_link_wait(`ptr`: Long,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_recovery_code(`ptr`: Long,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_revoke_device(`ptr`: Long,`device`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_pause(`ptr`: Long,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_resume(`ptr`: Long,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_shutdown(`ptr`: Long,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_sync_once(`ptr`: Long,`budgetMs`: Long,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_delete(`ptr`: Long,`conversation`: RustBuffer.ByValue,`message`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_discard(`ptr`: Long,`item`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_edit(`ptr`: Long,`conversation`: RustBuffer.ByValue,`message`: RustBuffer.ByValue,`text`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_mark_read(`ptr`: Long,`conversation`: RustBuffer.ByValue,`message`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_message(`ptr`: Long,`conversation`: RustBuffer.ByValue,`message`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_messages(`ptr`: Long,`conversation`: RustBuffer.ByValue,`page`: RustBuffer.ByValue,`limit`: Int,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_outbox(`ptr`: Long,`conversation`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_retry(`ptr`: Long,`item`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_send(`ptr`: Long,`conversation`: RustBuffer.ByValue,`text`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_accept_identity(`ptr`: Long,`user`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_contact(`ptr`: Long,`user`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_matches_safety_qr(`ptr`: Long,`user`: RustBuffer.ByValue,`scanned`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_set_verified(`ptr`: Long,`user`: RustBuffer.ByValue,`verified`: Byte,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_re_enrol(`ptr`: Long,`password`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_recover(`ptr`: Long,`username`: RustBuffer.ByValue,`password`: RustBuffer.ByValue,`code`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_register(`ptr`: Long,`username`: RustBuffer.ByValue,`password`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_sign_in(`ptr`: Long,`username`: RustBuffer.ByValue,`password`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_method_nativeclient_sign_out(`ptr`: Long,`how`: RustBuffer.ByValue,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_clone_keystore(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_free_keystore(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Unit
    external fun uniffi_whimbrel_ffi_fn_init_callback_vtable_keystore(`vtable`: UniffiVTableCallbackInterfaceKeyStore,
    ): Unit
    external fun uniffi_whimbrel_ffi_fn_method_keystore_load_key(`ptr`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): RustBuffer.ByValue
    external fun uniffi_whimbrel_ffi_fn_method_keystore_store_key(`ptr`: Long,`key`: RustBuffer.ByValue,uniffi_out_err: UniffiRustCallStatus,
    ): Unit
    external fun uniffi_whimbrel_ffi_fn_clone_logsink(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Long
    external fun uniffi_whimbrel_ffi_fn_free_logsink(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Unit
    external fun uniffi_whimbrel_ffi_fn_init_callback_vtable_logsink(`vtable`: UniffiVTableCallbackInterfaceLogSink,
    ): Unit
    external fun uniffi_whimbrel_ffi_fn_method_logsink_log(`ptr`: Long,`line`: RustBuffer.ByValue,uniffi_out_err: UniffiRustCallStatus,
    ): Unit
    external fun uniffi_whimbrel_ffi_fn_func_error_codes(uniffi_out_err: UniffiRustCallStatus,
    ): RustBuffer.ByValue
    external fun uniffi_whimbrel_ffi_fn_func_error_name(`code`: RustBuffer.ByValue,uniffi_out_err: UniffiRustCallStatus,
    ): RustBuffer.ByValue
    external fun uniffi_whimbrel_ffi_fn_func_library_version(uniffi_out_err: UniffiRustCallStatus,
    ): RustBuffer.ByValue
    external fun uniffi_whimbrel_ffi_fn_func_panic_async(
    ): Long
    external fun uniffi_whimbrel_ffi_fn_func_panic_now(uniffi_out_err: UniffiRustCallStatus,
    ): Unit
    external fun uniffi_whimbrel_ffi_fn_func_open_notification(`dataFolder`: RustBuffer.ByValue,`keyStore`: Long,`payload`: RustBuffer.ByValue,
    ): Long
    external fun ffi_whimbrel_ffi_rustbuffer_alloc(`size`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): RustBuffer.ByValue
    external fun ffi_whimbrel_ffi_rustbuffer_from_bytes(`bytes`: ForeignBytes.ByValue,uniffi_out_err: UniffiRustCallStatus,
    ): RustBuffer.ByValue
    external fun ffi_whimbrel_ffi_rustbuffer_free(`buf`: RustBuffer.ByValue,uniffi_out_err: UniffiRustCallStatus,
    ): Unit
    external fun ffi_whimbrel_ffi_rustbuffer_reserve(`buf`: RustBuffer.ByValue,`additional`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): RustBuffer.ByValue
    external fun ffi_whimbrel_ffi_rust_future_poll_u8(`handle`: Long,`callback`: UniffiRustFutureContinuationCallback,`callbackData`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_cancel_u8(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_free_u8(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_complete_u8(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Int
    external fun ffi_whimbrel_ffi_rust_future_poll_i8(`handle`: Long,`callback`: UniffiRustFutureContinuationCallback,`callbackData`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_cancel_i8(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_free_i8(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_complete_i8(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Byte
    external fun ffi_whimbrel_ffi_rust_future_poll_u16(`handle`: Long,`callback`: UniffiRustFutureContinuationCallback,`callbackData`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_cancel_u16(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_free_u16(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_complete_u16(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Int
    external fun ffi_whimbrel_ffi_rust_future_poll_i16(`handle`: Long,`callback`: UniffiRustFutureContinuationCallback,`callbackData`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_cancel_i16(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_free_i16(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_complete_i16(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Short
    external fun ffi_whimbrel_ffi_rust_future_poll_u32(`handle`: Long,`callback`: UniffiRustFutureContinuationCallback,`callbackData`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_cancel_u32(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_free_u32(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_complete_u32(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Int
    external fun ffi_whimbrel_ffi_rust_future_poll_i32(`handle`: Long,`callback`: UniffiRustFutureContinuationCallback,`callbackData`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_cancel_i32(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_free_i32(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_complete_i32(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Int
    external fun ffi_whimbrel_ffi_rust_future_poll_u64(`handle`: Long,`callback`: UniffiRustFutureContinuationCallback,`callbackData`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_cancel_u64(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_free_u64(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_complete_u64(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Long
    external fun ffi_whimbrel_ffi_rust_future_poll_i64(`handle`: Long,`callback`: UniffiRustFutureContinuationCallback,`callbackData`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_cancel_i64(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_free_i64(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_complete_i64(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Long
    external fun ffi_whimbrel_ffi_rust_future_poll_f32(`handle`: Long,`callback`: UniffiRustFutureContinuationCallback,`callbackData`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_cancel_f32(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_free_f32(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_complete_f32(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Float
    external fun ffi_whimbrel_ffi_rust_future_poll_f64(`handle`: Long,`callback`: UniffiRustFutureContinuationCallback,`callbackData`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_cancel_f64(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_free_f64(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_complete_f64(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Double
    external fun ffi_whimbrel_ffi_rust_future_poll_rust_buffer(`handle`: Long,`callback`: UniffiRustFutureContinuationCallback,`callbackData`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_cancel_rust_buffer(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_free_rust_buffer(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_complete_rust_buffer(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): RustBuffer.ByValue
    external fun ffi_whimbrel_ffi_rust_future_poll_void(`handle`: Long,`callback`: UniffiRustFutureContinuationCallback,`callbackData`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_cancel_void(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_free_void(`handle`: Long,
    ): Unit
    external fun ffi_whimbrel_ffi_rust_future_complete_void(`handle`: Long,uniffi_out_err: UniffiRustCallStatus,
    ): Unit


}

private fun uniffiCheckContractApiVersion(lib: IntegrityCheckingUniffiLib) {
    // Get the bindings contract version from our ComponentInterface
    val bindings_contract_version = 30
    // Get the scaffolding contract version by calling the into the dylib
    val scaffolding_contract_version = lib.ffi_whimbrel_ffi_uniffi_contract_version()
    if (bindings_contract_version != scaffolding_contract_version) {
        throw RuntimeException("UniFFI contract version mismatch: try cleaning and rebuilding your project")
    }
}
@Suppress("UNUSED_PARAMETER")
private fun uniffiCheckApiChecksums(lib: IntegrityCheckingUniffiLib) {
    if ((lib.uniffi_whimbrel_ffi_checksum_func_error_codes() and 0xFFFF) != 37628) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_func_error_name() and 0xFFFF) != 58437) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_func_library_version() and 0xFFFF) != 35214) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_func_panic_async() and 0xFFFF) != 50674) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_func_panic_now() and 0xFFFF) != 35112) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_func_open_notification() and 0xFFFF) != 58311) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativechanges_finish() and 0xFFFF) != 21548) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativechanges_next_batch() and 0xFFFF) != 39709) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_account() and 0xFFFF) != 3126) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_set_network() and 0xFFFF) != 2407) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_state() and 0xFFFF) != 17891) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_subscribe() and 0xFFFF) != 56766) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_add_members() and 0xFFFF) != 9156) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_conversation() and 0xFFFF) != 22644) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_conversations() and 0xFFFF) != 52400) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_create_direct() and 0xFFFF) != 14099) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_create_group() and 0xFFFF) != 21149) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_epoch_code() and 0xFFFF) != 62695) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_focus() and 0xFFFF) != 54243) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_leave() and 0xFFFF) != 41305) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_members() and 0xFFFF) != 44054) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_remove_member() and 0xFFFF) != 17300) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_rename() and 0xFFFF) != 41125) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_set_roles() and 0xFFFF) != 61291) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_devices() and 0xFFFF) != 11764) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_link_approve() and 0xFFFF) != 54414) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_link_cancel() and 0xFFFF) != 52355) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_link_inspect() and 0xFFFF) != 21277) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_link_refuse() and 0xFFFF) != 30730) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_link_start() and 0xFFFF) != 16040) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_link_wait() and 0xFFFF) != 58660) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_recovery_code() and 0xFFFF) != 41693) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_revoke_device() and 0xFFFF) != 16199) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_pause() and 0xFFFF) != 30705) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_resume() and 0xFFFF) != 35180) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_shutdown() and 0xFFFF) != 37442) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_sync_once() and 0xFFFF) != 22948) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_delete() and 0xFFFF) != 17189) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_discard() and 0xFFFF) != 37331) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_edit() and 0xFFFF) != 41053) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_mark_read() and 0xFFFF) != 43732) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_message() and 0xFFFF) != 10619) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_messages() and 0xFFFF) != 2124) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_outbox() and 0xFFFF) != 31311) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_retry() and 0xFFFF) != 27588) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_send() and 0xFFFF) != 26548) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_accept_identity() and 0xFFFF) != 13764) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_contact() and 0xFFFF) != 57157) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_matches_safety_qr() and 0xFFFF) != 42536) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_set_verified() and 0xFFFF) != 18932) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_re_enrol() and 0xFFFF) != 32115) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_recover() and 0xFFFF) != 55745) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_register() and 0xFFFF) != 2980) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_sign_in() and 0xFFFF) != 31053) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_nativeclient_sign_out() and 0xFFFF) != 8890) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_keystore_load_key() and 0xFFFF) != 61363) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_keystore_store_key() and 0xFFFF) != 38756) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_method_logsink_log() and 0xFFFF) != 22856) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
    if ((lib.uniffi_whimbrel_ffi_checksum_constructor_nativeclient_open() and 0xFFFF) != 11791) {
        throw RuntimeException("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
}

/**
 * @suppress
 */
public fun uniffiEnsureInitialized() {
    // Call arbitrary methods on IntegrityCheckingUniffiLib and UniffiLib to ensure that
    // their init blocks run. This ensures initialization across crates works as expected.
    IntegrityCheckingUniffiLib.ensureInitialized()
    UniffiLib.ensureInitialized()
}

// Async support
// Async return type handlers

internal const val UNIFFI_RUST_FUTURE_POLL_READY = 0.toByte()
internal const val UNIFFI_RUST_FUTURE_POLL_WAKE = 1.toByte()

internal val uniffiContinuationHandleMap = UniffiHandleMap<CancellableContinuation<Byte>>()

// FFI type for Rust future continuations
internal object uniffiRustFutureContinuationCallbackImpl: UniffiRustFutureContinuationCallback {
    override fun callback(data: Long, pollResult: Byte) {
        uniffiContinuationHandleMap.remove(data).resume(pollResult)
    }
}

internal suspend fun<T, F, E: kotlin.Exception> uniffiRustCallAsync(
    rustFuture: Long,
    pollFunc: (Long, UniffiRustFutureContinuationCallback, Long) -> Unit,
    completeFunc: (Long, UniffiRustCallStatus) -> F,
    freeFunc: (Long) -> Unit,
    liftFunc: (F) -> T,
    errorHandler: UniffiRustCallStatusErrorHandler<E>
): T {
    try {
        do {
            val pollResult = suspendCancellableCoroutine<Byte> { continuation ->
                pollFunc(
                    rustFuture,
                    uniffiRustFutureContinuationCallbackImpl,
                    uniffiContinuationHandleMap.insert(continuation)
                )
            }
        } while (pollResult != UNIFFI_RUST_FUTURE_POLL_READY);

        return liftFunc(
            uniffiRustCallWithError(errorHandler, { status -> completeFunc(rustFuture, status) })
        )
    } finally {
        freeFunc(rustFuture)
    }
}

// Public interface members begin here.


// Interface implemented by anything that can contain an object reference.
//
// Such types expose a `destroy()` method that must be called to cleanly
// dispose of the contained objects. Failure to call this method may result
// in memory leaks.
//
// The easiest way to ensure this method is called is to use the `.use`
// helper method to execute a block and destroy the object at the end.
interface Disposable {
    fun destroy()
    companion object {
        fun destroy(vararg args: Any?) {
            for (arg in args) {
                when (arg) {
                    is Disposable -> arg.destroy()
                    is ArrayList<*> -> {
                        for (idx in arg.indices) {
                            val element = arg[idx]
                            if (element is Disposable) {
                                element.destroy()
                            }
                        }
                    }
                    is Map<*, *> -> {
                        for (element in arg.values) {
                            if (element is Disposable) {
                                element.destroy()
                            }
                        }
                    }
                    is Iterable<*> -> {
                        for (element in arg) {
                            if (element is Disposable) {
                                element.destroy()
                            }
                        }
                    }
                }
            }
        }
    }
}

/**
 * @suppress
 */
inline fun <T : Disposable?, R> T.use(block: (T) -> R) =
    try {
        block(this)
    } finally {
        try {
            // N.B. our implementation is on the nullable type `Disposable?`.
            this?.destroy()
        } catch (e: Throwable) {
            // swallow
        }
    }

/**
 * Placeholder object used to signal that we're constructing an interface with a FFI handle.
 *
 * This is the first argument for interface constructors that input a raw handle. It exists is that
 * so we can avoid signature conflicts when an interface has a regular constructor than inputs a
 * Long.
 *
 * @suppress
 * */
object UniffiWithHandle

/**
 * Used to instantiate an interface without an actual pointer, for fakes in tests, mostly.
 *
 * @suppress
 * */
object NoHandle// Magic number for the Rust proxy to call using the same mechanism as every other method,
// to free the callback once it's dropped by Rust.
internal const val IDX_CALLBACK_FREE = 0
// Callback return codes
internal const val UNIFFI_CALLBACK_SUCCESS = 0
internal const val UNIFFI_CALLBACK_ERROR = 1
internal const val UNIFFI_CALLBACK_UNEXPECTED_ERROR = 2

/**
 * @suppress
 */
public abstract class FfiConverterCallbackInterface<CallbackInterface: Any>: FfiConverter<CallbackInterface, Long> {
    internal val handleMap = UniffiHandleMap<CallbackInterface>()

    internal fun drop(handle: Long) {
        handleMap.remove(handle)
    }

    override fun lift(value: Long): CallbackInterface {
        return handleMap.get(value)
    }

    override fun read(buf: ByteBuffer) = lift(buf.getLong())

    override fun lower(value: CallbackInterface) = handleMap.insert(value)

    override fun allocationSize(value: CallbackInterface) = 8UL

    override fun write(value: CallbackInterface, buf: ByteBuffer) {
        buf.putLong(lower(value))
    }
}
/**
 * The cleaner interface for Object finalization code to run.
 * This is the entry point to any implementation that we're using.
 *
 * The cleaner registers objects and returns cleanables, so now we are
 * defining a `UniffiCleaner` with a `UniffiClenaer.Cleanable` to abstract the
 * different implmentations available at compile time.
 *
 * @suppress
 */
interface UniffiCleaner {
    interface Cleanable {
        fun clean()
    }

    fun register(value: Any, cleanUpTask: Runnable): UniffiCleaner.Cleanable

    companion object
}

// The fallback Jna cleaner, which is available for both Android, and the JVM.
private class UniffiJnaCleaner : UniffiCleaner {
    private val cleaner = com.sun.jna.internal.Cleaner.getCleaner()

    override fun register(value: Any, cleanUpTask: Runnable): UniffiCleaner.Cleanable =
        UniffiJnaCleanable(cleaner.register(value, cleanUpTask))
}

private class UniffiJnaCleanable(
    private val cleanable: com.sun.jna.internal.Cleaner.Cleanable,
) : UniffiCleaner.Cleanable {
    override fun clean() = cleanable.clean()
}


// We decide at uniffi binding generation time whether we were
// using Android or not.
// There are further runtime checks to chose the correct implementation
// of the cleaner.
private fun UniffiCleaner.Companion.create(): UniffiCleaner =
    try {
        // For safety's sake: if the library hasn't been run in android_cleaner = true
        // mode, but is being run on Android, then we still need to think about
        // Android API versions.
        // So we check if java.lang.ref.Cleaner is there, and use that…
        java.lang.Class.forName("java.lang.ref.Cleaner")
        JavaLangRefCleaner()
    } catch (e: ClassNotFoundException) {
        // … otherwise, fallback to the JNA cleaner.
        UniffiJnaCleaner()
    }

private class JavaLangRefCleaner : UniffiCleaner {
    val cleaner = java.lang.ref.Cleaner.create()

    override fun register(value: Any, cleanUpTask: Runnable): UniffiCleaner.Cleanable =
        JavaLangRefCleanable(cleaner.register(value, cleanUpTask))
}

private class JavaLangRefCleanable(
    val cleanable: java.lang.ref.Cleaner.Cleanable
) : UniffiCleaner.Cleanable {
    override fun clean() = cleanable.clean()
}

/**
 * @suppress
 */
public object FfiConverterInt: FfiConverter<Int, Int> {
    override fun lift(value: Int): Int {
        return value
    }

    override fun read(buf: ByteBuffer): Int {
        return buf.getInt()
    }

    override fun lower(value: Int): Int {
        return value
    }

    override fun allocationSize(value: Int) = 4UL

    override fun write(value: Int, buf: ByteBuffer) {
        buf.putInt(value)
    }
}

/**
 * @suppress
 */
public object FfiConverterLong: FfiConverter<Long, Long> {
    override fun lift(value: Long): Long {
        return value
    }

    override fun read(buf: ByteBuffer): Long {
        return buf.getLong()
    }

    override fun lower(value: Long): Long {
        return value
    }

    override fun allocationSize(value: Long) = 8UL

    override fun write(value: Long, buf: ByteBuffer) {
        buf.putLong(value)
    }
}

/**
 * @suppress
 */
public object FfiConverterBoolean: FfiConverter<Boolean, Byte> {
    override fun lift(value: Byte): Boolean {
        return value.toInt() != 0
    }

    override fun read(buf: ByteBuffer): Boolean {
        return lift(buf.get())
    }

    override fun lower(value: Boolean): Byte {
        return if (value) 1.toByte() else 0.toByte()
    }

    override fun allocationSize(value: Boolean) = 1UL

    override fun write(value: Boolean, buf: ByteBuffer) {
        buf.put(lower(value))
    }
}

/**
 * @suppress
 */
public object FfiConverterString: FfiConverter<String, RustBuffer.ByValue> {
    // Note: we don't inherit from FfiConverterRustBuffer, because we use a
    // special encoding when lowering/lifting.  We can use `RustBuffer.len` to
    // store our length and avoid writing it out to the buffer.
    override fun lift(value: RustBuffer.ByValue): String {
        try {
            val byteArr = ByteArray(value.len.toInt())
            value.asByteBuffer()!!.get(byteArr)
            return byteArr.toString(Charsets.UTF_8)
        } finally {
            RustBuffer.free(value)
        }
    }

    override fun read(buf: ByteBuffer): String {
        val len = buf.getInt()
        val byteArr = ByteArray(len)
        buf.get(byteArr)
        return byteArr.toString(Charsets.UTF_8)
    }

    fun toUtf8(value: String): ByteBuffer {
        // Make sure we don't have invalid UTF-16, check for lone surrogates.
        return Charsets.UTF_8.newEncoder().run {
            onMalformedInput(CodingErrorAction.REPORT)
            encode(CharBuffer.wrap(value))
        }
    }

    override fun lower(value: String): RustBuffer.ByValue {
        val byteBuf = toUtf8(value)
        // Ideally we'd pass these bytes to `ffi_bytebuffer_from_bytes`, but doing so would require us
        // to copy them into a JNA `Memory`. So we might as well directly copy them into a `RustBuffer`.
        val rbuf = RustBuffer.alloc(byteBuf.limit().toULong())
        rbuf.asByteBuffer()!!.put(byteBuf)
        return rbuf
    }

    // We aren't sure exactly how many bytes our string will be once it's UTF-8
    // encoded.  Allocate 3 bytes per UTF-16 code unit which will always be
    // enough.
    override fun allocationSize(value: String): ULong {
        val sizeForLength = 4UL
        val sizeForString = value.length.toULong() * 3UL
        return sizeForLength + sizeForString
    }

    override fun write(value: String, buf: ByteBuffer) {
        val byteBuf = toUtf8(value)
        buf.putInt(byteBuf.limit())
        buf.put(byteBuf)
    }
}

/**
 * @suppress
 */
public object FfiConverterByteArray: FfiConverterRustBuffer<ByteArray> {
    override fun read(buf: ByteBuffer): ByteArray {
        val len = buf.getInt()
        val byteArr = ByteArray(len)
        buf.get(byteArr)
        return byteArr
    }
    override fun allocationSize(value: ByteArray): ULong {
        return 4UL + value.size.toULong()
    }
    override fun write(value: ByteArray, buf: ByteBuffer) {
        buf.putInt(value.size)
        buf.put(value)
    }
}


// This template implements a class for working with a Rust struct via a handle
// to the live Rust struct on the other side of the FFI.
//
// There's some subtlety here, because we have to be careful not to operate on a Rust
// struct after it has been dropped, and because we must expose a public API for freeing
// theq Kotlin wrapper object in lieu of reliable finalizers. The core requirements are:
//
//   * Each instance holds an opaque handle to the underlying Rust struct.
//     Method calls need to read this handle from the object's state and pass it in to
//     the Rust FFI.
//
//   * When an instance is no longer needed, its handle should be passed to a
//     special destructor function provided by the Rust FFI, which will drop the
//     underlying Rust struct.
//
//   * Given an instance, calling code is expected to call the special
//     `destroy` method in order to free it after use, either by calling it explicitly
//     or by using a higher-level helper like the `use` method. Failing to do so risks
//     leaking the underlying Rust struct.
//
//   * We can't assume that calling code will do the right thing, and must be prepared
//     to handle Kotlin method calls executing concurrently with or even after a call to
//     `destroy`, and to handle multiple (possibly concurrent!) calls to `destroy`.
//
//   * We must never allow Rust code to operate on the underlying Rust struct after
//     the destructor has been called, and must never call the destructor more than once.
//     Doing so may trigger memory unsafety.
//
//   * To mitigate many of the risks of leaking memory and use-after-free unsafety, a `Cleaner`
//     is implemented to call the destructor when the Kotlin object becomes unreachable.
//     This is done in a background thread. This is not a panacea, and client code should be aware that
//      1. the thread may starve if some there are objects that have poorly performing
//     `drop` methods or do significant work in their `drop` methods.
//      2. the thread is shared across the whole library. This can be tuned by using `android_cleaner = true`,
//         or `android = true` in the [`kotlin` section of the `uniffi.toml` file](https://mozilla.github.io/uniffi-rs/kotlin/configuration.html).
//
// If we try to implement this with mutual exclusion on access to the handle, there is the
// possibility of a race between a method call and a concurrent call to `destroy`:
//
//    * Thread A starts a method call, reads the value of the handle, but is interrupted
//      before it can pass the handle over the FFI to Rust.
//    * Thread B calls `destroy` and frees the underlying Rust struct.
//    * Thread A resumes, passing the already-read handle value to Rust and triggering
//      a use-after-free.
//
// One possible solution would be to use a `ReadWriteLock`, with each method call taking
// a read lock (and thus allowed to run concurrently) and the special `destroy` method
// taking a write lock (and thus blocking on live method calls). However, we aim not to
// generate methods with any hidden blocking semantics, and a `destroy` method that might
// block if called incorrectly seems to meet that bar.
//
// So, we achieve our goals by giving each instance an associated `AtomicLong` counter to track
// the number of in-flight method calls, and an `AtomicBoolean` flag to indicate whether `destroy`
// has been called. These are updated according to the following rules:
//
//    * The initial value of the counter is 1, indicating a live object with no in-flight calls.
//      The initial value for the flag is false.
//
//    * At the start of each method call, we atomically check the counter.
//      If it is 0 then the underlying Rust struct has already been destroyed and the call is aborted.
//      If it is nonzero them we atomically increment it by 1 and proceed with the method call.
//
//    * At the end of each method call, we atomically decrement and check the counter.
//      If it has reached zero then we destroy the underlying Rust struct.
//
//    * When `destroy` is called, we atomically flip the flag from false to true.
//      If the flag was already true we silently fail.
//      Otherwise we atomically decrement and check the counter.
//      If it has reached zero then we destroy the underlying Rust struct.
//
// Astute readers may observe that this all sounds very similar to the way that Rust's `Arc<T>` works,
// and indeed it is, with the addition of a flag to guard against multiple calls to `destroy`.
//
// The overall effect is that the underlying Rust struct is destroyed only when `destroy` has been
// called *and* all in-flight method calls have completed, avoiding violating any of the expectations
// of the underlying Rust code.
//
// This makes a cleaner a better alternative to _not_ calling `destroy()` as
// and when the object is finished with, but the abstraction is not perfect: if the Rust object's `drop`
// method is slow, and/or there are many objects to cleanup, and it's on a low end Android device, then the cleaner
// thread may be starved, and the app will leak memory.
//
// In this case, `destroy`ing manually may be a better solution.
//
// The cleaner can live side by side with the manual calling of `destroy`. In the order of responsiveness, uniffi objects
// with Rust peers are reclaimed:
//
// 1. By calling the `destroy` method of the object, which calls `rustObject.free()`. If that doesn't happen:
// 2. When the object becomes unreachable, AND the Cleaner thread gets to call `rustObject.free()`. If the thread is starved then:
// 3. The memory is reclaimed when the process terminates.
//
// [1] https://stackoverflow.com/questions/24376768/can-java-finalize-an-object-when-it-is-still-in-scope/24380219
//


/**
 * Keeps the key of a database where the platform keeps secrets. Called while a client opens,
 * on a thread of the library.
 *
 * A key store that can't be read now must throw. Giving none would mean that there was never one.
 */
public interface KeyStore {

    /**
     * The key kept here: 32 bytes, or none if none was ever kept.
     *
     * Throws where there may be one and it can't be read, such as before the first unlock.
     */
    fun `loadKey`(): kotlin.ByteArray?

    /**
     * Keeps a key, durably when it returns. Without it the database can't be opened any more.
     *
     * Throws where it could not be kept; the client then does not open.
     */
    fun `storeKey`(`key`: kotlin.ByteArray)

    companion object
}

/**
 * Keeps the key of a database where the platform keeps secrets. Called while a client opens,
 * on a thread of the library.
 *
 * A key store that can't be read now must throw. Giving none would mean that there was never one.
 */
open class KeyStoreImpl: Disposable, AutoCloseable, KeyStore
{

    @Suppress("UNUSED_PARAMETER")
    /**
     * @suppress
     */
    constructor(withHandle: UniffiWithHandle, handle: Long) {
        this.handle = handle
        this.cleanable = UniffiLib.CLEANER.register(this, UniffiCleanAction(handle))
    }

    /**
     * @suppress
     *
     * This constructor can be used to instantiate a fake object. Only used for tests. Any
     * attempt to actually use an object constructed this way will fail as there is no
     * connected Rust object.
     */
    @Suppress("UNUSED_PARAMETER")
    constructor(noHandle: NoHandle) {
        this.handle = 0
        this.cleanable = null
    }

    protected val handle: Long
    protected val cleanable: UniffiCleaner.Cleanable?

    private val wasDestroyed = AtomicBoolean(false)
    private val callCounter = AtomicLong(1)

    /**
     * Whether the current object has been destroyed and its reference is gone in the Rust side.
     */
    val uniffiIsDestroyed: Boolean get() = wasDestroyed.get()

    override fun destroy() {
        // Only allow a single call to this method.
        // TODO: maybe we should log a warning if called more than once?
        if (this.wasDestroyed.compareAndSet(false, true)) {
            // This decrement always matches the initial count of 1 given at creation time.
            if (this.callCounter.decrementAndGet() == 0L) {
                cleanable?.clean()
            }
        }
    }

    @Synchronized
    override fun close() {
        this.destroy()
    }

    internal inline fun <R> callWithHandle(block: (handle: Long) -> R): R {
        // Check and increment the call counter, to keep the object alive.
        // This needs a compare-and-set retry loop in case of concurrent updates.
        do {
            val c = this.callCounter.get()
            if (c == 0L) {
                throw IllegalStateException("${this.javaClass.simpleName} object has already been destroyed")
            }
            if (c == Long.MAX_VALUE) {
                throw IllegalStateException("${this.javaClass.simpleName} call counter would overflow")
            }
        } while (! this.callCounter.compareAndSet(c, c + 1L))
        // Now we can safely do the method call without the handle being freed concurrently.
        try {
            return block(this.uniffiCloneHandle())
        } finally {
            // This decrement always matches the increment we performed above.
            if (this.callCounter.decrementAndGet() == 0L) {
                cleanable?.clean()
            }
        }
    }

    // Use a static inner class instead of a closure so as not to accidentally
    // capture `this` as part of the cleanable's action.
    private class UniffiCleanAction(private val handle: Long) : Runnable {
        override fun run() {
            if (handle == 0.toLong()) {
                // Fake object created with `NoHandle`, don't try to free.
                return;
            }
            uniffiRustCall { status ->
                UniffiLib.uniffi_whimbrel_ffi_fn_free_keystore(handle, status)
            }
        }
    }

    /**
     * @suppress
     */
    fun uniffiCloneHandle(): Long {
        if (handle == 0.toLong()) {
            throw InternalException("uniffiCloneHandle() called on NoHandle object");
        }
        return uniffiRustCall() { status ->
            UniffiLib.uniffi_whimbrel_ffi_fn_clone_keystore(handle, status)
        }
    }


    /**
     * The key kept here: 32 bytes, or none if none was ever kept.
     *
     * Throws where there may be one and it can't be read, such as before the first unlock.
     */
    @Throws(PlatformException::class)override fun `loadKey`(): kotlin.ByteArray? {
            return FfiConverterOptionalByteArray.lift(
    callWithHandle {
    uniffiRustCallWithError(PlatformException) { _status ->
    UniffiLib.uniffi_whimbrel_ffi_fn_method_keystore_load_key(
        it,
        _status)
}
    }
    )
    }



    /**
     * Keeps a key, durably when it returns. Without it the database can't be opened any more.
     *
     * Throws where it could not be kept; the client then does not open.
     */
    @Throws(PlatformException::class)override fun `storeKey`(`key`: kotlin.ByteArray)
        =
    callWithHandle {
    uniffiRustCallWithError(PlatformException) { _status ->
    UniffiLib.uniffi_whimbrel_ffi_fn_method_keystore_store_key(
        it,

        FfiConverterByteArray.lower(`key`),_status)
}
    }










    /**
     * @suppress
     */
    companion object

}



// Put the implementation in an object so we don't pollute the top-level namespace
internal object uniffiCallbackInterfaceKeyStore {
    internal object `loadKey`: UniffiCallbackInterfaceKeyStoreMethod0 {
        override fun callback(`uniffiHandle`: Long,`uniffiOutReturn`: RustBuffer,uniffiCallStatus: UniffiRustCallStatus,) {
            val uniffiObj = FfiConverterTypeKeyStore.handleMap.get(uniffiHandle)
            val makeCall = { ->
                uniffiObj.`loadKey`(
                )
            }
            val writeReturn = { value: kotlin.ByteArray? -> uniffiOutReturn.setValue(FfiConverterOptionalByteArray.lower(value)) }
            uniffiTraitInterfaceCallWithError(
                uniffiCallStatus,
                makeCall,
                writeReturn,
                { e: PlatformException -> FfiConverterTypePlatformError.lower(e) }
            )
        }
    }
    internal object `storeKey`: UniffiCallbackInterfaceKeyStoreMethod1 {
        override fun callback(`uniffiHandle`: Long,`key`: RustBuffer.ByValue,`uniffiOutReturn`: Pointer,uniffiCallStatus: UniffiRustCallStatus,) {
            val uniffiObj = FfiConverterTypeKeyStore.handleMap.get(uniffiHandle)
            val makeCall = { ->
                uniffiObj.`storeKey`(
                    FfiConverterByteArray.lift(`key`),
                )
            }
            val writeReturn = { _: Unit -> Unit }
            uniffiTraitInterfaceCallWithError(
                uniffiCallStatus,
                makeCall,
                writeReturn,
                { e: PlatformException -> FfiConverterTypePlatformError.lower(e) }
            )
        }
    }

    internal object uniffiFree: UniffiCallbackInterfaceFree {
        override fun callback(handle: Long) {
            FfiConverterTypeKeyStore.handleMap.remove(handle)
        }
    }

    internal object uniffiClone: UniffiCallbackInterfaceClone {
        override fun callback(handle: Long): Long {
            return FfiConverterTypeKeyStore.handleMap.clone(handle)
        }
    }

    internal var vtable = UniffiVTableCallbackInterfaceKeyStore.UniffiByValue(
        uniffiFree,
        uniffiClone,
        `loadKey`,
        `storeKey`,
    )

    // Registers the foreign callback with the Rust side.
    // This method is generated for each callback interface.
    internal fun register(lib: UniffiLib) {
        lib.uniffi_whimbrel_ffi_fn_init_callback_vtable_keystore(vtable)
    }
}

/**
 * @suppress
 */
public object FfiConverterTypeKeyStore: FfiConverter<KeyStore, Long> {
    internal val handleMap = UniffiHandleMap<KeyStore>()

    override fun lower(value: KeyStore): Long {
        if (value is KeyStoreImpl) {
             // Rust-implemented object.  Clone the handle and return it
            return value.uniffiCloneHandle()
         } else {
            // Kotlin object, generate a new vtable handle and return that.
            return handleMap.insert(value)
         }
    }

    override fun lift(value: Long): KeyStore {
        if ((value and 1.toLong()) == 0.toLong()) {
            // Rust-generated handle, construct a new class that uses the handle to implement the
            // interface
            return KeyStoreImpl(UniffiWithHandle, value)
        } else {
            // Kotlin-generated handle, get the object from the handle map
            return handleMap.remove(value)
        }
    }

    override fun read(buf: ByteBuffer): KeyStore {
        return lift(buf.getLong())
    }

    override fun allocationSize(value: KeyStore) = 8UL

    override fun write(value: KeyStore, buf: ByteBuffer) {
        buf.putLong(lower(value))
    }
}


// This template implements a class for working with a Rust struct via a handle
// to the live Rust struct on the other side of the FFI.
//
// There's some subtlety here, because we have to be careful not to operate on a Rust
// struct after it has been dropped, and because we must expose a public API for freeing
// theq Kotlin wrapper object in lieu of reliable finalizers. The core requirements are:
//
//   * Each instance holds an opaque handle to the underlying Rust struct.
//     Method calls need to read this handle from the object's state and pass it in to
//     the Rust FFI.
//
//   * When an instance is no longer needed, its handle should be passed to a
//     special destructor function provided by the Rust FFI, which will drop the
//     underlying Rust struct.
//
//   * Given an instance, calling code is expected to call the special
//     `destroy` method in order to free it after use, either by calling it explicitly
//     or by using a higher-level helper like the `use` method. Failing to do so risks
//     leaking the underlying Rust struct.
//
//   * We can't assume that calling code will do the right thing, and must be prepared
//     to handle Kotlin method calls executing concurrently with or even after a call to
//     `destroy`, and to handle multiple (possibly concurrent!) calls to `destroy`.
//
//   * We must never allow Rust code to operate on the underlying Rust struct after
//     the destructor has been called, and must never call the destructor more than once.
//     Doing so may trigger memory unsafety.
//
//   * To mitigate many of the risks of leaking memory and use-after-free unsafety, a `Cleaner`
//     is implemented to call the destructor when the Kotlin object becomes unreachable.
//     This is done in a background thread. This is not a panacea, and client code should be aware that
//      1. the thread may starve if some there are objects that have poorly performing
//     `drop` methods or do significant work in their `drop` methods.
//      2. the thread is shared across the whole library. This can be tuned by using `android_cleaner = true`,
//         or `android = true` in the [`kotlin` section of the `uniffi.toml` file](https://mozilla.github.io/uniffi-rs/kotlin/configuration.html).
//
// If we try to implement this with mutual exclusion on access to the handle, there is the
// possibility of a race between a method call and a concurrent call to `destroy`:
//
//    * Thread A starts a method call, reads the value of the handle, but is interrupted
//      before it can pass the handle over the FFI to Rust.
//    * Thread B calls `destroy` and frees the underlying Rust struct.
//    * Thread A resumes, passing the already-read handle value to Rust and triggering
//      a use-after-free.
//
// One possible solution would be to use a `ReadWriteLock`, with each method call taking
// a read lock (and thus allowed to run concurrently) and the special `destroy` method
// taking a write lock (and thus blocking on live method calls). However, we aim not to
// generate methods with any hidden blocking semantics, and a `destroy` method that might
// block if called incorrectly seems to meet that bar.
//
// So, we achieve our goals by giving each instance an associated `AtomicLong` counter to track
// the number of in-flight method calls, and an `AtomicBoolean` flag to indicate whether `destroy`
// has been called. These are updated according to the following rules:
//
//    * The initial value of the counter is 1, indicating a live object with no in-flight calls.
//      The initial value for the flag is false.
//
//    * At the start of each method call, we atomically check the counter.
//      If it is 0 then the underlying Rust struct has already been destroyed and the call is aborted.
//      If it is nonzero them we atomically increment it by 1 and proceed with the method call.
//
//    * At the end of each method call, we atomically decrement and check the counter.
//      If it has reached zero then we destroy the underlying Rust struct.
//
//    * When `destroy` is called, we atomically flip the flag from false to true.
//      If the flag was already true we silently fail.
//      Otherwise we atomically decrement and check the counter.
//      If it has reached zero then we destroy the underlying Rust struct.
//
// Astute readers may observe that this all sounds very similar to the way that Rust's `Arc<T>` works,
// and indeed it is, with the addition of a flag to guard against multiple calls to `destroy`.
//
// The overall effect is that the underlying Rust struct is destroyed only when `destroy` has been
// called *and* all in-flight method calls have completed, avoiding violating any of the expectations
// of the underlying Rust code.
//
// This makes a cleaner a better alternative to _not_ calling `destroy()` as
// and when the object is finished with, but the abstraction is not perfect: if the Rust object's `drop`
// method is slow, and/or there are many objects to cleanup, and it's on a low end Android device, then the cleaner
// thread may be starved, and the app will leak memory.
//
// In this case, `destroy`ing manually may be a better solution.
//
// The cleaner can live side by side with the manual calling of `destroy`. In the order of responsiveness, uniffi objects
// with Rust peers are reclaimed:
//
// 1. By calling the `destroy` method of the object, which calls `rustObject.free()`. If that doesn't happen:
// 2. When the object becomes unreachable, AND the Cleaner thread gets to call `rustObject.free()`. If the thread is starved then:
// 3. The memory is reclaimed when the process terminates.
//
// [1] https://stackoverflow.com/questions/24376768/can-java-finalize-an-object-when-it-is-still-in-scope/24380219
//


/**
 * Takes the lines of a client's log. Called on one thread that does nothing else, so it may take
 * its time; lines that come faster than it takes them are counted and left out.
 */
public interface LogSink {

    /**
     * Takes a line.
     *
     * What it throws is ignored.
     */
    fun `log`(`line`: LogRecord)

    companion object
}

/**
 * Takes the lines of a client's log. Called on one thread that does nothing else, so it may take
 * its time; lines that come faster than it takes them are counted and left out.
 */
open class LogSinkImpl: Disposable, AutoCloseable, LogSink
{

    @Suppress("UNUSED_PARAMETER")
    /**
     * @suppress
     */
    constructor(withHandle: UniffiWithHandle, handle: Long) {
        this.handle = handle
        this.cleanable = UniffiLib.CLEANER.register(this, UniffiCleanAction(handle))
    }

    /**
     * @suppress
     *
     * This constructor can be used to instantiate a fake object. Only used for tests. Any
     * attempt to actually use an object constructed this way will fail as there is no
     * connected Rust object.
     */
    @Suppress("UNUSED_PARAMETER")
    constructor(noHandle: NoHandle) {
        this.handle = 0
        this.cleanable = null
    }

    protected val handle: Long
    protected val cleanable: UniffiCleaner.Cleanable?

    private val wasDestroyed = AtomicBoolean(false)
    private val callCounter = AtomicLong(1)

    /**
     * Whether the current object has been destroyed and its reference is gone in the Rust side.
     */
    val uniffiIsDestroyed: Boolean get() = wasDestroyed.get()

    override fun destroy() {
        // Only allow a single call to this method.
        // TODO: maybe we should log a warning if called more than once?
        if (this.wasDestroyed.compareAndSet(false, true)) {
            // This decrement always matches the initial count of 1 given at creation time.
            if (this.callCounter.decrementAndGet() == 0L) {
                cleanable?.clean()
            }
        }
    }

    @Synchronized
    override fun close() {
        this.destroy()
    }

    internal inline fun <R> callWithHandle(block: (handle: Long) -> R): R {
        // Check and increment the call counter, to keep the object alive.
        // This needs a compare-and-set retry loop in case of concurrent updates.
        do {
            val c = this.callCounter.get()
            if (c == 0L) {
                throw IllegalStateException("${this.javaClass.simpleName} object has already been destroyed")
            }
            if (c == Long.MAX_VALUE) {
                throw IllegalStateException("${this.javaClass.simpleName} call counter would overflow")
            }
        } while (! this.callCounter.compareAndSet(c, c + 1L))
        // Now we can safely do the method call without the handle being freed concurrently.
        try {
            return block(this.uniffiCloneHandle())
        } finally {
            // This decrement always matches the increment we performed above.
            if (this.callCounter.decrementAndGet() == 0L) {
                cleanable?.clean()
            }
        }
    }

    // Use a static inner class instead of a closure so as not to accidentally
    // capture `this` as part of the cleanable's action.
    private class UniffiCleanAction(private val handle: Long) : Runnable {
        override fun run() {
            if (handle == 0.toLong()) {
                // Fake object created with `NoHandle`, don't try to free.
                return;
            }
            uniffiRustCall { status ->
                UniffiLib.uniffi_whimbrel_ffi_fn_free_logsink(handle, status)
            }
        }
    }

    /**
     * @suppress
     */
    fun uniffiCloneHandle(): Long {
        if (handle == 0.toLong()) {
            throw InternalException("uniffiCloneHandle() called on NoHandle object");
        }
        return uniffiRustCall() { status ->
            UniffiLib.uniffi_whimbrel_ffi_fn_clone_logsink(handle, status)
        }
    }


    /**
     * Takes a line.
     *
     * What it throws is ignored.
     */
    @Throws(PlatformException::class)override fun `log`(`line`: LogRecord)
        =
    callWithHandle {
    uniffiRustCallWithError(PlatformException) { _status ->
    UniffiLib.uniffi_whimbrel_ffi_fn_method_logsink_log(
        it,

        FfiConverterTypeLogRecord.lower(`line`),_status)
}
    }










    /**
     * @suppress
     */
    companion object

}



// Put the implementation in an object so we don't pollute the top-level namespace
internal object uniffiCallbackInterfaceLogSink {
    internal object `log`: UniffiCallbackInterfaceLogSinkMethod0 {
        override fun callback(`uniffiHandle`: Long,`line`: RustBuffer.ByValue,`uniffiOutReturn`: Pointer,uniffiCallStatus: UniffiRustCallStatus,) {
            val uniffiObj = FfiConverterTypeLogSink.handleMap.get(uniffiHandle)
            val makeCall = { ->
                uniffiObj.`log`(
                    FfiConverterTypeLogRecord.lift(`line`),
                )
            }
            val writeReturn = { _: Unit -> Unit }
            uniffiTraitInterfaceCallWithError(
                uniffiCallStatus,
                makeCall,
                writeReturn,
                { e: PlatformException -> FfiConverterTypePlatformError.lower(e) }
            )
        }
    }

    internal object uniffiFree: UniffiCallbackInterfaceFree {
        override fun callback(handle: Long) {
            FfiConverterTypeLogSink.handleMap.remove(handle)
        }
    }

    internal object uniffiClone: UniffiCallbackInterfaceClone {
        override fun callback(handle: Long): Long {
            return FfiConverterTypeLogSink.handleMap.clone(handle)
        }
    }

    internal var vtable = UniffiVTableCallbackInterfaceLogSink.UniffiByValue(
        uniffiFree,
        uniffiClone,
        `log`,
    )

    // Registers the foreign callback with the Rust side.
    // This method is generated for each callback interface.
    internal fun register(lib: UniffiLib) {
        lib.uniffi_whimbrel_ffi_fn_init_callback_vtable_logsink(vtable)
    }
}

/**
 * @suppress
 */
public object FfiConverterTypeLogSink: FfiConverter<LogSink, Long> {
    internal val handleMap = UniffiHandleMap<LogSink>()

    override fun lower(value: LogSink): Long {
        if (value is LogSinkImpl) {
             // Rust-implemented object.  Clone the handle and return it
            return value.uniffiCloneHandle()
         } else {
            // Kotlin object, generate a new vtable handle and return that.
            return handleMap.insert(value)
         }
    }

    override fun lift(value: Long): LogSink {
        if ((value and 1.toLong()) == 0.toLong()) {
            // Rust-generated handle, construct a new class that uses the handle to implement the
            // interface
            return LogSinkImpl(UniffiWithHandle, value)
        } else {
            // Kotlin-generated handle, get the object from the handle map
            return handleMap.remove(value)
        }
    }

    override fun read(buf: ByteBuffer): LogSink {
        return lift(buf.getLong())
    }

    override fun allocationSize(value: LogSink) = 8UL

    override fun write(value: LogSink, buf: ByteBuffer) {
        buf.putLong(lower(value))
    }
}


// This template implements a class for working with a Rust struct via a handle
// to the live Rust struct on the other side of the FFI.
//
// There's some subtlety here, because we have to be careful not to operate on a Rust
// struct after it has been dropped, and because we must expose a public API for freeing
// theq Kotlin wrapper object in lieu of reliable finalizers. The core requirements are:
//
//   * Each instance holds an opaque handle to the underlying Rust struct.
//     Method calls need to read this handle from the object's state and pass it in to
//     the Rust FFI.
//
//   * When an instance is no longer needed, its handle should be passed to a
//     special destructor function provided by the Rust FFI, which will drop the
//     underlying Rust struct.
//
//   * Given an instance, calling code is expected to call the special
//     `destroy` method in order to free it after use, either by calling it explicitly
//     or by using a higher-level helper like the `use` method. Failing to do so risks
//     leaking the underlying Rust struct.
//
//   * We can't assume that calling code will do the right thing, and must be prepared
//     to handle Kotlin method calls executing concurrently with or even after a call to
//     `destroy`, and to handle multiple (possibly concurrent!) calls to `destroy`.
//
//   * We must never allow Rust code to operate on the underlying Rust struct after
//     the destructor has been called, and must never call the destructor more than once.
//     Doing so may trigger memory unsafety.
//
//   * To mitigate many of the risks of leaking memory and use-after-free unsafety, a `Cleaner`
//     is implemented to call the destructor when the Kotlin object becomes unreachable.
//     This is done in a background thread. This is not a panacea, and client code should be aware that
//      1. the thread may starve if some there are objects that have poorly performing
//     `drop` methods or do significant work in their `drop` methods.
//      2. the thread is shared across the whole library. This can be tuned by using `android_cleaner = true`,
//         or `android = true` in the [`kotlin` section of the `uniffi.toml` file](https://mozilla.github.io/uniffi-rs/kotlin/configuration.html).
//
// If we try to implement this with mutual exclusion on access to the handle, there is the
// possibility of a race between a method call and a concurrent call to `destroy`:
//
//    * Thread A starts a method call, reads the value of the handle, but is interrupted
//      before it can pass the handle over the FFI to Rust.
//    * Thread B calls `destroy` and frees the underlying Rust struct.
//    * Thread A resumes, passing the already-read handle value to Rust and triggering
//      a use-after-free.
//
// One possible solution would be to use a `ReadWriteLock`, with each method call taking
// a read lock (and thus allowed to run concurrently) and the special `destroy` method
// taking a write lock (and thus blocking on live method calls). However, we aim not to
// generate methods with any hidden blocking semantics, and a `destroy` method that might
// block if called incorrectly seems to meet that bar.
//
// So, we achieve our goals by giving each instance an associated `AtomicLong` counter to track
// the number of in-flight method calls, and an `AtomicBoolean` flag to indicate whether `destroy`
// has been called. These are updated according to the following rules:
//
//    * The initial value of the counter is 1, indicating a live object with no in-flight calls.
//      The initial value for the flag is false.
//
//    * At the start of each method call, we atomically check the counter.
//      If it is 0 then the underlying Rust struct has already been destroyed and the call is aborted.
//      If it is nonzero them we atomically increment it by 1 and proceed with the method call.
//
//    * At the end of each method call, we atomically decrement and check the counter.
//      If it has reached zero then we destroy the underlying Rust struct.
//
//    * When `destroy` is called, we atomically flip the flag from false to true.
//      If the flag was already true we silently fail.
//      Otherwise we atomically decrement and check the counter.
//      If it has reached zero then we destroy the underlying Rust struct.
//
// Astute readers may observe that this all sounds very similar to the way that Rust's `Arc<T>` works,
// and indeed it is, with the addition of a flag to guard against multiple calls to `destroy`.
//
// The overall effect is that the underlying Rust struct is destroyed only when `destroy` has been
// called *and* all in-flight method calls have completed, avoiding violating any of the expectations
// of the underlying Rust code.
//
// This makes a cleaner a better alternative to _not_ calling `destroy()` as
// and when the object is finished with, but the abstraction is not perfect: if the Rust object's `drop`
// method is slow, and/or there are many objects to cleanup, and it's on a low end Android device, then the cleaner
// thread may be starved, and the app will leak memory.
//
// In this case, `destroy`ing manually may be a better solution.
//
// The cleaner can live side by side with the manual calling of `destroy`. In the order of responsiveness, uniffi objects
// with Rust peers are reclaimed:
//
// 1. By calling the `destroy` method of the object, which calls `rustObject.free()`. If that doesn't happen:
// 2. When the object becomes unreachable, AND the Cleaner thread gets to call `rustObject.free()`. If the thread is starved then:
// 3. The memory is reclaimed when the process terminates.
//
// [1] https://stackoverflow.com/questions/24376768/can-java-finalize-an-object-when-it-is-still-in-scope/24380219
//


/**
 * A subscription to what changes, from the moment it was made.
 *
 * Notices carry ids only: read again what is on screen. Two equal notices that wait become one,
 * and when more wait than are kept, one notice of `Everything` stands for all.
 */
public interface NativeChangesInterface {

    /**
     * Ends the subscription: whoever waits in `next_batch` gets `shut_down`. May be called again.
     */
    fun `finish`()

    /**
     * Waits until something has changed, and gives what has: at least one notice, at most `max`.
     * One caller at a time; use a subscription for each.
     *
     * Errors: `shut_down` after `finish`, and after the client's shutdown once everything was
     * taken: the subscription has ended. `invalid_argument` for a `max` below 1.
     */
    suspend fun `nextBatch`(`max`: kotlin.Int): List<Change>

    companion object
}

/**
 * A subscription to what changes, from the moment it was made.
 *
 * Notices carry ids only: read again what is on screen. Two equal notices that wait become one,
 * and when more wait than are kept, one notice of `Everything` stands for all.
 */
open class NativeChanges: Disposable, AutoCloseable, NativeChangesInterface
{

    @Suppress("UNUSED_PARAMETER")
    /**
     * @suppress
     */
    constructor(withHandle: UniffiWithHandle, handle: Long) {
        this.handle = handle
        this.cleanable = UniffiLib.CLEANER.register(this, UniffiCleanAction(handle))
    }

    /**
     * @suppress
     *
     * This constructor can be used to instantiate a fake object. Only used for tests. Any
     * attempt to actually use an object constructed this way will fail as there is no
     * connected Rust object.
     */
    @Suppress("UNUSED_PARAMETER")
    constructor(noHandle: NoHandle) {
        this.handle = 0
        this.cleanable = null
    }

    protected val handle: Long
    protected val cleanable: UniffiCleaner.Cleanable?

    private val wasDestroyed = AtomicBoolean(false)
    private val callCounter = AtomicLong(1)

    /**
     * Whether the current object has been destroyed and its reference is gone in the Rust side.
     */
    val uniffiIsDestroyed: Boolean get() = wasDestroyed.get()

    override fun destroy() {
        // Only allow a single call to this method.
        // TODO: maybe we should log a warning if called more than once?
        if (this.wasDestroyed.compareAndSet(false, true)) {
            // This decrement always matches the initial count of 1 given at creation time.
            if (this.callCounter.decrementAndGet() == 0L) {
                cleanable?.clean()
            }
        }
    }

    @Synchronized
    override fun close() {
        this.destroy()
    }

    internal inline fun <R> callWithHandle(block: (handle: Long) -> R): R {
        // Check and increment the call counter, to keep the object alive.
        // This needs a compare-and-set retry loop in case of concurrent updates.
        do {
            val c = this.callCounter.get()
            if (c == 0L) {
                throw IllegalStateException("${this.javaClass.simpleName} object has already been destroyed")
            }
            if (c == Long.MAX_VALUE) {
                throw IllegalStateException("${this.javaClass.simpleName} call counter would overflow")
            }
        } while (! this.callCounter.compareAndSet(c, c + 1L))
        // Now we can safely do the method call without the handle being freed concurrently.
        try {
            return block(this.uniffiCloneHandle())
        } finally {
            // This decrement always matches the increment we performed above.
            if (this.callCounter.decrementAndGet() == 0L) {
                cleanable?.clean()
            }
        }
    }

    // Use a static inner class instead of a closure so as not to accidentally
    // capture `this` as part of the cleanable's action.
    private class UniffiCleanAction(private val handle: Long) : Runnable {
        override fun run() {
            if (handle == 0.toLong()) {
                // Fake object created with `NoHandle`, don't try to free.
                return;
            }
            uniffiRustCall { status ->
                UniffiLib.uniffi_whimbrel_ffi_fn_free_nativechanges(handle, status)
            }
        }
    }

    /**
     * @suppress
     */
    fun uniffiCloneHandle(): Long {
        if (handle == 0.toLong()) {
            throw InternalException("uniffiCloneHandle() called on NoHandle object");
        }
        return uniffiRustCall() { status ->
            UniffiLib.uniffi_whimbrel_ffi_fn_clone_nativechanges(handle, status)
        }
    }


    /**
     * Ends the subscription: whoever waits in `next_batch` gets `shut_down`. May be called again.
     */
    @Throws(WhimbrelException::class)override fun `finish`()
        =
    callWithHandle {
    uniffiRustCallWithError(WhimbrelException) { _status ->
    UniffiLib.uniffi_whimbrel_ffi_fn_method_nativechanges_finish(
        it,
        _status)
}
    }




    /**
     * Waits until something has changed, and gives what has: at least one notice, at most `max`.
     * One caller at a time; use a subscription for each.
     *
     * Errors: `shut_down` after `finish`, and after the client's shutdown once everything was
     * taken: the subscription has ended. `invalid_argument` for a `max` below 1.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `nextBatch`(`max`: kotlin.Int) : List<Change> {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativechanges_next_batch(
                uniffiHandle,

        FfiConverterInt.lower(`max`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterSequenceTypeChange.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }








    /**
     * @suppress
     */
    companion object

}


/**
 * @suppress
 */
public object FfiConverterTypeNativeChanges: FfiConverter<NativeChanges, Long> {
    override fun lower(value: NativeChanges): Long {
        return value.uniffiCloneHandle()
    }

    override fun lift(value: Long): NativeChanges {
        return NativeChanges(UniffiWithHandle, value)
    }

    override fun read(buf: ByteBuffer): NativeChanges {
        return lift(buf.getLong())
    }

    override fun allocationSize(value: NativeChanges) = 8UL

    override fun write(value: NativeChanges, buf: ByteBuffer) {
        buf.putLong(lower(value))
    }
}


// This template implements a class for working with a Rust struct via a handle
// to the live Rust struct on the other side of the FFI.
//
// There's some subtlety here, because we have to be careful not to operate on a Rust
// struct after it has been dropped, and because we must expose a public API for freeing
// theq Kotlin wrapper object in lieu of reliable finalizers. The core requirements are:
//
//   * Each instance holds an opaque handle to the underlying Rust struct.
//     Method calls need to read this handle from the object's state and pass it in to
//     the Rust FFI.
//
//   * When an instance is no longer needed, its handle should be passed to a
//     special destructor function provided by the Rust FFI, which will drop the
//     underlying Rust struct.
//
//   * Given an instance, calling code is expected to call the special
//     `destroy` method in order to free it after use, either by calling it explicitly
//     or by using a higher-level helper like the `use` method. Failing to do so risks
//     leaking the underlying Rust struct.
//
//   * We can't assume that calling code will do the right thing, and must be prepared
//     to handle Kotlin method calls executing concurrently with or even after a call to
//     `destroy`, and to handle multiple (possibly concurrent!) calls to `destroy`.
//
//   * We must never allow Rust code to operate on the underlying Rust struct after
//     the destructor has been called, and must never call the destructor more than once.
//     Doing so may trigger memory unsafety.
//
//   * To mitigate many of the risks of leaking memory and use-after-free unsafety, a `Cleaner`
//     is implemented to call the destructor when the Kotlin object becomes unreachable.
//     This is done in a background thread. This is not a panacea, and client code should be aware that
//      1. the thread may starve if some there are objects that have poorly performing
//     `drop` methods or do significant work in their `drop` methods.
//      2. the thread is shared across the whole library. This can be tuned by using `android_cleaner = true`,
//         or `android = true` in the [`kotlin` section of the `uniffi.toml` file](https://mozilla.github.io/uniffi-rs/kotlin/configuration.html).
//
// If we try to implement this with mutual exclusion on access to the handle, there is the
// possibility of a race between a method call and a concurrent call to `destroy`:
//
//    * Thread A starts a method call, reads the value of the handle, but is interrupted
//      before it can pass the handle over the FFI to Rust.
//    * Thread B calls `destroy` and frees the underlying Rust struct.
//    * Thread A resumes, passing the already-read handle value to Rust and triggering
//      a use-after-free.
//
// One possible solution would be to use a `ReadWriteLock`, with each method call taking
// a read lock (and thus allowed to run concurrently) and the special `destroy` method
// taking a write lock (and thus blocking on live method calls). However, we aim not to
// generate methods with any hidden blocking semantics, and a `destroy` method that might
// block if called incorrectly seems to meet that bar.
//
// So, we achieve our goals by giving each instance an associated `AtomicLong` counter to track
// the number of in-flight method calls, and an `AtomicBoolean` flag to indicate whether `destroy`
// has been called. These are updated according to the following rules:
//
//    * The initial value of the counter is 1, indicating a live object with no in-flight calls.
//      The initial value for the flag is false.
//
//    * At the start of each method call, we atomically check the counter.
//      If it is 0 then the underlying Rust struct has already been destroyed and the call is aborted.
//      If it is nonzero them we atomically increment it by 1 and proceed with the method call.
//
//    * At the end of each method call, we atomically decrement and check the counter.
//      If it has reached zero then we destroy the underlying Rust struct.
//
//    * When `destroy` is called, we atomically flip the flag from false to true.
//      If the flag was already true we silently fail.
//      Otherwise we atomically decrement and check the counter.
//      If it has reached zero then we destroy the underlying Rust struct.
//
// Astute readers may observe that this all sounds very similar to the way that Rust's `Arc<T>` works,
// and indeed it is, with the addition of a flag to guard against multiple calls to `destroy`.
//
// The overall effect is that the underlying Rust struct is destroyed only when `destroy` has been
// called *and* all in-flight method calls have completed, avoiding violating any of the expectations
// of the underlying Rust code.
//
// This makes a cleaner a better alternative to _not_ calling `destroy()` as
// and when the object is finished with, but the abstraction is not perfect: if the Rust object's `drop`
// method is slow, and/or there are many objects to cleanup, and it's on a low end Android device, then the cleaner
// thread may be starved, and the app will leak memory.
//
// In this case, `destroy`ing manually may be a better solution.
//
// The cleaner can live side by side with the manual calling of `destroy`. In the order of responsiveness, uniffi objects
// with Rust peers are reclaimed:
//
// 1. By calling the `destroy` method of the object, which calls `rustObject.free()`. If that doesn't happen:
// 2. When the object becomes unreachable, AND the Cleaner thread gets to call `rustObject.free()`. If the thread is starved then:
// 3. The memory is reclaimed when the process terminates.
//
// [1] https://stackoverflow.com/questions/24376768/can-java-finalize-an-object-when-it-is-still-in-scope/24380219
//


/**
 * A chat client: one account on this device.
 *
 * Every call with an effect is in the database before it returns, whatever becomes of the
 * network. A call that is cancelled may have happened all the same, and never happens by half.
 *
 * Each call can fail with `paused`, `shut_down`, `internal` and, where it takes an id,
 * `invalid_argument`, besides the errors that it lists. Ids are 32 hexadecimal digits.
 *
 * Call `shutdown` before the client is let go, and before the process ends.
 */
public interface NativeClientInterface {

    /**
     * Who is registered or signed in here. Never waits.
     */
    fun `account`(): Account?

    /**
     * Tells whether there is a network. With `Up` it connects at once, with `Down` it does not try
     * to; a client that is paused remembers it. Calls that ask the server themselves, such as
     * `register`, `sign_in` and those for linking, try all the same.
     */
    suspend fun `setNetwork`(`network`: Network)

    /**
     * The state of the client as a whole. Never waits; also known while paused.
     */
    fun `state`(): ClientState

    /**
     * Begins to collect what changes from now on. Subscribe before the first query, so that
     * nothing falls between. Never waits.
     */
    fun `subscribe`(): NativeChanges

    /**
     * Adds people to a group, in turn with the messages sent there: who is added before a message
     * can read it. Only owners and admins may. Gives the outbox item, which fails with
     * `not_allowed` where the right is lost before it goes out.
     *
     * Errors: `not_found`; `not_allowed` without the right and for a direct conversation;
     * `not_member` where this user was removed; `invalid_argument` for nobody or an impossible
     * name; `too_large` for more than 32 people at once; `outbox_full`; `disk_full`;
     * `rolled_back`; `revoked`.
     */
    suspend fun `addMembers`(`conversation`: kotlin.String, `people`: List<Person>): kotlin.String

    /**
     * One conversation.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
    suspend fun `conversation`(`conversation`: kotlin.String): Conversation

    /**
     * A page of the list of conversations, the most recently active first.
     *
     * Errors: `invalid_argument` for a negative offset and for a limit below 1 or above 200;
     * `damaged`; `storage`.
     */
    suspend fun `conversations`(`offset`: kotlin.Int = 0, `limit`: kotlin.Int = 50): List<Conversation>

    /**
     * Opens the direct conversation with somebody: the one there is, or a new one. Works offline;
     * where both sides begin at the same time, the two become one, and the id given here goes on
     * to stand for it.
     *
     * Errors: `not_signed_in`; `invalid_argument` for an impossible name or the own one;
     * `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    suspend fun `createDirect`(`peer`: Person): kotlin.String

    /**
     * Makes a group. Works offline.
     *
     * Errors: `not_signed_in`; `invalid_argument` for an impossible user name, and for control
     * characters in the group's; `too_large` for a name over 256 bytes or too many members;
     * `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    suspend fun `createGroup`(`name`: kotlin.String, `members`: List<Person>): kotlin.String

    /**
     * A code that all members of a conversation share as long as nobody is between them, in six
     * groups of five digits; it changes with every change of the group. Members who read each
     * other different codes while both are up to date have been separated by the server.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
    suspend fun `epochCode`(`conversation`: kotlin.String): kotlin.String?

    /**
     * Says which conversation is on screen, so that it is fetched first; none for no conversation.
     * One that is not there may come.
     */
    suspend fun `focus`(`conversation`: kotlin.String? = null)

    /**
     * Leaves a group. The app of another member carries it out; until then whatever would send
     * something there fails with `wrong_state`. Gives the outbox item.
     *
     * Errors: `not_found`; `not_allowed` for a direct conversation; `last_owner`: make somebody
     * else an owner first; `wrong_state` where this user is leaving already; `outbox_full`;
     * `disk_full`; `rolled_back`; `revoked`.
     */
    suspend fun `leave`(`conversation`: kotlin.String): kotlin.String

    /**
     * Who is in a conversation now.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
    suspend fun `members`(`conversation`: kotlin.String): List<Member>

    /**
     * Removes a user from a group; what follows that user can't read. Only owners and admins may.
     * Gives the outbox item, which fails with `not_allowed` where the right is lost before it goes
     * out.
     *
     * Errors: `not_found`; `not_member` for somebody who is not in it, and where this user was
     * removed; `not_allowed` without the right and for a direct conversation; `invalid_argument`
     * for oneself; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    suspend fun `removeMember`(`conversation`: kotlin.String, `user`: kotlin.String): kotlin.String

    /**
     * Names a group. Only owners and admins may. Gives the outbox item.
     *
     * Errors: `not_found`; `not_allowed` without the right and for a direct conversation;
     * `not_member` where this user was removed; `invalid_argument` for control characters;
     * `too_large` over 256 bytes; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    suspend fun `rename`(`conversation`: kotlin.String, `name`: kotlin.String): kotlin.String

    /**
     * Gives users of a group other roles, all in one step: ownership is handed over by making the
     * other an owner and oneself something else in one call. Only owners may. Gives the outbox
     * item.
     *
     * Errors: `not_found`; `not_member` for somebody who is not in it; `not_allowed` without being
     * an owner and for a direct conversation; `last_owner` where nobody would be left as owner;
     * `invalid_argument`; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    suspend fun `setRoles`(`conversation`: kotlin.String, `roles`: List<RoleGrant>): kotlin.String

    /**
     * The devices of this user, with what is left to do for each.
     *
     * Errors: `not_signed_in`; `damaged`; `storage`.
     */
    suspend fun `devices`(): DeviceList

    /**
     * Makes the device that shows a code one of this user's: hands over the identity, and adds the
     * device to every conversation, which `devices` shows going on. May be repeated. Where the
     * device does not come while its code is good, this client revokes it again; if the app is
     * killed or paused meanwhile, the device stays listed until it is approved again in time, or
     * revoked. Gives the device's id.
     *
     * Errors: those of `link_inspect`; `too_many_devices`; `code_used`; `unavailable` where the
     * server was away for too long: the device is not one of this user's, or no more.
     */
    suspend fun `linkApprove`(`code`: kotlin.String): kotlin.String

    /**
     * Gives up being linked: the code is no longer good.
     *
     * Errors: `disk_full`; `storage`.
     */
    suspend fun `linkCancel`()

    /**
     * Looks at the device that shows a code, as text or QR content, before approving it.
     *
     * Errors: `wrong_code` for a wrong character, and where somebody else has answered under that
     * code; `code_used` for one that a device has come in by; `code_expired` for one that is over,
     * was cancelled, or that the server does not know; `not_signed_in`; `rate_limited`;
     * `unavailable`; `untrusted_server`; `protocol`.
     */
    suspend fun `linkInspect`(`code`: kotlin.String): LinkRequest

    /**
     * Refuses the device that shows a code: the code is no longer good.
     *
     * Errors: `wrong_code`; `unavailable`; `untrusted_server`; `protocol`.
     */
    suspend fun `linkRefuse`(`code`: kotlin.String)

    /**
     * Begins to link this device, which has no account yet, to one of a user's: shows a code that
     * is good for five minutes and for one linking. A code shown before is no longer good.
     *
     * Errors: `wrong_state` where somebody is registered here; `rate_limited`; `unavailable`;
     * `untrusted_server`; `protocol`; `disk_full`.
     */
    suspend fun `linkStart`(): LinkTicket

    /**
     * Waits until a device of the user has approved this one, and signs in. May be cancelled and
     * called again, also after a restart; only `link_cancel` gives up. Once this device is signed
     * in, it gives the account.
     *
     * Errors: `wrong_state` where no link was begun or it was cancelled; `code_expired` where its
     * time is over, or the other device has refused; `wrong_code` and `untrusted_device` where
     * somebody else has answered; `access_denied` where the server does not let this device in:
     * sign in with the password then; `untrusted_server`; `protocol`; `disk_full`.
     */
    suspend fun `linkWait`(): Account

    /**
     * The recovery code, for the user to write down: with it a user who has lost all devices keeps
     * the identity. None on devices that were linked.
     *
     * Errors: `damaged`; `storage`.
     */
    suspend fun `recoveryCode`(): kotlin.String?

    /**
     * Removes another device of this user for good: its session ends, and it is removed from every
     * conversation. Works offline, and takes effect when the server knows.
     *
     * Errors: `not_found` where it is none; `wrong_state` for the only one; `not_signed_in`;
     * `disk_full`; `rolled_back`; `revoked`.
     */
    suspend fun `revokeDevice`(`device`: kotlin.String)

    /**
     * Lets go of everything before the app is suspended: calls are refused, the connection is
     * closed, running queries are interrupted, the database is closed and its lock released.
     * Paused already: does nothing.
     *
     * Errors: `disk_full`, `storage` where the database did not close cleanly. It is closed all
     * the same, and nothing is lost.
     */
    suspend fun `pause`()

    /**
     * Goes on after `pause`, or after a defect. Running already: does nothing.
     *
     * Errors: `already_open` where another process has taken the folder meanwhile; `damaged`;
     * `disk_full`; `storage`. The client then stays paused.
     */
    suspend fun `resume`()

    /**
     * Ends the client: like `pause`, and for good. Every later call gives `shut_down`, also those
     * that wait for changes. May be called again.
     *
     * Errors: `disk_full`, `storage` where the database did not close cleanly. It is closed all
     * the same.
     */
    suspend fun `shutdown`()

    /**
     * Fetches everything and sends what waits, within a budget of milliseconds: for the moments a
     * system grants to an app in the background. A paused client is paused again when it returns,
     * and when the call is cancelled.
     *
     * Errors: `invalid_argument` for a negative budget; `not_signed_in`; `access_denied` where the
     * session has ended and the password is needed; `update_needed`; `rolled_back`; `revoked`;
     * `disk_full`; those of `resume`.
     */
    suspend fun `syncOnce`(`budgetMs`: kotlin.Long): SyncOutcome

    /**
     * Takes an own message back. One that was never written to a connection leaves no trace;
     * otherwise a delete message follows it.
     *
     * Errors: `not_found`; `not_allowed` for a message of somebody else; `wrong_state` for one
     * that is no text or was taken back already; `outbox_full`; `disk_full`; `rolled_back`;
     * `revoked`.
     */
    suspend fun `delete`(`conversation`: kotlin.String, `message`: kotlin.String)

    /**
     * Takes an item out of the outbox; a queued message is gone with it. One that may already have
     * reached the server is taken back by a delete message. Discarding an edit or a deletion gives
     * the message its former text back. Discarding the founding of a conversation, or the
     * invitation that a direct one was opened for, discards the conversation with everything
     * queued in it. Works with a full disk.
     *
     * Errors: `not_found`; `wrong_state` for an item other than a message that is or may be at the
     * server; `not_allowed` for the invitation of the other user of a direct conversation that is
     * there.
     */
    suspend fun `discard`(`item`: kotlin.String)

    /**
     * Changes the text of an own message. One that was never written to a connection is simply
     * another one from then on; otherwise an edit message follows it.
     *
     * Errors: `not_found`; `not_allowed` for a message of somebody else; `wrong_state` for one
     * that is no text or was taken back; `invalid_argument` for empty text; `too_large` over 16
     * KiB of UTF-8; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    suspend fun `edit`(`conversation`: kotlin.String, `message`: kotlin.String, `text`: kotlin.String)

    /**
     * Marks everything up to a message as read, here and for the others to see. Marks never go
     * back.
     *
     * Errors: `not_found`; `disk_full`.
     */
    suspend fun `markRead`(`conversation`: kotlin.String, `message`: kotlin.String)

    /**
     * One message.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
    suspend fun `message`(`conversation`: kotlin.String, `message`: kotlin.String): Message

    /**
     * A page of messages, in the order of the conversation: by number, and behind them those that
     * wait for one.
     *
     * Errors: `not_found` where conversation or message is unknown; `invalid_argument` for a limit
     * below 1 or above 200; `damaged`; `storage`.
     */
    suspend fun `messages`(`conversation`: kotlin.String, `page`: MessagePage, `limit`: kotlin.Int = 50): List<Message>

    /**
     * What waits to be sent, in order: everywhere, or in one conversation.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
    suspend fun `outbox`(`conversation`: kotlin.String? = null): List<OutboxItem>

    /**
     * Tries a failed outbox item, and what waits behind it, again now. One that has not failed
     * goes on as it would have.
     *
     * Errors: `not_found`; `disk_full`; `rolled_back`; `revoked`.
     */
    suspend fun `retry`(`item`: kotlin.String)

    /**
     * Sends text. When it returns, the message survives a kill and a power cut, and is sent as
     * soon as that is possible. Gives the message's id, which is the same on every device.
     *
     * Errors: `not_found`; `invalid_argument` for empty text; `too_large` over 16 KiB of UTF-8;
     * `not_member` where this user was removed; `outbox_full`; `disk_full`; `rolled_back`;
     * `revoked`.
     */
    suspend fun `send`(`conversation`: kotlin.String, `text`: kotlin.String): kotlin.String

    /**
     * Relies on the new identity of a user from now on: what waited for it is sent. Compare the
     * safety number first.
     *
     * Errors: `not_found` for somebody never met; `invalid_argument` for oneself.
     */
    suspend fun `acceptIdentity`(`user`: kotlin.String)

    /**
     * Somebody whom this user has met in a conversation: the name, the safety number to compare,
     * and whether the user's identity has changed.
     *
     * Errors: `not_found` for somebody never met, and for oneself; `damaged`; `storage`.
     */
    suspend fun `contact`(`user`: kotlin.String): Contact

    /**
     * Whether a scanned QR picture shows the safety number of a user. Changes nothing: keep the
     * outcome with `set_verified`.
     *
     * Errors: `wrong_code` where the picture shows no safety number; those of `contact`.
     */
    suspend fun `matchesSafetyQr`(`user`: kotlin.String, `scanned`: kotlin.String): kotlin.Boolean

    /**
     * Keeps that the safety number of a user was compared and fitted, or that this no longer
     * holds. A change of identity stops sending until it is accepted: in the direct conversation
     * with the user, and for a verified user in every group, too.
     *
     * Errors: `not_found` for somebody never met; `identity_changed` where a new identity is not
     * accepted yet; `invalid_argument` for oneself.
     */
    suspend fun `setVerified`(`user`: kotlin.String, `verified`: kotlin.Boolean)

    /**
     * Sets up anew a device whose database is an old copy (`rolled_back`), in the same folder: it
     * goes on as a new device of the same user, and the old one is removed. What is here stays, and
     * what it has missed is said again by its authors. What waited in the outbox may have been sent
     * after the copy was made: it stands there as failed, for `retry` or `discard`. Where the answer
     * got lost, the same call finishes it.
     *
     * Errors: `wrong_state` where the database is no old copy; `access_denied` for a wrong password;
     * `revoked` where the user has removed this device or goes by another identity: link or recover
     * one in an empty folder then; `untrusted_device`; `too_many_devices`; `rate_limited`;
     * `unavailable`; `untrusted_server`; `protocol`; `disk_full`.
     */
    suspend fun `reEnrol`(`password`: kotlin.String): Account

    /**
     * Signs in without any device left, in an empty data folder: with the recovery code the
     * identity is provably the same user's, without it contacts see a new one. All former devices
     * are removed. Where the answer got lost, the same call finishes it.
     *
     * Errors: `wrong_code`; `access_denied` for a wrong name or password; `wrong_state` where
     * somebody is registered here; `rate_limited`; `unavailable`; `untrusted_server`; `protocol`;
     * `disk_full`.
     */
    suspend fun `recover`(`username`: kotlin.String, `password`: kotlin.String, `code`: kotlin.String? = null): Account

    /**
     * Makes an account at the server, with this device as its first. Where the answer got lost,
     * the same call finishes the registration. User names have 3 to 32 of a to z, 0 to 9, dot,
     * underscore and hyphen; passwords 10 to 256 bytes.
     *
     * Errors: `invalid_argument` for an impossible name or password; `username_taken`, also where
     * an unfinished registration had another password; `wrong_state` where somebody is registered
     * here already; `rate_limited`; `unavailable`; `untrusted_server`; `protocol`; `disk_full`.
     */
    suspend fun `register`(`username`: kotlin.String, `password`: kotlin.String): Account

    /**
     * Gets a new session with the password, after the old one has ended. To use an account on a
     * further device, link that device.
     *
     * Errors: `access_denied` for a wrong name or password; `wrong_state` where nobody, or
     * somebody else, is registered here; `rate_limited`; `unavailable`; `untrusted_server`;
     * `protocol`; `disk_full`.
     */
    suspend fun `signIn`(`username`: kotlin.String, `password`: kotlin.String): Account

    /**
     * Removes this device from the user's, closes the client for good and wipes the data folder.
     * The last device of a user stays listed: the account would be lost without one.
     *
     * Errors: `unavailable` where the server could not be told, unless that does not matter;
     * `storage` where the folder could not be wiped.
     */
    suspend fun `signOut`(`how`: SignOut)

    companion object
}

/**
 * A chat client: one account on this device.
 *
 * Every call with an effect is in the database before it returns, whatever becomes of the
 * network. A call that is cancelled may have happened all the same, and never happens by half.
 *
 * Each call can fail with `paused`, `shut_down`, `internal` and, where it takes an id,
 * `invalid_argument`, besides the errors that it lists. Ids are 32 hexadecimal digits.
 *
 * Call `shutdown` before the client is let go, and before the process ends.
 */
open class NativeClient: Disposable, AutoCloseable, NativeClientInterface
{

    @Suppress("UNUSED_PARAMETER")
    /**
     * @suppress
     */
    constructor(withHandle: UniffiWithHandle, handle: Long) {
        this.handle = handle
        this.cleanable = UniffiLib.CLEANER.register(this, UniffiCleanAction(handle))
    }

    /**
     * @suppress
     *
     * This constructor can be used to instantiate a fake object. Only used for tests. Any
     * attempt to actually use an object constructed this way will fail as there is no
     * connected Rust object.
     */
    @Suppress("UNUSED_PARAMETER")
    constructor(noHandle: NoHandle) {
        this.handle = 0
        this.cleanable = null
    }

    protected val handle: Long
    protected val cleanable: UniffiCleaner.Cleanable?

    private val wasDestroyed = AtomicBoolean(false)
    private val callCounter = AtomicLong(1)

    /**
     * Whether the current object has been destroyed and its reference is gone in the Rust side.
     */
    val uniffiIsDestroyed: Boolean get() = wasDestroyed.get()

    override fun destroy() {
        // Only allow a single call to this method.
        // TODO: maybe we should log a warning if called more than once?
        if (this.wasDestroyed.compareAndSet(false, true)) {
            // This decrement always matches the initial count of 1 given at creation time.
            if (this.callCounter.decrementAndGet() == 0L) {
                cleanable?.clean()
            }
        }
    }

    @Synchronized
    override fun close() {
        this.destroy()
    }

    internal inline fun <R> callWithHandle(block: (handle: Long) -> R): R {
        // Check and increment the call counter, to keep the object alive.
        // This needs a compare-and-set retry loop in case of concurrent updates.
        do {
            val c = this.callCounter.get()
            if (c == 0L) {
                throw IllegalStateException("${this.javaClass.simpleName} object has already been destroyed")
            }
            if (c == Long.MAX_VALUE) {
                throw IllegalStateException("${this.javaClass.simpleName} call counter would overflow")
            }
        } while (! this.callCounter.compareAndSet(c, c + 1L))
        // Now we can safely do the method call without the handle being freed concurrently.
        try {
            return block(this.uniffiCloneHandle())
        } finally {
            // This decrement always matches the increment we performed above.
            if (this.callCounter.decrementAndGet() == 0L) {
                cleanable?.clean()
            }
        }
    }

    // Use a static inner class instead of a closure so as not to accidentally
    // capture `this` as part of the cleanable's action.
    private class UniffiCleanAction(private val handle: Long) : Runnable {
        override fun run() {
            if (handle == 0.toLong()) {
                // Fake object created with `NoHandle`, don't try to free.
                return;
            }
            uniffiRustCall { status ->
                UniffiLib.uniffi_whimbrel_ffi_fn_free_nativeclient(handle, status)
            }
        }
    }

    /**
     * @suppress
     */
    fun uniffiCloneHandle(): Long {
        if (handle == 0.toLong()) {
            throw InternalException("uniffiCloneHandle() called on NoHandle object");
        }
        return uniffiRustCall() { status ->
            UniffiLib.uniffi_whimbrel_ffi_fn_clone_nativeclient(handle, status)
        }
    }


    /**
     * Who is registered or signed in here. Never waits.
     */
    @Throws(WhimbrelException::class)override fun `account`(): Account? {
            return FfiConverterOptionalTypeAccount.lift(
    callWithHandle {
    uniffiRustCallWithError(WhimbrelException) { _status ->
    UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_account(
        it,
        _status)
}
    }
    )
    }



    /**
     * Tells whether there is a network. With `Up` it connects at once, with `Down` it does not try
     * to; a client that is paused remembers it. Calls that ask the server themselves, such as
     * `register`, `sign_in` and those for linking, try all the same.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `setNetwork`(`network`: Network) {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_set_network(
                uniffiHandle,

        FfiConverterTypeNetwork.lower(`network`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * The state of the client as a whole. Never waits; also known while paused.
     */
    @Throws(WhimbrelException::class)override fun `state`(): ClientState {
            return FfiConverterTypeClientState.lift(
    callWithHandle {
    uniffiRustCallWithError(WhimbrelException) { _status ->
    UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_state(
        it,
        _status)
}
    }
    )
    }



    /**
     * Begins to collect what changes from now on. Subscribe before the first query, so that
     * nothing falls between. Never waits.
     */
    @Throws(WhimbrelException::class)override fun `subscribe`(): NativeChanges {
            return FfiConverterTypeNativeChanges.lift(
    callWithHandle {
    uniffiRustCallWithError(WhimbrelException) { _status ->
    UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_subscribe(
        it,
        _status)
}
    }
    )
    }



    /**
     * Adds people to a group, in turn with the messages sent there: who is added before a message
     * can read it. Only owners and admins may. Gives the outbox item, which fails with
     * `not_allowed` where the right is lost before it goes out.
     *
     * Errors: `not_found`; `not_allowed` without the right and for a direct conversation;
     * `not_member` where this user was removed; `invalid_argument` for nobody or an impossible
     * name; `too_large` for more than 32 people at once; `outbox_full`; `disk_full`;
     * `rolled_back`; `revoked`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `addMembers`(`conversation`: kotlin.String, `people`: List<Person>) : kotlin.String {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_add_members(
                uniffiHandle,

        FfiConverterString.lower(`conversation`),
        FfiConverterSequenceTypePerson.lower(`people`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterString.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * One conversation.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `conversation`(`conversation`: kotlin.String) : Conversation {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_conversation(
                uniffiHandle,

        FfiConverterString.lower(`conversation`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterTypeConversation.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * A page of the list of conversations, the most recently active first.
     *
     * Errors: `invalid_argument` for a negative offset and for a limit below 1 or above 200;
     * `damaged`; `storage`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `conversations`(`offset`: kotlin.Int, `limit`: kotlin.Int) : List<Conversation> {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_conversations(
                uniffiHandle,

        FfiConverterInt.lower(`offset`),
        FfiConverterInt.lower(`limit`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterSequenceTypeConversation.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Opens the direct conversation with somebody: the one there is, or a new one. Works offline;
     * where both sides begin at the same time, the two become one, and the id given here goes on
     * to stand for it.
     *
     * Errors: `not_signed_in`; `invalid_argument` for an impossible name or the own one;
     * `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `createDirect`(`peer`: Person) : kotlin.String {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_create_direct(
                uniffiHandle,

        FfiConverterTypePerson.lower(`peer`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterString.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Makes a group. Works offline.
     *
     * Errors: `not_signed_in`; `invalid_argument` for an impossible user name, and for control
     * characters in the group's; `too_large` for a name over 256 bytes or too many members;
     * `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `createGroup`(`name`: kotlin.String, `members`: List<Person>) : kotlin.String {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_create_group(
                uniffiHandle,

        FfiConverterString.lower(`name`),
        FfiConverterSequenceTypePerson.lower(`members`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterString.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * A code that all members of a conversation share as long as nobody is between them, in six
     * groups of five digits; it changes with every change of the group. Members who read each
     * other different codes while both are up to date have been separated by the server.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `epochCode`(`conversation`: kotlin.String) : kotlin.String? {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_epoch_code(
                uniffiHandle,

        FfiConverterString.lower(`conversation`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterOptionalString.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Says which conversation is on screen, so that it is fetched first; none for no conversation.
     * One that is not there may come.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `focus`(`conversation`: kotlin.String?) {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_focus(
                uniffiHandle,

        FfiConverterOptionalString.lower(`conversation`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Leaves a group. The app of another member carries it out; until then whatever would send
     * something there fails with `wrong_state`. Gives the outbox item.
     *
     * Errors: `not_found`; `not_allowed` for a direct conversation; `last_owner`: make somebody
     * else an owner first; `wrong_state` where this user is leaving already; `outbox_full`;
     * `disk_full`; `rolled_back`; `revoked`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `leave`(`conversation`: kotlin.String) : kotlin.String {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_leave(
                uniffiHandle,

        FfiConverterString.lower(`conversation`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterString.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Who is in a conversation now.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `members`(`conversation`: kotlin.String) : List<Member> {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_members(
                uniffiHandle,

        FfiConverterString.lower(`conversation`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterSequenceTypeMember.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Removes a user from a group; what follows that user can't read. Only owners and admins may.
     * Gives the outbox item, which fails with `not_allowed` where the right is lost before it goes
     * out.
     *
     * Errors: `not_found`; `not_member` for somebody who is not in it, and where this user was
     * removed; `not_allowed` without the right and for a direct conversation; `invalid_argument`
     * for oneself; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `removeMember`(`conversation`: kotlin.String, `user`: kotlin.String) : kotlin.String {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_remove_member(
                uniffiHandle,

        FfiConverterString.lower(`conversation`),
        FfiConverterString.lower(`user`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterString.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Names a group. Only owners and admins may. Gives the outbox item.
     *
     * Errors: `not_found`; `not_allowed` without the right and for a direct conversation;
     * `not_member` where this user was removed; `invalid_argument` for control characters;
     * `too_large` over 256 bytes; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `rename`(`conversation`: kotlin.String, `name`: kotlin.String) : kotlin.String {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_rename(
                uniffiHandle,

        FfiConverterString.lower(`conversation`),
        FfiConverterString.lower(`name`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterString.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Gives users of a group other roles, all in one step: ownership is handed over by making the
     * other an owner and oneself something else in one call. Only owners may. Gives the outbox
     * item.
     *
     * Errors: `not_found`; `not_member` for somebody who is not in it; `not_allowed` without being
     * an owner and for a direct conversation; `last_owner` where nobody would be left as owner;
     * `invalid_argument`; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `setRoles`(`conversation`: kotlin.String, `roles`: List<RoleGrant>) : kotlin.String {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_set_roles(
                uniffiHandle,

        FfiConverterString.lower(`conversation`),
        FfiConverterSequenceTypeRoleGrant.lower(`roles`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterString.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * The devices of this user, with what is left to do for each.
     *
     * Errors: `not_signed_in`; `damaged`; `storage`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `devices`() : DeviceList {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_devices(
                uniffiHandle,

            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterTypeDeviceList.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Makes the device that shows a code one of this user's: hands over the identity, and adds the
     * device to every conversation, which `devices` shows going on. May be repeated. Where the
     * device does not come while its code is good, this client revokes it again; if the app is
     * killed or paused meanwhile, the device stays listed until it is approved again in time, or
     * revoked. Gives the device's id.
     *
     * Errors: those of `link_inspect`; `too_many_devices`; `code_used`; `unavailable` where the
     * server was away for too long: the device is not one of this user's, or no more.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `linkApprove`(`code`: kotlin.String) : kotlin.String {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_link_approve(
                uniffiHandle,

        FfiConverterString.lower(`code`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterString.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Gives up being linked: the code is no longer good.
     *
     * Errors: `disk_full`; `storage`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `linkCancel`() {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_link_cancel(
                uniffiHandle,

            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Looks at the device that shows a code, as text or QR content, before approving it.
     *
     * Errors: `wrong_code` for a wrong character, and where somebody else has answered under that
     * code; `code_used` for one that a device has come in by; `code_expired` for one that is over,
     * was cancelled, or that the server does not know; `not_signed_in`; `rate_limited`;
     * `unavailable`; `untrusted_server`; `protocol`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `linkInspect`(`code`: kotlin.String) : LinkRequest {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_link_inspect(
                uniffiHandle,

        FfiConverterString.lower(`code`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterTypeLinkRequest.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Refuses the device that shows a code: the code is no longer good.
     *
     * Errors: `wrong_code`; `unavailable`; `untrusted_server`; `protocol`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `linkRefuse`(`code`: kotlin.String) {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_link_refuse(
                uniffiHandle,

        FfiConverterString.lower(`code`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Begins to link this device, which has no account yet, to one of a user's: shows a code that
     * is good for five minutes and for one linking. A code shown before is no longer good.
     *
     * Errors: `wrong_state` where somebody is registered here; `rate_limited`; `unavailable`;
     * `untrusted_server`; `protocol`; `disk_full`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `linkStart`() : LinkTicket {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_link_start(
                uniffiHandle,

            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterTypeLinkTicket.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Waits until a device of the user has approved this one, and signs in. May be cancelled and
     * called again, also after a restart; only `link_cancel` gives up. Once this device is signed
     * in, it gives the account.
     *
     * Errors: `wrong_state` where no link was begun or it was cancelled; `code_expired` where its
     * time is over, or the other device has refused; `wrong_code` and `untrusted_device` where
     * somebody else has answered; `access_denied` where the server does not let this device in:
     * sign in with the password then; `untrusted_server`; `protocol`; `disk_full`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `linkWait`() : Account {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_link_wait(
                uniffiHandle,

            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterTypeAccount.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * The recovery code, for the user to write down: with it a user who has lost all devices keeps
     * the identity. None on devices that were linked.
     *
     * Errors: `damaged`; `storage`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `recoveryCode`() : kotlin.String? {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_recovery_code(
                uniffiHandle,

            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterOptionalString.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Removes another device of this user for good: its session ends, and it is removed from every
     * conversation. Works offline, and takes effect when the server knows.
     *
     * Errors: `not_found` where it is none; `wrong_state` for the only one; `not_signed_in`;
     * `disk_full`; `rolled_back`; `revoked`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `revokeDevice`(`device`: kotlin.String) {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_revoke_device(
                uniffiHandle,

        FfiConverterString.lower(`device`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Lets go of everything before the app is suspended: calls are refused, the connection is
     * closed, running queries are interrupted, the database is closed and its lock released.
     * Paused already: does nothing.
     *
     * Errors: `disk_full`, `storage` where the database did not close cleanly. It is closed all
     * the same, and nothing is lost.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `pause`() {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_pause(
                uniffiHandle,

            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Goes on after `pause`, or after a defect. Running already: does nothing.
     *
     * Errors: `already_open` where another process has taken the folder meanwhile; `damaged`;
     * `disk_full`; `storage`. The client then stays paused.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `resume`() {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_resume(
                uniffiHandle,

            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Ends the client: like `pause`, and for good. Every later call gives `shut_down`, also those
     * that wait for changes. May be called again.
     *
     * Errors: `disk_full`, `storage` where the database did not close cleanly. It is closed all
     * the same.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `shutdown`() {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_shutdown(
                uniffiHandle,

            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Fetches everything and sends what waits, within a budget of milliseconds: for the moments a
     * system grants to an app in the background. A paused client is paused again when it returns,
     * and when the call is cancelled.
     *
     * Errors: `invalid_argument` for a negative budget; `not_signed_in`; `access_denied` where the
     * session has ended and the password is needed; `update_needed`; `rolled_back`; `revoked`;
     * `disk_full`; those of `resume`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `syncOnce`(`budgetMs`: kotlin.Long) : SyncOutcome {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_sync_once(
                uniffiHandle,

        FfiConverterLong.lower(`budgetMs`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterTypeSyncOutcome.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Takes an own message back. One that was never written to a connection leaves no trace;
     * otherwise a delete message follows it.
     *
     * Errors: `not_found`; `not_allowed` for a message of somebody else; `wrong_state` for one
     * that is no text or was taken back already; `outbox_full`; `disk_full`; `rolled_back`;
     * `revoked`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `delete`(`conversation`: kotlin.String, `message`: kotlin.String) {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_delete(
                uniffiHandle,

        FfiConverterString.lower(`conversation`),
        FfiConverterString.lower(`message`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Takes an item out of the outbox; a queued message is gone with it. One that may already have
     * reached the server is taken back by a delete message. Discarding an edit or a deletion gives
     * the message its former text back. Discarding the founding of a conversation, or the
     * invitation that a direct one was opened for, discards the conversation with everything
     * queued in it. Works with a full disk.
     *
     * Errors: `not_found`; `wrong_state` for an item other than a message that is or may be at the
     * server; `not_allowed` for the invitation of the other user of a direct conversation that is
     * there.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `discard`(`item`: kotlin.String) {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_discard(
                uniffiHandle,

        FfiConverterString.lower(`item`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Changes the text of an own message. One that was never written to a connection is simply
     * another one from then on; otherwise an edit message follows it.
     *
     * Errors: `not_found`; `not_allowed` for a message of somebody else; `wrong_state` for one
     * that is no text or was taken back; `invalid_argument` for empty text; `too_large` over 16
     * KiB of UTF-8; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `edit`(`conversation`: kotlin.String, `message`: kotlin.String, `text`: kotlin.String) {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_edit(
                uniffiHandle,

        FfiConverterString.lower(`conversation`),
        FfiConverterString.lower(`message`),
        FfiConverterString.lower(`text`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Marks everything up to a message as read, here and for the others to see. Marks never go
     * back.
     *
     * Errors: `not_found`; `disk_full`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `markRead`(`conversation`: kotlin.String, `message`: kotlin.String) {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_mark_read(
                uniffiHandle,

        FfiConverterString.lower(`conversation`),
        FfiConverterString.lower(`message`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * One message.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `message`(`conversation`: kotlin.String, `message`: kotlin.String) : Message {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_message(
                uniffiHandle,

        FfiConverterString.lower(`conversation`),
        FfiConverterString.lower(`message`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterTypeMessage.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * A page of messages, in the order of the conversation: by number, and behind them those that
     * wait for one.
     *
     * Errors: `not_found` where conversation or message is unknown; `invalid_argument` for a limit
     * below 1 or above 200; `damaged`; `storage`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `messages`(`conversation`: kotlin.String, `page`: MessagePage, `limit`: kotlin.Int) : List<Message> {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_messages(
                uniffiHandle,

        FfiConverterString.lower(`conversation`),
        FfiConverterTypeMessagePage.lower(`page`),
        FfiConverterInt.lower(`limit`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterSequenceTypeMessage.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * What waits to be sent, in order: everywhere, or in one conversation.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `outbox`(`conversation`: kotlin.String?) : List<OutboxItem> {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_outbox(
                uniffiHandle,

        FfiConverterOptionalString.lower(`conversation`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterSequenceTypeOutboxItem.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Tries a failed outbox item, and what waits behind it, again now. One that has not failed
     * goes on as it would have.
     *
     * Errors: `not_found`; `disk_full`; `rolled_back`; `revoked`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `retry`(`item`: kotlin.String) {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_retry(
                uniffiHandle,

        FfiConverterString.lower(`item`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Sends text. When it returns, the message survives a kill and a power cut, and is sent as
     * soon as that is possible. Gives the message's id, which is the same on every device.
     *
     * Errors: `not_found`; `invalid_argument` for empty text; `too_large` over 16 KiB of UTF-8;
     * `not_member` where this user was removed; `outbox_full`; `disk_full`; `rolled_back`;
     * `revoked`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `send`(`conversation`: kotlin.String, `text`: kotlin.String) : kotlin.String {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_send(
                uniffiHandle,

        FfiConverterString.lower(`conversation`),
        FfiConverterString.lower(`text`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterString.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Relies on the new identity of a user from now on: what waited for it is sent. Compare the
     * safety number first.
     *
     * Errors: `not_found` for somebody never met; `invalid_argument` for oneself.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `acceptIdentity`(`user`: kotlin.String) {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_accept_identity(
                uniffiHandle,

        FfiConverterString.lower(`user`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Somebody whom this user has met in a conversation: the name, the safety number to compare,
     * and whether the user's identity has changed.
     *
     * Errors: `not_found` for somebody never met, and for oneself; `damaged`; `storage`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `contact`(`user`: kotlin.String) : Contact {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_contact(
                uniffiHandle,

        FfiConverterString.lower(`user`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterTypeContact.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Whether a scanned QR picture shows the safety number of a user. Changes nothing: keep the
     * outcome with `set_verified`.
     *
     * Errors: `wrong_code` where the picture shows no safety number; those of `contact`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `matchesSafetyQr`(`user`: kotlin.String, `scanned`: kotlin.String) : kotlin.Boolean {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_matches_safety_qr(
                uniffiHandle,

        FfiConverterString.lower(`user`),
        FfiConverterString.lower(`scanned`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_i8(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_i8(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_i8(future) },
        // lift function
        { FfiConverterBoolean.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Keeps that the safety number of a user was compared and fitted, or that this no longer
     * holds. A change of identity stops sending until it is accepted: in the direct conversation
     * with the user, and for a verified user in every group, too.
     *
     * Errors: `not_found` for somebody never met; `identity_changed` where a new identity is not
     * accepted yet; `invalid_argument` for oneself.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `setVerified`(`user`: kotlin.String, `verified`: kotlin.Boolean) {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_set_verified(
                uniffiHandle,

        FfiConverterString.lower(`user`),
        FfiConverterBoolean.lower(`verified`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Sets up anew a device whose database is an old copy (`rolled_back`), in the same folder: it
     * goes on as a new device of the same user, and the old one is removed. What is here stays, and
     * what it has missed is said again by its authors. What waited in the outbox may have been sent
     * after the copy was made: it stands there as failed, for `retry` or `discard`. Where the answer
     * got lost, the same call finishes it.
     *
     * Errors: `wrong_state` where the database is no old copy; `access_denied` for a wrong password;
     * `revoked` where the user has removed this device or goes by another identity: link or recover
     * one in an empty folder then; `untrusted_device`; `too_many_devices`; `rate_limited`;
     * `unavailable`; `untrusted_server`; `protocol`; `disk_full`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `reEnrol`(`password`: kotlin.String) : Account {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_re_enrol(
                uniffiHandle,

        FfiConverterString.lower(`password`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterTypeAccount.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Signs in without any device left, in an empty data folder: with the recovery code the
     * identity is provably the same user's, without it contacts see a new one. All former devices
     * are removed. Where the answer got lost, the same call finishes it.
     *
     * Errors: `wrong_code`; `access_denied` for a wrong name or password; `wrong_state` where
     * somebody is registered here; `rate_limited`; `unavailable`; `untrusted_server`; `protocol`;
     * `disk_full`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `recover`(`username`: kotlin.String, `password`: kotlin.String, `code`: kotlin.String?) : Account {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_recover(
                uniffiHandle,

        FfiConverterString.lower(`username`),
        FfiConverterString.lower(`password`),
        FfiConverterOptionalString.lower(`code`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterTypeAccount.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Makes an account at the server, with this device as its first. Where the answer got lost,
     * the same call finishes the registration. User names have 3 to 32 of a to z, 0 to 9, dot,
     * underscore and hyphen; passwords 10 to 256 bytes.
     *
     * Errors: `invalid_argument` for an impossible name or password; `username_taken`, also where
     * an unfinished registration had another password; `wrong_state` where somebody is registered
     * here already; `rate_limited`; `unavailable`; `untrusted_server`; `protocol`; `disk_full`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `register`(`username`: kotlin.String, `password`: kotlin.String) : Account {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_register(
                uniffiHandle,

        FfiConverterString.lower(`username`),
        FfiConverterString.lower(`password`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterTypeAccount.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Gets a new session with the password, after the old one has ended. To use an account on a
     * further device, link that device.
     *
     * Errors: `access_denied` for a wrong name or password; `wrong_state` where nobody, or
     * somebody else, is registered here; `rate_limited`; `unavailable`; `untrusted_server`;
     * `protocol`; `disk_full`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `signIn`(`username`: kotlin.String, `password`: kotlin.String) : Account {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_sign_in(
                uniffiHandle,

        FfiConverterString.lower(`username`),
        FfiConverterString.lower(`password`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterTypeAccount.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    /**
     * Removes this device from the user's, closes the client for good and wipes the data folder.
     * The last device of a user stays listed: the account would be lost without one.
     *
     * Errors: `unavailable` where the server could not be told, unless that does not matter;
     * `storage` where the folder could not be wiped.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
    override suspend fun `signOut`(`how`: SignOut) {
        return uniffiRustCallAsync(
        callWithHandle { uniffiHandle ->
            UniffiLib.uniffi_whimbrel_ffi_fn_method_nativeclient_sign_out(
                uniffiHandle,

        FfiConverterTypeSignOut.lower(`how`),
            )
        },
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }







    companion object {

    /**
     * Opens the data folder and starts the client. It connects as soon as somebody is registered
     * or signed in and there is a network.
     *
     * The key of the database comes from the key store, which keeps a new one for a new folder.
     *
     * Errors: `invalid_argument` for a server that is not an https address, a folder or a
     * fingerprint that is none; `key_store`; `already_open` where another client or process has
     * the folder open; `wrong_key`; `damaged`; `update_needed` where a newer version of this
     * library has written the database; `disk_full`; `storage`.
     */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
     suspend fun `open`(`options`: ClientOptions, `keyStore`: KeyStore, `logSink`: LogSink? = null) : NativeClient {
        return uniffiRustCallAsync(
        UniffiLib.uniffi_whimbrel_ffi_fn_constructor_nativeclient_open(
        FfiConverterTypeClientOptions.lower(`options`),
        FfiConverterTypeKeyStore.lower(`keyStore`),
        FfiConverterOptionalTypeLogSink.lower(`logSink`),),
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_u64(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_u64(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_u64(future) },
        // lift function
        { FfiConverterTypeNativeClient.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }


    }

}


/**
 * @suppress
 */
public object FfiConverterTypeNativeClient: FfiConverter<NativeClient, Long> {
    override fun lower(value: NativeClient): Long {
        return value.uniffiCloneHandle()
    }

    override fun lift(value: Long): NativeClient {
        return NativeClient(UniffiWithHandle, value)
    }

    override fun read(buf: ByteBuffer): NativeClient {
        return lift(buf.getLong())
    }

    override fun allocationSize(value: NativeClient) = 8UL

    override fun write(value: NativeClient, buf: ByteBuffer) {
        buf.putLong(lower(value))
    }
}



/**
 * Who uses a client.
 */
data class Account (
    /**
     * Id of the user.
     */
    val `user`: kotlin.String
    ,
    /**
     * The user's name.
     */
    val `username`: kotlin.String
    ,
    /**
     * Id of this device.
     */
    val `device`: kotlin.String

){





    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeAccount: FfiConverterRustBuffer<Account> {
    override fun read(buf: ByteBuffer): Account {
        return Account(
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
        )
    }

    override fun allocationSize(value: Account) = (
            FfiConverterString.allocationSize(value.`user`) +
            FfiConverterString.allocationSize(value.`username`) +
            FfiConverterString.allocationSize(value.`device`)
    )

    override fun write(value: Account, buf: ByteBuffer) {
            FfiConverterString.write(value.`user`, buf)
            FfiConverterString.write(value.`username`, buf)
            FfiConverterString.write(value.`device`, buf)
    }
}



/**
 * What a client is opened with. Only the data folder and the server have no default.
 */
data class ClientOptions (
    /**
     * Path of the data folder. It holds one account, is made where it is missing, and belongs to
     * the library alone. Keep it out of backups: an old copy of the database can't send any more.
     */
    val `dataFolder`: kotlin.String
    ,
    /**
     * The server: `https://host` or `https://host:port`.
     */
    val `server`: kotlin.String
    ,
    /**
     * SHA-256 of the server's certificate in DER form: 64 hexadecimal digits, colons allowed.
     * Without it the certificate must come from a public certificate authority.
     */
    val `pinnedFingerprint`: kotlin.String? = null
    ,
    /**
     * Whether there is no network at the start.
     */
    val `startsOffline`: kotlin.Boolean = false

){





    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeClientOptions: FfiConverterRustBuffer<ClientOptions> {
    override fun read(buf: ByteBuffer): ClientOptions {
        return ClientOptions(
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
            FfiConverterOptionalString.read(buf),
            FfiConverterBoolean.read(buf),
        )
    }

    override fun allocationSize(value: ClientOptions) = (
            FfiConverterString.allocationSize(value.`dataFolder`) +
            FfiConverterString.allocationSize(value.`server`) +
            FfiConverterOptionalString.allocationSize(value.`pinnedFingerprint`) +
            FfiConverterBoolean.allocationSize(value.`startsOffline`)
    )

    override fun write(value: ClientOptions, buf: ByteBuffer) {
            FfiConverterString.write(value.`dataFolder`, buf)
            FfiConverterString.write(value.`server`, buf)
            FfiConverterOptionalString.write(value.`pinnedFingerprint`, buf)
            FfiConverterBoolean.write(value.`startsOffline`, buf)
    }
}



/**
 * The client as a whole.
 */
data class ClientState (
    /**
     * The connection.
     */
    val `connection`: Connection
    ,
    /**
     * Who is registered or signed in here.
     */
    val `account`: Account?
    ,
    /**
     * What stops this client for good or until somebody acts.
     */
    val `alarm`: Alarm?
    ,
    /**
     * Items in the outbox.
     */
    val `queued`: kotlin.Int
    ,
    /**
     * Why the last try to connect failed.
     */
    val `lastError`: ErrorCode?

){





    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeClientState: FfiConverterRustBuffer<ClientState> {
    override fun read(buf: ByteBuffer): ClientState {
        return ClientState(
            FfiConverterTypeConnection.read(buf),
            FfiConverterOptionalTypeAccount.read(buf),
            FfiConverterOptionalTypeAlarm.read(buf),
            FfiConverterInt.read(buf),
            FfiConverterOptionalTypeErrorCode.read(buf),
        )
    }

    override fun allocationSize(value: ClientState) = (
            FfiConverterTypeConnection.allocationSize(value.`connection`) +
            FfiConverterOptionalTypeAccount.allocationSize(value.`account`) +
            FfiConverterOptionalTypeAlarm.allocationSize(value.`alarm`) +
            FfiConverterInt.allocationSize(value.`queued`) +
            FfiConverterOptionalTypeErrorCode.allocationSize(value.`lastError`)
    )

    override fun write(value: ClientState, buf: ByteBuffer) {
            FfiConverterTypeConnection.write(value.`connection`, buf)
            FfiConverterOptionalTypeAccount.write(value.`account`, buf)
            FfiConverterOptionalTypeAlarm.write(value.`alarm`, buf)
            FfiConverterInt.write(value.`queued`, buf)
            FfiConverterOptionalTypeErrorCode.write(value.`lastError`, buf)
    }
}



/**
 * Somebody this user has met in a conversation.
 */
data class Contact (
    /**
     * Id of the user.
     */
    val `user`: kotlin.String
    ,
    /**
     * The user's name.
     */
    val `username`: kotlin.String
    ,
    /**
     * The safety number was compared, and the identity has not changed since.
     */
    val `verified`: kotlin.Boolean
    ,
    /**
     * The user goes by another identity key than the one relied on here, until it is accepted.
     */
    val `identityChange`: IdentityChange?
    ,
    /**
     * Two device lists of one version were seen, both signed by this user: somebody else has the
     * user's identity key, or the user's devices have gone separate ways.
     */
    val `conflict`: kotlin.Boolean
    ,
    /**
     * What both users compare to know that nobody is between them: twelve groups of five digits,
     * the same on both sides.
     */
    val `safetyNumber`: kotlin.String
    ,
    /**
     * The same as the content of a QR picture.
     */
    val `safetyQr`: kotlin.String

){





    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeContact: FfiConverterRustBuffer<Contact> {
    override fun read(buf: ByteBuffer): Contact {
        return Contact(
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
            FfiConverterBoolean.read(buf),
            FfiConverterOptionalTypeIdentityChange.read(buf),
            FfiConverterBoolean.read(buf),
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
        )
    }

    override fun allocationSize(value: Contact) = (
            FfiConverterString.allocationSize(value.`user`) +
            FfiConverterString.allocationSize(value.`username`) +
            FfiConverterBoolean.allocationSize(value.`verified`) +
            FfiConverterOptionalTypeIdentityChange.allocationSize(value.`identityChange`) +
            FfiConverterBoolean.allocationSize(value.`conflict`) +
            FfiConverterString.allocationSize(value.`safetyNumber`) +
            FfiConverterString.allocationSize(value.`safetyQr`)
    )

    override fun write(value: Contact, buf: ByteBuffer) {
            FfiConverterString.write(value.`user`, buf)
            FfiConverterString.write(value.`username`, buf)
            FfiConverterBoolean.write(value.`verified`, buf)
            FfiConverterOptionalTypeIdentityChange.write(value.`identityChange`, buf)
            FfiConverterBoolean.write(value.`conflict`, buf)
            FfiConverterString.write(value.`safetyNumber`, buf)
            FfiConverterString.write(value.`safetyQr`, buf)
    }
}



/**
 * A conversation as a list shows it.
 */
data class Conversation (
    /**
     * Its id.
     */
    val `id`: kotlin.String
    ,
    /**
     * Direct or group.
     */
    val `kind`: ConversationKind
    ,
    /**
     * What can be done in it.
     */
    val `state`: ConversationState
    ,
    /**
     * The group's name; for a direct conversation the other user's name. May be empty.
     */
    val `name`: kotlin.String
    ,
    /**
     * Id of the other user of a direct conversation, once known.
     */
    val `peer`: kotlin.String?
    ,
    /**
     * Messages of others above the own read mark, at most 999.
     */
    val `unread`: kotlin.Int
    ,
    /**
     * The newest row.
     */
    val `lastMessage`: Message?
    ,
    /**
     * Last number applied here.
     */
    val `appliedSeq`: kotlin.Long
    ,
    /**
     * Items waiting in the outbox.
     */
    val `queued`: kotlin.Int
    ,
    /**
     * Why the conversation's outbox is stopped, if it is. With `identity_changed` it goes on once
     * the new identity of a member is accepted.
     */
    val `blocked`: ErrorCode?
    ,
    /**
     * A member has seen another history than this device: the server has lied to one of the two.
     */
    val `forked`: kotlin.Boolean
    ,
    /**
     * When something last happened, in milliseconds since 1970; the list is sorted by it.
     */
    val `lastActivityMs`: kotlin.Long

){





    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeConversation: FfiConverterRustBuffer<Conversation> {
    override fun read(buf: ByteBuffer): Conversation {
        return Conversation(
            FfiConverterString.read(buf),
            FfiConverterTypeConversationKind.read(buf),
            FfiConverterTypeConversationState.read(buf),
            FfiConverterString.read(buf),
            FfiConverterOptionalString.read(buf),
            FfiConverterInt.read(buf),
            FfiConverterOptionalTypeMessage.read(buf),
            FfiConverterLong.read(buf),
            FfiConverterInt.read(buf),
            FfiConverterOptionalTypeErrorCode.read(buf),
            FfiConverterBoolean.read(buf),
            FfiConverterLong.read(buf),
        )
    }

    override fun allocationSize(value: Conversation) = (
            FfiConverterString.allocationSize(value.`id`) +
            FfiConverterTypeConversationKind.allocationSize(value.`kind`) +
            FfiConverterTypeConversationState.allocationSize(value.`state`) +
            FfiConverterString.allocationSize(value.`name`) +
            FfiConverterOptionalString.allocationSize(value.`peer`) +
            FfiConverterInt.allocationSize(value.`unread`) +
            FfiConverterOptionalTypeMessage.allocationSize(value.`lastMessage`) +
            FfiConverterLong.allocationSize(value.`appliedSeq`) +
            FfiConverterInt.allocationSize(value.`queued`) +
            FfiConverterOptionalTypeErrorCode.allocationSize(value.`blocked`) +
            FfiConverterBoolean.allocationSize(value.`forked`) +
            FfiConverterLong.allocationSize(value.`lastActivityMs`)
    )

    override fun write(value: Conversation, buf: ByteBuffer) {
            FfiConverterString.write(value.`id`, buf)
            FfiConverterTypeConversationKind.write(value.`kind`, buf)
            FfiConverterTypeConversationState.write(value.`state`, buf)
            FfiConverterString.write(value.`name`, buf)
            FfiConverterOptionalString.write(value.`peer`, buf)
            FfiConverterInt.write(value.`unread`, buf)
            FfiConverterOptionalTypeMessage.write(value.`lastMessage`, buf)
            FfiConverterLong.write(value.`appliedSeq`, buf)
            FfiConverterInt.write(value.`queued`, buf)
            FfiConverterOptionalTypeErrorCode.write(value.`blocked`, buf)
            FfiConverterBoolean.write(value.`forked`, buf)
            FfiConverterLong.write(value.`lastActivityMs`, buf)
    }
}



/**
 * A device of this user.
 */
data class Device (
    /**
     * Id of the device.
     */
    val `id`: kotlin.String
    ,
    /**
     * Whether it is the one that this client runs on.
     */
    val `isThisOne`: kotlin.Boolean
    ,
    /**
     * How far it has come.
     */
    val `state`: DeviceState
    ,
    /**
     * Conversations that it is still to be added to, or removed from.
     */
    val `conversationsLeft`: kotlin.Int

){





    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeDevice: FfiConverterRustBuffer<Device> {
    override fun read(buf: ByteBuffer): Device {
        return Device(
            FfiConverterString.read(buf),
            FfiConverterBoolean.read(buf),
            FfiConverterTypeDeviceState.read(buf),
            FfiConverterInt.read(buf),
        )
    }

    override fun allocationSize(value: Device) = (
            FfiConverterString.allocationSize(value.`id`) +
            FfiConverterBoolean.allocationSize(value.`isThisOne`) +
            FfiConverterTypeDeviceState.allocationSize(value.`state`) +
            FfiConverterInt.allocationSize(value.`conversationsLeft`)
    )

    override fun write(value: Device, buf: ByteBuffer) {
            FfiConverterString.write(value.`id`, buf)
            FfiConverterBoolean.write(value.`isThisOne`, buf)
            FfiConverterTypeDeviceState.write(value.`state`, buf)
            FfiConverterInt.write(value.`conversationsLeft`, buf)
    }
}



/**
 * The devices of this user, as the newest list known here has them.
 */
data class DeviceList (
    /**
     * Version of that list.
     */
    val `version`: kotlin.Long
    ,
    /**
     * Two lists of one version were seen, both signed by this user: the user's identity key is in
     * somebody else's hands, or the user's devices have gone separate ways.
     */
    val `conflict`: kotlin.Boolean
    ,
    /**
     * The devices, by id, those that are revoked last.
     */
    val `devices`: List<Device>

){





    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeDeviceList: FfiConverterRustBuffer<DeviceList> {
    override fun read(buf: ByteBuffer): DeviceList {
        return DeviceList(
            FfiConverterLong.read(buf),
            FfiConverterBoolean.read(buf),
            FfiConverterSequenceTypeDevice.read(buf),
        )
    }

    override fun allocationSize(value: DeviceList) = (
            FfiConverterLong.allocationSize(value.`version`) +
            FfiConverterBoolean.allocationSize(value.`conflict`) +
            FfiConverterSequenceTypeDevice.allocationSize(value.`devices`)
    )

    override fun write(value: DeviceList, buf: ByteBuffer) {
            FfiConverterLong.write(value.`version`, buf)
            FfiConverterBoolean.write(value.`conflict`, buf)
            FfiConverterSequenceTypeDevice.write(value.`devices`, buf)
    }
}



/**
 * A device that waits to be linked, as a device of the user sees it.
 */
data class LinkRequest (
    /**
     * Id of the new device.
     */
    val `device`: kotlin.String
    ,
    /**
     * Twelve digits that the new device shows, too, unless somebody is between the two.
     */
    val `fingerprint`: kotlin.String
    ,
    /**
     * When the code is no longer good, in milliseconds since 1970, by the server's clock.
     */
    val `expiresMs`: kotlin.Long

){





    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeLinkRequest: FfiConverterRustBuffer<LinkRequest> {
    override fun read(buf: ByteBuffer): LinkRequest {
        return LinkRequest(
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
            FfiConverterLong.read(buf),
        )
    }

    override fun allocationSize(value: LinkRequest) = (
            FfiConverterString.allocationSize(value.`device`) +
            FfiConverterString.allocationSize(value.`fingerprint`) +
            FfiConverterLong.allocationSize(value.`expiresMs`)
    )

    override fun write(value: LinkRequest, buf: ByteBuffer) {
            FfiConverterString.write(value.`device`, buf)
            FfiConverterString.write(value.`fingerprint`, buf)
            FfiConverterLong.write(value.`expiresMs`, buf)
    }
}



/**
 * What a new device shows while it waits to be linked.
 */
data class LinkTicket (
    /**
     * The code, to be typed on a device of the user. Whoever sees it can take part in the linking.
     */
    val `code`: kotlin.String
    ,
    /**
     * The same as the content of a QR picture.
     */
    val `qr`: kotlin.String
    ,
    /**
     * Twelve digits that both devices show; the user compares them.
     */
    val `fingerprint`: kotlin.String
    ,
    /**
     * When the code is no longer good, in milliseconds since 1970, by this device's clock.
     */
    val `expiresMs`: kotlin.Long

){





    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeLinkTicket: FfiConverterRustBuffer<LinkTicket> {
    override fun read(buf: ByteBuffer): LinkTicket {
        return LinkTicket(
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
            FfiConverterLong.read(buf),
        )
    }

    override fun allocationSize(value: LinkTicket) = (
            FfiConverterString.allocationSize(value.`code`) +
            FfiConverterString.allocationSize(value.`qr`) +
            FfiConverterString.allocationSize(value.`fingerprint`) +
            FfiConverterLong.allocationSize(value.`expiresMs`)
    )

    override fun write(value: LinkTicket, buf: ByteBuffer) {
            FfiConverterString.write(value.`code`, buf)
            FfiConverterString.write(value.`qr`, buf)
            FfiConverterString.write(value.`fingerprint`, buf)
            FfiConverterLong.write(value.`expiresMs`, buf)
    }
}



/**
 * A line of the log. Holds no content, name, key or token.
 */
data class LogRecord (
    /**
     * How much it matters.
     */
    val `level`: LogLevel
    ,
    /**
     * When, in milliseconds since 1970, by this device's clock.
     */
    val `timeMs`: kotlin.Long
    ,
    /**
     * What happened, in English, for developers.
     */
    val `text`: kotlin.String

){





    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeLogRecord: FfiConverterRustBuffer<LogRecord> {
    override fun read(buf: ByteBuffer): LogRecord {
        return LogRecord(
            FfiConverterTypeLogLevel.read(buf),
            FfiConverterLong.read(buf),
            FfiConverterString.read(buf),
        )
    }

    override fun allocationSize(value: LogRecord) = (
            FfiConverterTypeLogLevel.allocationSize(value.`level`) +
            FfiConverterLong.allocationSize(value.`timeMs`) +
            FfiConverterString.allocationSize(value.`text`)
    )

    override fun write(value: LogRecord, buf: ByteBuffer) {
            FfiConverterTypeLogLevel.write(value.`level`, buf)
            FfiConverterLong.write(value.`timeMs`, buf)
            FfiConverterString.write(value.`text`, buf)
    }
}



/**
 * A user in a conversation.
 */
data class Member (
    /**
     * Id of the user.
     */
    val `user`: kotlin.String
    ,
    /**
     * The user's name, from the certificate in the group.
     */
    val `username`: kotlin.String
    ,
    /**
     * The user's rights.
     */
    val `role`: Role
    ,
    /**
     * The server says that a device of this user has everything up to this number.
     */
    val `deliveredSeq`: kotlin.Long
    ,
    /**
     * The user says to have read everything up to this number.
     */
    val `readSeq`: kotlin.Long

){





    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeMember: FfiConverterRustBuffer<Member> {
    override fun read(buf: ByteBuffer): Member {
        return Member(
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
            FfiConverterTypeRole.read(buf),
            FfiConverterLong.read(buf),
            FfiConverterLong.read(buf),
        )
    }

    override fun allocationSize(value: Member) = (
            FfiConverterString.allocationSize(value.`user`) +
            FfiConverterString.allocationSize(value.`username`) +
            FfiConverterTypeRole.allocationSize(value.`role`) +
            FfiConverterLong.allocationSize(value.`deliveredSeq`) +
            FfiConverterLong.allocationSize(value.`readSeq`)
    )

    override fun write(value: Member, buf: ByteBuffer) {
            FfiConverterString.write(value.`user`, buf)
            FfiConverterString.write(value.`username`, buf)
            FfiConverterTypeRole.write(value.`role`, buf)
            FfiConverterLong.write(value.`deliveredSeq`, buf)
            FfiConverterLong.write(value.`readSeq`, buf)
    }
}



/**
 * A row of a conversation.
 */
data class Message (
    /**
     * Its id: equal on every device, from the moment it is composed.
     */
    val `id`: kotlin.String
    ,
    /**
     * Id of the conversation.
     */
    val `conversation`: kotlin.String
    ,
    /**
     * Id of its author.
     */
    val `sender`: kotlin.String
    ,
    /**
     * Its number in the conversation; none until the server has accepted it.
     */
    val `seq`: kotlin.Long?
    ,
    /**
     * What it is.
     */
    val `content`: MessageContent
    ,
    /**
     * When it was composed, in milliseconds since 1970, by its author's clock.
     */
    val `composedMs`: kotlin.Long
    ,
    /**
     * When the server accepted it, in milliseconds since 1970.
     */
    val `serverTimeMs`: kotlin.Long?
    ,
    /**
     * How far it has come; `Sent` for messages of others.
     */
    val `delivery`: Delivery
    ,
    /**
     * The server left out something its author had sent before this one.
     */
    val `gapBefore`: kotlin.Boolean

){





    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeMessage: FfiConverterRustBuffer<Message> {
    override fun read(buf: ByteBuffer): Message {
        return Message(
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
            FfiConverterOptionalLong.read(buf),
            FfiConverterTypeMessageContent.read(buf),
            FfiConverterLong.read(buf),
            FfiConverterOptionalLong.read(buf),
            FfiConverterTypeDelivery.read(buf),
            FfiConverterBoolean.read(buf),
        )
    }

    override fun allocationSize(value: Message) = (
            FfiConverterString.allocationSize(value.`id`) +
            FfiConverterString.allocationSize(value.`conversation`) +
            FfiConverterString.allocationSize(value.`sender`) +
            FfiConverterOptionalLong.allocationSize(value.`seq`) +
            FfiConverterTypeMessageContent.allocationSize(value.`content`) +
            FfiConverterLong.allocationSize(value.`composedMs`) +
            FfiConverterOptionalLong.allocationSize(value.`serverTimeMs`) +
            FfiConverterTypeDelivery.allocationSize(value.`delivery`) +
            FfiConverterBoolean.allocationSize(value.`gapBefore`)
    )

    override fun write(value: Message, buf: ByteBuffer) {
            FfiConverterString.write(value.`id`, buf)
            FfiConverterString.write(value.`conversation`, buf)
            FfiConverterString.write(value.`sender`, buf)
            FfiConverterOptionalLong.write(value.`seq`, buf)
            FfiConverterTypeMessageContent.write(value.`content`, buf)
            FfiConverterLong.write(value.`composedMs`, buf)
            FfiConverterOptionalLong.write(value.`serverTimeMs`, buf)
            FfiConverterTypeDelivery.write(value.`delivery`, buf)
            FfiConverterBoolean.write(value.`gapBefore`, buf)
    }
}



/**
 * A message as a notification shows it.
 */
data class MessagePreview (
    /**
     * Id of the conversation.
     */
    val `conversation`: kotlin.String
    ,
    /**
     * The group's name; for a direct conversation the other user's name. May be empty.
     */
    val `conversationName`: kotlin.String
    ,
    /**
     * Id of the message: the same as when the client has taken it in.
     */
    val `message`: kotlin.String
    ,
    /**
     * Id of its author.
     */
    val `sender`: kotlin.String
    ,
    /**
     * The author's name, from the certificate in the group.
     */
    val `senderName`: kotlin.String
    ,
    /**
     * The text, cut after 500 characters.
     */
    val `text`: kotlin.String
    ,
    /**
     * When the server accepted it, in milliseconds since 1970.
     */
    val `serverTimeMs`: kotlin.Long

){





    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeMessagePreview: FfiConverterRustBuffer<MessagePreview> {
    override fun read(buf: ByteBuffer): MessagePreview {
        return MessagePreview(
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
            FfiConverterLong.read(buf),
        )
    }

    override fun allocationSize(value: MessagePreview) = (
            FfiConverterString.allocationSize(value.`conversation`) +
            FfiConverterString.allocationSize(value.`conversationName`) +
            FfiConverterString.allocationSize(value.`message`) +
            FfiConverterString.allocationSize(value.`sender`) +
            FfiConverterString.allocationSize(value.`senderName`) +
            FfiConverterString.allocationSize(value.`text`) +
            FfiConverterLong.allocationSize(value.`serverTimeMs`)
    )

    override fun write(value: MessagePreview, buf: ByteBuffer) {
            FfiConverterString.write(value.`conversation`, buf)
            FfiConverterString.write(value.`conversationName`, buf)
            FfiConverterString.write(value.`message`, buf)
            FfiConverterString.write(value.`sender`, buf)
            FfiConverterString.write(value.`senderName`, buf)
            FfiConverterString.write(value.`text`, buf)
            FfiConverterLong.write(value.`serverTimeMs`, buf)
    }
}



/**
 * Something that waits to be sent.
 */
data class OutboxItem (
    /**
     * Its id; for a text the id of its message.
     */
    val `id`: kotlin.String
    ,
    /**
     * Id of the conversation.
     */
    val `conversation`: kotlin.String
    ,
    /**
     * What it will do.
     */
    val `content`: OutboxContent
    ,
    /**
     * How far it has come.
     */
    val `state`: OutboxState
    ,
    /**
     * How often the server refused or did not answer.
     */
    val `attempts`: kotlin.Int
    ,
    /**
     * Why it failed, or why it was last put off.
     */
    val `failure`: ErrorCode?

){





    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeOutboxItem: FfiConverterRustBuffer<OutboxItem> {
    override fun read(buf: ByteBuffer): OutboxItem {
        return OutboxItem(
            FfiConverterString.read(buf),
            FfiConverterString.read(buf),
            FfiConverterTypeOutboxContent.read(buf),
            FfiConverterTypeOutboxState.read(buf),
            FfiConverterInt.read(buf),
            FfiConverterOptionalTypeErrorCode.read(buf),
        )
    }

    override fun allocationSize(value: OutboxItem) = (
            FfiConverterString.allocationSize(value.`id`) +
            FfiConverterString.allocationSize(value.`conversation`) +
            FfiConverterTypeOutboxContent.allocationSize(value.`content`) +
            FfiConverterTypeOutboxState.allocationSize(value.`state`) +
            FfiConverterInt.allocationSize(value.`attempts`) +
            FfiConverterOptionalTypeErrorCode.allocationSize(value.`failure`)
    )

    override fun write(value: OutboxItem, buf: ByteBuffer) {
            FfiConverterString.write(value.`id`, buf)
            FfiConverterString.write(value.`conversation`, buf)
            FfiConverterTypeOutboxContent.write(value.`content`, buf)
            FfiConverterTypeOutboxState.write(value.`state`, buf)
            FfiConverterInt.write(value.`attempts`, buf)
            FfiConverterOptionalTypeErrorCode.write(value.`failure`, buf)
    }
}



/**
 * A user and the role to give.
 */
data class RoleGrant (
    /**
     * Id of the user.
     */
    val `user`: kotlin.String
    ,
    /**
     * The role.
     */
    val `role`: Role

){





    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeRoleGrant: FfiConverterRustBuffer<RoleGrant> {
    override fun read(buf: ByteBuffer): RoleGrant {
        return RoleGrant(
            FfiConverterString.read(buf),
            FfiConverterTypeRole.read(buf),
        )
    }

    override fun allocationSize(value: RoleGrant) = (
            FfiConverterString.allocationSize(value.`user`) +
            FfiConverterTypeRole.allocationSize(value.`role`)
    )

    override fun write(value: RoleGrant, buf: ByteBuffer) {
            FfiConverterString.write(value.`user`, buf)
            FfiConverterTypeRole.write(value.`role`, buf)
    }
}



/**
 * What stops a client until somebody acts.
 */

enum class Alarm {

    /**
     * The database is an old copy: this device has sent more than it knows of. Nothing is
     * sent any more; the device has to be enrolled anew.
     */
    ROLLED_BACK,
    /**
     * The user has removed this device: nothing is received or sent any more. What is here
     * can be read until it is wiped.
     */
    REVOKED,
    /**
     * The session has ended; sign in with the password again.
     */
    SIGN_IN_NEEDED,
    /**
     * The disk is full: receiving goes on as far as it can, sending is refused.
     */
    DISK_FULL,
    /**
     * The server speaks another version; update the app.
     */
    UPDATE_NEEDED;




    companion object
}


/**
 * @suppress
 */
public object FfiConverterTypeAlarm: FfiConverterRustBuffer<Alarm> {
    override fun read(buf: ByteBuffer) = try {

        Alarm.entries[buf.getInt() - 1]

    } catch (e: IndexOutOfBoundsException) {
        throw RuntimeException("invalid enum value, something is very wrong!!", e)
    }

    override fun allocationSize(value: Alarm) = 4UL

    override fun write(value: Alarm, buf: ByteBuffer) {
        buf.putInt(value.ordinal + 1)
    }
}





/**
 * What changed: ids only, read again what is on screen.
 */
sealed class Change {

    /**
     * A conversation's row in the list.
     */
    data class Conversation(
        /**
         * Id of the conversation.
         */
        val `id`: kotlin.String) : Change()

    {


        companion object
    }

    /**
     * Messages of a conversation.
     */
    data class Messages(
        /**
         * Id of the conversation.
         */
        val `conversation`: kotlin.String) : Change()

    {


        companion object
    }

    /**
     * Members or marks of a conversation.
     */
    data class Members(
        /**
         * Id of the conversation.
         */
        val `conversation`: kotlin.String) : Change()

    {


        companion object
    }

    /**
     * A contact: its identity, or whether it is verified.
     */
    data class Contact(
        /**
         * Id of the user.
         */
        val `user`: kotlin.String) : Change()

    {


        companion object
    }

    /**
     * The outbox.
     */
    object Outbox : Change()


    /**
     * The connection; the client's state tells it.
     */
    object Connection : Change()


    /**
     * The account or its alarms.
     */
    object Account : Change()


    /**
     * More happened than is kept: everything may have changed.
     */
    object Everything : Change()









    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeChange : FfiConverterRustBuffer<Change>{
    override fun read(buf: ByteBuffer): Change {
        return when(buf.getInt()) {
            1 -> Change.Conversation(
                FfiConverterString.read(buf),
                )
            2 -> Change.Messages(
                FfiConverterString.read(buf),
                )
            3 -> Change.Members(
                FfiConverterString.read(buf),
                )
            4 -> Change.Contact(
                FfiConverterString.read(buf),
                )
            5 -> Change.Outbox
            6 -> Change.Connection
            7 -> Change.Account
            8 -> Change.Everything
            else -> throw RuntimeException("invalid enum value, something is very wrong!!")
        }
    }

    override fun allocationSize(value: Change): ULong = when(value) {
        is Change.Conversation -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`id`)
            )
        }
        is Change.Messages -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`conversation`)
            )
        }
        is Change.Members -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`conversation`)
            )
        }
        is Change.Contact -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`user`)
            )
        }
        is Change.Outbox -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
            )
        }
        is Change.Connection -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
            )
        }
        is Change.Account -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
            )
        }
        is Change.Everything -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
            )
        }
    }

    override fun write(value: Change, buf: ByteBuffer) {
        when(value) {
            is Change.Conversation -> {
                buf.putInt(1)
                FfiConverterString.write(value.`id`, buf)
                Unit
            }
            is Change.Messages -> {
                buf.putInt(2)
                FfiConverterString.write(value.`conversation`, buf)
                Unit
            }
            is Change.Members -> {
                buf.putInt(3)
                FfiConverterString.write(value.`conversation`, buf)
                Unit
            }
            is Change.Contact -> {
                buf.putInt(4)
                FfiConverterString.write(value.`user`, buf)
                Unit
            }
            is Change.Outbox -> {
                buf.putInt(5)
                Unit
            }
            is Change.Connection -> {
                buf.putInt(6)
                Unit
            }
            is Change.Account -> {
                buf.putInt(7)
                Unit
            }
            is Change.Everything -> {
                buf.putInt(8)
                Unit
            }
        }.let { /* this makes the `when` an expression, which ensures it is exhaustive */ }
    }
}





/**
 * State of the connection.
 */

enum class Connection {

    /**
     * The app said that there is no network, or nobody is signed in.
     */
    OFFLINE,
    /**
     * On the way, or waiting before the next try.
     */
    CONNECTING,
    /**
     * Connected and fetching what was missed.
     */
    CATCHING_UP,
    /**
     * Connected, everything fetched.
     */
    LIVE,
    /**
     * Closed by `pause`.
     */
    PAUSED;




    companion object
}


/**
 * @suppress
 */
public object FfiConverterTypeConnection: FfiConverterRustBuffer<Connection> {
    override fun read(buf: ByteBuffer) = try {

        Connection.entries[buf.getInt() - 1]

    } catch (e: IndexOutOfBoundsException) {
        throw RuntimeException("invalid enum value, something is very wrong!!", e)
    }

    override fun allocationSize(value: Connection) = 4UL

    override fun write(value: Connection, buf: ByteBuffer) {
        buf.putInt(value.ordinal + 1)
    }
}





/**
 * Kinds of conversation.
 */

enum class ConversationKind {

    /**
     * Two users, for good; there is one per pair.
     */
    DIRECT,
    /**
     * Any number of users, who come and go.
     */
    GROUP;




    companion object
}


/**
 * @suppress
 */
public object FfiConverterTypeConversationKind: FfiConverterRustBuffer<ConversationKind> {
    override fun read(buf: ByteBuffer) = try {

        ConversationKind.entries[buf.getInt() - 1]

    } catch (e: IndexOutOfBoundsException) {
        throw RuntimeException("invalid enum value, something is very wrong!!", e)
    }

    override fun allocationSize(value: ConversationKind) = 4UL

    override fun write(value: ConversationKind, buf: ByteBuffer) {
        buf.putInt(value.ordinal + 1)
    }
}





/**
 * What can be done in a conversation.
 */

enum class ConversationState {

    /**
     * Made here and not yet known to the server. Sending works and queues.
     */
    CREATING,
    /**
     * Everything works.
     */
    ACTIVE,
    /**
     * This user was removed: readable up to there, no sending.
     */
    REMOVED,
    /**
     * A member uses something this version does not understand; update the app. Readable so
     * far; sending queues.
     */
    NEEDS_UPDATE,
    /**
     * This device lost the encryption state of the conversation. Readable so far; sending
     * queues.
     */
    NEEDS_RESYNC,
    /**
     * The server has lost messages that this device has. Readable; sending queues.
     */
    DIVERGED;




    companion object
}


/**
 * @suppress
 */
public object FfiConverterTypeConversationState: FfiConverterRustBuffer<ConversationState> {
    override fun read(buf: ByteBuffer) = try {

        ConversationState.entries[buf.getInt() - 1]

    } catch (e: IndexOutOfBoundsException) {
        throw RuntimeException("invalid enum value, something is very wrong!!", e)
    }

    override fun allocationSize(value: ConversationState) = 4UL

    override fun write(value: ConversationState, buf: ByteBuffer) {
        buf.putInt(value.ordinal + 1)
    }
}





/**
 * Why an item of a conversation can't be shown.
 */

enum class Defect {

    /**
     * It does not decrypt.
     */
    UNDECRYPTABLE,
    /**
     * Signed for another place, sender or name than the server says.
     */
    FORGED,
    /**
     * A change of the group that its rules do not allow; it had no effect.
     */
    AGAINST_POLICY,
    /**
     * Decrypted, but not a message of any known form.
     */
    MALFORMED,
    /**
     * The server says that it was taken back.
     */
    VOIDED,
    /**
     * The client failed on it twice.
     */
    UNPROCESSABLE;




    companion object
}


/**
 * @suppress
 */
public object FfiConverterTypeDefect: FfiConverterRustBuffer<Defect> {
    override fun read(buf: ByteBuffer) = try {

        Defect.entries[buf.getInt() - 1]

    } catch (e: IndexOutOfBoundsException) {
        throw RuntimeException("invalid enum value, something is very wrong!!", e)
    }

    override fun allocationSize(value: Defect) = 4UL

    override fun write(value: Defect, buf: ByteBuffer) {
        buf.putInt(value.ordinal + 1)
    }
}





/**
 * How far a message has come.
 */

enum class Delivery {

    /**
     * In the outbox of this device.
     */
    QUEUED,
    /**
     * In the outbox, and stopped: the outbox item says why.
     */
    FAILED,
    /**
     * The server has it for good.
     */
    SENT,
    /**
     * A device of every other member has it.
     */
    DELIVERED,
    /**
     * Every other member has read it.
     */
    READ;




    companion object
}


/**
 * @suppress
 */
public object FfiConverterTypeDelivery: FfiConverterRustBuffer<Delivery> {
    override fun read(buf: ByteBuffer) = try {

        Delivery.entries[buf.getInt() - 1]

    } catch (e: IndexOutOfBoundsException) {
        throw RuntimeException("invalid enum value, something is very wrong!!", e)
    }

    override fun allocationSize(value: Delivery) = 4UL

    override fun write(value: Delivery, buf: ByteBuffer) {
        buf.putInt(value.ordinal + 1)
    }
}





/**
 * How far a device of this user has come.
 */

enum class DeviceState {

    /**
     * Approved here, and not yet known to the server.
     */
    COMING,
    /**
     * One of the user's devices.
     */
    LISTED,
    /**
     * Revoked here, and not yet known to the server.
     */
    GOING,
    /**
     * Revoked.
     */
    REVOKED;




    companion object
}


/**
 * @suppress
 */
public object FfiConverterTypeDeviceState: FfiConverterRustBuffer<DeviceState> {
    override fun read(buf: ByteBuffer) = try {

        DeviceState.entries[buf.getInt() - 1]

    } catch (e: IndexOutOfBoundsException) {
        throw RuntimeException("invalid enum value, something is very wrong!!", e)
    }

    override fun allocationSize(value: DeviceState) = 4UL

    override fun write(value: DeviceState, buf: ByteBuffer) {
        buf.putInt(value.ordinal + 1)
    }
}





/**
 * What went wrong, as a stable code. New codes may be added by later releases.
 */

enum class ErrorCode {

    /**
     * An argument is not valid; the reason says which and what is allowed.
     */
    INVALID_ARGUMENT,
    /**
     * There is no such conversation, message, member or outbox item.
     */
    NOT_FOUND,
    /**
     * There is no user of this name.
     */
    NO_SUCH_USER,
    /**
     * This cannot be done in the state things are in; the reason says why.
     */
    WRONG_STATE,
    /**
     * Nobody is registered or signed in on this client.
     */
    NOT_SIGNED_IN,
    /**
     * Name, password or session is wrong.
     */
    ACCESS_DENIED,
    /**
     * The name is taken.
     */
    USERNAME_TAKEN,
    /**
     * The rules of the group do not allow it.
     */
    NOT_ALLOWED,
    /**
     * This user is not a member of the conversation.
     */
    NOT_MEMBER,
    /**
     * The last owner of a group can't go, nor give the role up, before somebody else has it.
     */
    LAST_OWNER,
    /**
     * A member goes by another identity key. Compare safety numbers, then accept the new one.
     */
    IDENTITY_CHANGED,
    /**
     * A device, or a list of devices, that its user has not signed for was refused.
     */
    UNTRUSTED_DEVICE,
    /**
     * This device was removed by its user.
     */
    REVOKED,
    /**
     * A user has at most ten devices; remove one first.
     */
    TOO_MANY_DEVICES,
    /**
     * A character of the code is wrong, or it is a code for something else.
     */
    WRONG_CODE,
    /**
     * The code was good for five minutes; make a new one.
     */
    CODE_EXPIRED,
    /**
     * The code was used already; make a new one.
     */
    CODE_USED,
    /**
     * Over a limit; the reason says which.
     */
    TOO_LARGE,
    /**
     * The outbox is full.
     */
    OUTBOX_FULL,
    /**
     * Too many requests; try again later.
     */
    RATE_LIMITED,
    /**
     * No connection, or the server could not do it now.
     */
    UNAVAILABLE,
    /**
     * The server's certificate is not the expected one.
     */
    UNTRUSTED_SERVER,
    /**
     * What the server answered is not of this protocol.
     */
    PROTOCOL,
    /**
     * Client and server speak different versions.
     */
    UPDATE_NEEDED,
    /**
     * The disk is full.
     */
    DISK_FULL,
    /**
     * The database key is not the one the database was made with.
     */
    WRONG_KEY,
    /**
     * The database is damaged.
     */
    DAMAGED,
    /**
     * Another process or client has the data folder open.
     */
    ALREADY_OPEN,
    /**
     * The database is an old copy of itself: this device has sent more than it knows of.
     */
    ROLLED_BACK,
    /**
     * The data folder can't be read or written.
     */
    STORAGE,
    /**
     * The client is paused; resume it first.
     */
    PAUSED,
    /**
     * The client was shut down, or the subscription has ended.
     */
    SHUT_DOWN,
    /**
     * A defect of this library.
     */
    INTERNAL,
    /**
     * The app's key store threw an exception, or gave something else than 32 bytes.
     */
    KEY_STORE;




    companion object
}


/**
 * @suppress
 */
public object FfiConverterTypeErrorCode: FfiConverterRustBuffer<ErrorCode> {
    override fun read(buf: ByteBuffer) = try {

        ErrorCode.entries[buf.getInt() - 1]

    } catch (e: IndexOutOfBoundsException) {
        throw RuntimeException("invalid enum value, something is very wrong!!", e)
    }

    override fun allocationSize(value: ErrorCode) = 4UL

    override fun write(value: ErrorCode, buf: ByteBuffer) {
        buf.putInt(value.ordinal + 1)
    }
}





/**
 * How a user came to another identity key.
 */

enum class IdentityChange {

    /**
     * The change is signed by the recovery key of the former identity.
     */
    BY_RECOVERY,
    /**
     * Nothing connects the two but the server's word.
     */
    UNPROVEN,
    /**
     * The newest device list stands under another identity key, and no conversation goes by
     * it yet. Either the user has started anew and waits to be let in, for which without the
     * recovery code a group needs an owner; or the server has made it up. Accepting it relies
     * on nothing: what waited is sent to the devices that are there.
     */
    ANNOUNCED;




    companion object
}


/**
 * @suppress
 */
public object FfiConverterTypeIdentityChange: FfiConverterRustBuffer<IdentityChange> {
    override fun read(buf: ByteBuffer) = try {

        IdentityChange.entries[buf.getInt() - 1]

    } catch (e: IndexOutOfBoundsException) {
        throw RuntimeException("invalid enum value, something is very wrong!!", e)
    }

    override fun allocationSize(value: IdentityChange) = 4UL

    override fun write(value: IdentityChange, buf: ByteBuffer) {
        buf.putInt(value.ordinal + 1)
    }
}





/**
 * How much a line of the log matters.
 */

enum class LogLevel {

    /**
     * What happens in the ordinary course.
     */
    INFO,
    /**
     * A call has failed, or the connection was lost.
     */
    WARNING,
    /**
     * A defect of this library, or a client that can't go on by itself.
     */
    ERROR;




    companion object
}


/**
 * @suppress
 */
public object FfiConverterTypeLogLevel: FfiConverterRustBuffer<LogLevel> {
    override fun read(buf: ByteBuffer) = try {

        LogLevel.entries[buf.getInt() - 1]

    } catch (e: IndexOutOfBoundsException) {
        throw RuntimeException("invalid enum value, something is very wrong!!", e)
    }

    override fun allocationSize(value: LogLevel) = 4UL

    override fun write(value: LogLevel, buf: ByteBuffer) {
        buf.putInt(value.ordinal + 1)
    }
}





/**
 * What a row of a conversation is.
 */
sealed class MessageContent {

    /**
     * Text to read.
     */
    data class Text(
        /**
         * The newest text.
         */
        val `text`: kotlin.String,
        /**
         * Whether it was changed after it was sent.
         */
        val `edited`: kotlin.Boolean) : MessageContent()

    {


        companion object
    }

    /**
     * A message that its author took back.
     */
    object Deleted : MessageContent()


    /**
     * The conversation was founded.
     */
    object Created : MessageContent()


    /**
     * Users came in.
     */
    data class Added(
        /**
         * Their ids.
         */
        val `users`: List<kotlin.String>) : MessageContent()

    {


        companion object
    }

    /**
     * Users went or were removed.
     */
    data class Removed(
        /**
         * Their ids.
         */
        val `users`: List<kotlin.String>) : MessageContent()

    {


        companion object
    }

    /**
     * The conversation has a new name.
     */
    data class Renamed(
        /**
         * The name.
         */
        val `name`: kotlin.String) : MessageContent()

    {


        companion object
    }

    /**
     * A user has other rights.
     */
    data class RoleChanged(
        /**
         * Id of the user.
         */
        val `user`: kotlin.String,
        /**
         * The new rights.
         */
        val `role`: dev.whimbrel.ffi.Role) : MessageContent()

    {


        companion object
    }

    /**
     * A user has left.
     */
    data class Left(
        /**
         * Id of the user.
         */
        val `user`: kotlin.String) : MessageContent()

    {


        companion object
    }

    /**
     * A user goes by another identity key: a new installation without the old keys, or somebody
     * else. The contact tells more.
     */
    data class IdentityChanged(
        /**
         * Id of the user.
         */
        val `user`: kotlin.String) : MessageContent()

    {


        companion object
    }

    /**
     * Members have been shown different histories by the server. The sender of this row is the
     * member whose history differs from the one here.
     */
    object Forked : MessageContent()


    /**
     * This device could not follow and missed these numbers. What their authors say again stands
     * below.
     */
    data class Missed(
        /**
         * The first.
         */
        val `fromSeq`: kotlin.Long,
        /**
         * The last.
         */
        val `toSeq`: kotlin.Long) : MessageContent()

    {


        companion object
    }

    /**
     * Something that a newer version of the app says. It is kept, and shows after an update.
     */
    object Unsupported : MessageContent()


    /**
     * Something was sent here that can't be read, or that breaks the rules.
     */
    data class Unreadable(
        /**
         * Why.
         */
        val `defect`: dev.whimbrel.ffi.Defect) : MessageContent()

    {


        companion object
    }








    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeMessageContent : FfiConverterRustBuffer<MessageContent>{
    override fun read(buf: ByteBuffer): MessageContent {
        return when(buf.getInt()) {
            1 -> MessageContent.Text(
                FfiConverterString.read(buf),
                FfiConverterBoolean.read(buf),
                )
            2 -> MessageContent.Deleted
            3 -> MessageContent.Created
            4 -> MessageContent.Added(
                FfiConverterSequenceString.read(buf),
                )
            5 -> MessageContent.Removed(
                FfiConverterSequenceString.read(buf),
                )
            6 -> MessageContent.Renamed(
                FfiConverterString.read(buf),
                )
            7 -> MessageContent.RoleChanged(
                FfiConverterString.read(buf),
                FfiConverterTypeRole.read(buf),
                )
            8 -> MessageContent.Left(
                FfiConverterString.read(buf),
                )
            9 -> MessageContent.IdentityChanged(
                FfiConverterString.read(buf),
                )
            10 -> MessageContent.Forked
            11 -> MessageContent.Missed(
                FfiConverterLong.read(buf),
                FfiConverterLong.read(buf),
                )
            12 -> MessageContent.Unsupported
            13 -> MessageContent.Unreadable(
                FfiConverterTypeDefect.read(buf),
                )
            else -> throw RuntimeException("invalid enum value, something is very wrong!!")
        }
    }

    override fun allocationSize(value: MessageContent): ULong = when(value) {
        is MessageContent.Text -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`text`)
                + FfiConverterBoolean.allocationSize(value.`edited`)
            )
        }
        is MessageContent.Deleted -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
            )
        }
        is MessageContent.Created -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
            )
        }
        is MessageContent.Added -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterSequenceString.allocationSize(value.`users`)
            )
        }
        is MessageContent.Removed -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterSequenceString.allocationSize(value.`users`)
            )
        }
        is MessageContent.Renamed -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`name`)
            )
        }
        is MessageContent.RoleChanged -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`user`)
                + FfiConverterTypeRole.allocationSize(value.`role`)
            )
        }
        is MessageContent.Left -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`user`)
            )
        }
        is MessageContent.IdentityChanged -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`user`)
            )
        }
        is MessageContent.Forked -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
            )
        }
        is MessageContent.Missed -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterLong.allocationSize(value.`fromSeq`)
                + FfiConverterLong.allocationSize(value.`toSeq`)
            )
        }
        is MessageContent.Unsupported -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
            )
        }
        is MessageContent.Unreadable -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterTypeDefect.allocationSize(value.`defect`)
            )
        }
    }

    override fun write(value: MessageContent, buf: ByteBuffer) {
        when(value) {
            is MessageContent.Text -> {
                buf.putInt(1)
                FfiConverterString.write(value.`text`, buf)
                FfiConverterBoolean.write(value.`edited`, buf)
                Unit
            }
            is MessageContent.Deleted -> {
                buf.putInt(2)
                Unit
            }
            is MessageContent.Created -> {
                buf.putInt(3)
                Unit
            }
            is MessageContent.Added -> {
                buf.putInt(4)
                FfiConverterSequenceString.write(value.`users`, buf)
                Unit
            }
            is MessageContent.Removed -> {
                buf.putInt(5)
                FfiConverterSequenceString.write(value.`users`, buf)
                Unit
            }
            is MessageContent.Renamed -> {
                buf.putInt(6)
                FfiConverterString.write(value.`name`, buf)
                Unit
            }
            is MessageContent.RoleChanged -> {
                buf.putInt(7)
                FfiConverterString.write(value.`user`, buf)
                FfiConverterTypeRole.write(value.`role`, buf)
                Unit
            }
            is MessageContent.Left -> {
                buf.putInt(8)
                FfiConverterString.write(value.`user`, buf)
                Unit
            }
            is MessageContent.IdentityChanged -> {
                buf.putInt(9)
                FfiConverterString.write(value.`user`, buf)
                Unit
            }
            is MessageContent.Forked -> {
                buf.putInt(10)
                Unit
            }
            is MessageContent.Missed -> {
                buf.putInt(11)
                FfiConverterLong.write(value.`fromSeq`, buf)
                FfiConverterLong.write(value.`toSeq`, buf)
                Unit
            }
            is MessageContent.Unsupported -> {
                buf.putInt(12)
                Unit
            }
            is MessageContent.Unreadable -> {
                buf.putInt(13)
                FfiConverterTypeDefect.write(value.`defect`, buf)
                Unit
            }
        }.let { /* this makes the `when` an expression, which ensures it is exhaustive */ }
    }
}





/**
 * Where a page of messages starts.
 */
sealed class MessagePage {

    /**
     * The newest ones, pending ones included.
     */
    object Newest : MessagePage()


    /**
     * Those before a message, nearest last.
     */
    data class Before(
        /**
         * Id of the message.
         */
        val `anchor`: kotlin.String) : MessagePage()

    {


        companion object
    }

    /**
     * Those after a message, nearest first.
     */
    data class After(
        /**
         * Id of the message.
         */
        val `anchor`: kotlin.String) : MessagePage()

    {


        companion object
    }

    /**
     * Those around a message, itself included.
     */
    data class Around(
        /**
         * Id of the message.
         */
        val `anchor`: kotlin.String) : MessagePage()

    {


        companion object
    }








    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeMessagePage : FfiConverterRustBuffer<MessagePage>{
    override fun read(buf: ByteBuffer): MessagePage {
        return when(buf.getInt()) {
            1 -> MessagePage.Newest
            2 -> MessagePage.Before(
                FfiConverterString.read(buf),
                )
            3 -> MessagePage.After(
                FfiConverterString.read(buf),
                )
            4 -> MessagePage.Around(
                FfiConverterString.read(buf),
                )
            else -> throw RuntimeException("invalid enum value, something is very wrong!!")
        }
    }

    override fun allocationSize(value: MessagePage): ULong = when(value) {
        is MessagePage.Newest -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
            )
        }
        is MessagePage.Before -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`anchor`)
            )
        }
        is MessagePage.After -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`anchor`)
            )
        }
        is MessagePage.Around -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`anchor`)
            )
        }
    }

    override fun write(value: MessagePage, buf: ByteBuffer) {
        when(value) {
            is MessagePage.Newest -> {
                buf.putInt(1)
                Unit
            }
            is MessagePage.Before -> {
                buf.putInt(2)
                FfiConverterString.write(value.`anchor`, buf)
                Unit
            }
            is MessagePage.After -> {
                buf.putInt(3)
                FfiConverterString.write(value.`anchor`, buf)
                Unit
            }
            is MessagePage.Around -> {
                buf.putInt(4)
                FfiConverterString.write(value.`anchor`, buf)
                Unit
            }
        }.let { /* this makes the `when` an expression, which ensures it is exhaustive */ }
    }
}





/**
 * Whether there is a network.
 */

enum class Network {

    /**
     * There is, as far as the app knows.
     */
    UP,
    /**
     * There is none, or none that may be used.
     */
    DOWN;




    companion object
}


/**
 * @suppress
 */
public object FfiConverterTypeNetwork: FfiConverterRustBuffer<Network> {
    override fun read(buf: ByteBuffer) = try {

        Network.entries[buf.getInt() - 1]

    } catch (e: IndexOutOfBoundsException) {
        throw RuntimeException("invalid enum value, something is very wrong!!", e)
    }

    override fun allocationSize(value: Network) = 4UL

    override fun write(value: Network, buf: ByteBuffer) {
        buf.putInt(value.ordinal + 1)
    }
}





/**
 * What to show for a push.
 */
sealed class Notification {

    /**
     * A message.
     */
    data class Show(
        /**
         * What to show of it.
         */
        val `preview`: dev.whimbrel.ffi.MessagePreview) : Notification()

    {


        companion object
    }

    /**
     * That there is something new in a conversation. What it is shows when the app has caught up.
     */
    data class Generic(
        /**
         * Id of the conversation.
         */
        val `conversation`: kotlin.String) : Notification()

    {


        companion object
    }

    /**
     * Nothing: it is known already, of this user's own, or nothing to be told of.
     */
    object Silent : Notification()









    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeNotification : FfiConverterRustBuffer<Notification>{
    override fun read(buf: ByteBuffer): Notification {
        return when(buf.getInt()) {
            1 -> Notification.Show(
                FfiConverterTypeMessagePreview.read(buf),
                )
            2 -> Notification.Generic(
                FfiConverterString.read(buf),
                )
            3 -> Notification.Silent
            else -> throw RuntimeException("invalid enum value, something is very wrong!!")
        }
    }

    override fun allocationSize(value: Notification): ULong = when(value) {
        is Notification.Show -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterTypeMessagePreview.allocationSize(value.`preview`)
            )
        }
        is Notification.Generic -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`conversation`)
            )
        }
        is Notification.Silent -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
            )
        }
    }

    override fun write(value: Notification, buf: ByteBuffer) {
        when(value) {
            is Notification.Show -> {
                buf.putInt(1)
                FfiConverterTypeMessagePreview.write(value.`preview`, buf)
                Unit
            }
            is Notification.Generic -> {
                buf.putInt(2)
                FfiConverterString.write(value.`conversation`, buf)
                Unit
            }
            is Notification.Silent -> {
                buf.putInt(3)
                Unit
            }
        }.let { /* this makes the `when` an expression, which ensures it is exhaustive */ }
    }
}





/**
 * What an outbox item will do.
 */
sealed class OutboxContent {

    /**
     * Found the conversation.
     */
    object Create : OutboxContent()


    /**
     * Add people.
     */
    data class Add(
        /**
         * Whom.
         */
        val `people`: List<dev.whimbrel.ffi.Person>) : OutboxContent()

    {


        companion object
    }

    /**
     * Remove a user.
     */
    data class Remove(
        /**
         * Id of the user.
         */
        val `user`: kotlin.String) : OutboxContent()

    {


        companion object
    }

    /**
     * Give users other rights.
     */
    data class SetRoles(
        /**
         * Who gets which.
         */
        val `roles`: List<dev.whimbrel.ffi.RoleGrant>) : OutboxContent()

    {


        companion object
    }

    /**
     * Leave the conversation.
     */
    object Leave : OutboxContent()


    /**
     * Name the conversation.
     */
    data class Rename(
        /**
         * The name.
         */
        val `name`: kotlin.String) : OutboxContent()

    {


        companion object
    }

    /**
     * Send text.
     */
    data class Text(
        /**
         * The text.
         */
        val `text`: kotlin.String) : OutboxContent()

    {


        companion object
    }

    /**
     * Change a message's text.
     */
    data class Edit(
        /**
         * Id of the message.
         */
        val `target`: kotlin.String,
        /**
         * Its new text.
         */
        val `text`: kotlin.String) : OutboxContent()

    {


        companion object
    }

    /**
     * Take a message back.
     */
    data class Delete(
        /**
         * Id of the message.
         */
        val `target`: kotlin.String) : OutboxContent()

    {


        companion object
    }

    /**
     * Tell that everything up to a number was read.
     */
    data class ReadMark(
        /**
         * The number.
         */
        val `seq`: kotlin.Long) : OutboxContent()

    {


        companion object
    }

    /**
     * Work of the client's own, such as adding a device again whose invitation got lost.
     */
    object Upkeep : OutboxContent()









    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypeOutboxContent : FfiConverterRustBuffer<OutboxContent>{
    override fun read(buf: ByteBuffer): OutboxContent {
        return when(buf.getInt()) {
            1 -> OutboxContent.Create
            2 -> OutboxContent.Add(
                FfiConverterSequenceTypePerson.read(buf),
                )
            3 -> OutboxContent.Remove(
                FfiConverterString.read(buf),
                )
            4 -> OutboxContent.SetRoles(
                FfiConverterSequenceTypeRoleGrant.read(buf),
                )
            5 -> OutboxContent.Leave
            6 -> OutboxContent.Rename(
                FfiConverterString.read(buf),
                )
            7 -> OutboxContent.Text(
                FfiConverterString.read(buf),
                )
            8 -> OutboxContent.Edit(
                FfiConverterString.read(buf),
                FfiConverterString.read(buf),
                )
            9 -> OutboxContent.Delete(
                FfiConverterString.read(buf),
                )
            10 -> OutboxContent.ReadMark(
                FfiConverterLong.read(buf),
                )
            11 -> OutboxContent.Upkeep
            else -> throw RuntimeException("invalid enum value, something is very wrong!!")
        }
    }

    override fun allocationSize(value: OutboxContent): ULong = when(value) {
        is OutboxContent.Create -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
            )
        }
        is OutboxContent.Add -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterSequenceTypePerson.allocationSize(value.`people`)
            )
        }
        is OutboxContent.Remove -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`user`)
            )
        }
        is OutboxContent.SetRoles -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterSequenceTypeRoleGrant.allocationSize(value.`roles`)
            )
        }
        is OutboxContent.Leave -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
            )
        }
        is OutboxContent.Rename -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`name`)
            )
        }
        is OutboxContent.Text -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`text`)
            )
        }
        is OutboxContent.Edit -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`target`)
                + FfiConverterString.allocationSize(value.`text`)
            )
        }
        is OutboxContent.Delete -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`target`)
            )
        }
        is OutboxContent.ReadMark -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterLong.allocationSize(value.`seq`)
            )
        }
        is OutboxContent.Upkeep -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
            )
        }
    }

    override fun write(value: OutboxContent, buf: ByteBuffer) {
        when(value) {
            is OutboxContent.Create -> {
                buf.putInt(1)
                Unit
            }
            is OutboxContent.Add -> {
                buf.putInt(2)
                FfiConverterSequenceTypePerson.write(value.`people`, buf)
                Unit
            }
            is OutboxContent.Remove -> {
                buf.putInt(3)
                FfiConverterString.write(value.`user`, buf)
                Unit
            }
            is OutboxContent.SetRoles -> {
                buf.putInt(4)
                FfiConverterSequenceTypeRoleGrant.write(value.`roles`, buf)
                Unit
            }
            is OutboxContent.Leave -> {
                buf.putInt(5)
                Unit
            }
            is OutboxContent.Rename -> {
                buf.putInt(6)
                FfiConverterString.write(value.`name`, buf)
                Unit
            }
            is OutboxContent.Text -> {
                buf.putInt(7)
                FfiConverterString.write(value.`text`, buf)
                Unit
            }
            is OutboxContent.Edit -> {
                buf.putInt(8)
                FfiConverterString.write(value.`target`, buf)
                FfiConverterString.write(value.`text`, buf)
                Unit
            }
            is OutboxContent.Delete -> {
                buf.putInt(9)
                FfiConverterString.write(value.`target`, buf)
                Unit
            }
            is OutboxContent.ReadMark -> {
                buf.putInt(10)
                FfiConverterLong.write(value.`seq`, buf)
                Unit
            }
            is OutboxContent.Upkeep -> {
                buf.putInt(11)
                Unit
            }
        }.let { /* this makes the `when` an expression, which ensures it is exhaustive */ }
    }
}





/**
 * How far an outbox item has come.
 */

enum class OutboxState {

    /**
     * Not encrypted yet; it can be edited and discarded.
     */
    QUEUED,
    /**
     * Written to a connection, and the answer is not known.
     */
    IN_DOUBT,
    /**
     * Accepted by the server; this device has not yet reached its number.
     */
    ACCEPTED,
    /**
     * Refused for good. It and everything after it waits for retry, edit or discard.
     */
    FAILED;




    companion object
}


/**
 * @suppress
 */
public object FfiConverterTypeOutboxState: FfiConverterRustBuffer<OutboxState> {
    override fun read(buf: ByteBuffer) = try {

        OutboxState.entries[buf.getInt() - 1]

    } catch (e: IndexOutOfBoundsException) {
        throw RuntimeException("invalid enum value, something is very wrong!!", e)
    }

    override fun allocationSize(value: OutboxState) = 4UL

    override fun write(value: OutboxState, buf: ByteBuffer) {
        buf.putInt(value.ordinal + 1)
    }
}





/**
 * Whom a call is about: somebody known by id, or a name the server is asked about as soon as
 * there is a connection.
 */
sealed class Person {

    /**
     * A user id.
     */
    data class Id(
        /**
         * 32 hexadecimal digits.
         */
        val `user`: kotlin.String) : Person()

    {


        companion object
    }

    /**
     * A user name.
     */
    data class Username(
        /**
         * 3 to 32 of a to z, 0 to 9, dot, underscore and hyphen.
         */
        val `username`: kotlin.String) : Person()

    {


        companion object
    }








    companion object
}

/**
 * @suppress
 */
public object FfiConverterTypePerson : FfiConverterRustBuffer<Person>{
    override fun read(buf: ByteBuffer): Person {
        return when(buf.getInt()) {
            1 -> Person.Id(
                FfiConverterString.read(buf),
                )
            2 -> Person.Username(
                FfiConverterString.read(buf),
                )
            else -> throw RuntimeException("invalid enum value, something is very wrong!!")
        }
    }

    override fun allocationSize(value: Person): ULong = when(value) {
        is Person.Id -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`user`)
            )
        }
        is Person.Username -> {
            // Add the size for the Int that specifies the variant plus the size needed for all fields
            (
                4UL
                + FfiConverterString.allocationSize(value.`username`)
            )
        }
    }

    override fun write(value: Person, buf: ByteBuffer) {
        when(value) {
            is Person.Id -> {
                buf.putInt(1)
                FfiConverterString.write(value.`user`, buf)
                Unit
            }
            is Person.Username -> {
                buf.putInt(2)
                FfiConverterString.write(value.`username`, buf)
                Unit
            }
        }.let { /* this makes the `when` an expression, which ensures it is exhaustive */ }
    }
}







/**
 * Why something that the app brings has failed.
 */
sealed class PlatformException: kotlin.Exception() {

    /**
     * It failed.
     */
    class Failed(

        /**
         * Why, for developers. It may reach a log: no key and nothing private must be in it.
         */
        val `reason`: kotlin.String
        ) : PlatformException() {
        override val message
            get() = "reason=${ `reason` }"
    }





    companion object ErrorHandler : UniffiRustCallStatusErrorHandler<PlatformException> {
        override fun lift(error_buf: RustBuffer.ByValue): PlatformException = FfiConverterTypePlatformError.lift(error_buf)
    }


}

/**
 * @suppress
 */
public object FfiConverterTypePlatformError : FfiConverterRustBuffer<PlatformException> {
    override fun read(buf: ByteBuffer): PlatformException {


        return when(buf.getInt()) {
            1 -> PlatformException.Failed(
                FfiConverterString.read(buf),
                )
            else -> throw RuntimeException("invalid error enum value, something is very wrong!!")
        }
    }

    override fun allocationSize(value: PlatformException): ULong {
        return when(value) {
            is PlatformException.Failed -> (
                // Add the size for the Int that specifies the variant plus the size needed for all fields
                4UL
                + FfiConverterString.allocationSize(value.`reason`)
            )
        }
    }

    override fun write(value: PlatformException, buf: ByteBuffer) {
        when(value) {
            is PlatformException.Failed -> {
                buf.putInt(1)
                FfiConverterString.write(value.`reason`, buf)
                Unit
            }
        }.let { /* this makes the `when` an expression, which ensures it is exhaustive */ }
    }

}



/**
 * What the user or the app can do about an error.
 */

enum class Remedy {

    /**
     * Nothing: the client tries again by itself.
     */
    WAIT,
    /**
     * Try again later.
     */
    TRY_AGAIN,
    /**
     * Change what was asked for.
     */
    CHANGE_INPUT,
    /**
     * Compare safety numbers with the other user, then accept the new identity.
     */
    CHECK_IDENTITY,
    /**
     * Sign in.
     */
    SIGN_IN,
    /**
     * Update the app.
     */
    UPDATE_APP,
    /**
     * Free space on the disk.
     */
    FREE_SPACE,
    /**
     * Set the device up anew.
     */
    RE_ENROL,
    /**
     * Report a defect.
     */
    REPORT;




    companion object
}


/**
 * @suppress
 */
public object FfiConverterTypeRemedy: FfiConverterRustBuffer<Remedy> {
    override fun read(buf: ByteBuffer) = try {

        Remedy.entries[buf.getInt() - 1]

    } catch (e: IndexOutOfBoundsException) {
        throw RuntimeException("invalid enum value, something is very wrong!!", e)
    }

    override fun allocationSize(value: Remedy) = 4UL

    override fun write(value: Remedy, buf: ByteBuffer) {
        buf.putInt(value.ordinal + 1)
    }
}





/**
 * Rights of a user in a conversation.
 */

enum class Role {

    /**
     * May do everything, and give roles. There is always at least one.
     */
    OWNER,
    /**
     * May name the group, add users, and remove all but owners.
     */
    ADMIN,
    /**
     * May talk.
     */
    MEMBER;




    companion object
}


/**
 * @suppress
 */
public object FfiConverterTypeRole: FfiConverterRustBuffer<Role> {
    override fun read(buf: ByteBuffer) = try {

        Role.entries[buf.getInt() - 1]

    } catch (e: IndexOutOfBoundsException) {
        throw RuntimeException("invalid enum value, something is very wrong!!", e)
    }

    override fun allocationSize(value: Role) = 4UL

    override fun write(value: Role, buf: ByteBuffer) {
        buf.putInt(value.ordinal + 1)
    }
}





/**
 * What signing out does where the server can't be told.
 */

enum class SignOut {

    /**
     * Nothing: it fails, and everything stays as it is.
     */
    WHEN_TOLD,
    /**
     * It wipes this device all the same. It stays in the list of the user's devices until
     * another one removes it.
     */
    ANYWAY;




    companion object
}


/**
 * @suppress
 */
public object FfiConverterTypeSignOut: FfiConverterRustBuffer<SignOut> {
    override fun read(buf: ByteBuffer) = try {

        SignOut.entries[buf.getInt() - 1]

    } catch (e: IndexOutOfBoundsException) {
        throw RuntimeException("invalid enum value, something is very wrong!!", e)
    }

    override fun allocationSize(value: SignOut) = 4UL

    override fun write(value: SignOut, buf: ByteBuffer) {
        buf.putInt(value.ordinal + 1)
    }
}





/**
 * How `sync_once` has ended.
 */

enum class SyncOutcome {

    /**
     * Everything was fetched, and everything that can go out has gone out. What is left in
     * the outbox waits for somebody to retry, edit or discard it.
     */
    COMPLETE,
    /**
     * The time was over. What was done stays done.
     */
    OUT_OF_TIME;




    companion object
}


/**
 * @suppress
 */
public object FfiConverterTypeSyncOutcome: FfiConverterRustBuffer<SyncOutcome> {
    override fun read(buf: ByteBuffer) = try {

        SyncOutcome.entries[buf.getInt() - 1]

    } catch (e: IndexOutOfBoundsException) {
        throw RuntimeException("invalid enum value, something is very wrong!!", e)
    }

    override fun allocationSize(value: SyncOutcome) = 4UL

    override fun write(value: SyncOutcome, buf: ByteBuffer) {
        buf.putInt(value.ordinal + 1)
    }
}







/**
 * Why a call failed. Nothing of the call has happened, unless its documentation says otherwise.
 */
sealed class WhimbrelException: kotlin.Exception() {

    /**
     * The call failed; the code says why.
     */
    class Failed(

        /**
         * What went wrong, for programs.
         */
        val `code`: ErrorCode,

        /**
         * What went wrong, for developers: not to be shown to users. Holds no content, key or
         * token.
         */
        val `reason`: kotlin.String,

        /**
         * Whether the same call may succeed later without anybody changing anything.
         */
        val `isRetryable`: kotlin.Boolean,

        /**
         * What can be done about it.
         */
        val `remedy`: Remedy
        ) : WhimbrelException() {
        override val message
            get() = "code=${ `code` }, reason=${ `reason` }, isRetryable=${ `isRetryable` }, remedy=${ `remedy` }"
    }





    companion object ErrorHandler : UniffiRustCallStatusErrorHandler<WhimbrelException> {
        override fun lift(error_buf: RustBuffer.ByValue): WhimbrelException = FfiConverterTypeWhimbrelError.lift(error_buf)
    }


}

/**
 * @suppress
 */
public object FfiConverterTypeWhimbrelError : FfiConverterRustBuffer<WhimbrelException> {
    override fun read(buf: ByteBuffer): WhimbrelException {


        return when(buf.getInt()) {
            1 -> WhimbrelException.Failed(
                FfiConverterTypeErrorCode.read(buf),
                FfiConverterString.read(buf),
                FfiConverterBoolean.read(buf),
                FfiConverterTypeRemedy.read(buf),
                )
            else -> throw RuntimeException("invalid error enum value, something is very wrong!!")
        }
    }

    override fun allocationSize(value: WhimbrelException): ULong {
        return when(value) {
            is WhimbrelException.Failed -> (
                // Add the size for the Int that specifies the variant plus the size needed for all fields
                4UL
                + FfiConverterTypeErrorCode.allocationSize(value.`code`)
                + FfiConverterString.allocationSize(value.`reason`)
                + FfiConverterBoolean.allocationSize(value.`isRetryable`)
                + FfiConverterTypeRemedy.allocationSize(value.`remedy`)
            )
        }
    }

    override fun write(value: WhimbrelException, buf: ByteBuffer) {
        when(value) {
            is WhimbrelException.Failed -> {
                buf.putInt(1)
                FfiConverterTypeErrorCode.write(value.`code`, buf)
                FfiConverterString.write(value.`reason`, buf)
                FfiConverterBoolean.write(value.`isRetryable`, buf)
                FfiConverterTypeRemedy.write(value.`remedy`, buf)
                Unit
            }
        }.let { /* this makes the `when` an expression, which ensures it is exhaustive */ }
    }

}




/**
 * @suppress
 */
public object FfiConverterOptionalLong: FfiConverterRustBuffer<kotlin.Long?> {
    override fun read(buf: ByteBuffer): kotlin.Long? {
        if (buf.get().toInt() == 0) {
            return null
        }
        return FfiConverterLong.read(buf)
    }

    override fun allocationSize(value: kotlin.Long?): ULong {
        if (value == null) {
            return 1UL
        } else {
            return 1UL + FfiConverterLong.allocationSize(value)
        }
    }

    override fun write(value: kotlin.Long?, buf: ByteBuffer) {
        if (value == null) {
            buf.put(0)
        } else {
            buf.put(1)
            FfiConverterLong.write(value, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterOptionalString: FfiConverterRustBuffer<kotlin.String?> {
    override fun read(buf: ByteBuffer): kotlin.String? {
        if (buf.get().toInt() == 0) {
            return null
        }
        return FfiConverterString.read(buf)
    }

    override fun allocationSize(value: kotlin.String?): ULong {
        if (value == null) {
            return 1UL
        } else {
            return 1UL + FfiConverterString.allocationSize(value)
        }
    }

    override fun write(value: kotlin.String?, buf: ByteBuffer) {
        if (value == null) {
            buf.put(0)
        } else {
            buf.put(1)
            FfiConverterString.write(value, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterOptionalByteArray: FfiConverterRustBuffer<kotlin.ByteArray?> {
    override fun read(buf: ByteBuffer): kotlin.ByteArray? {
        if (buf.get().toInt() == 0) {
            return null
        }
        return FfiConverterByteArray.read(buf)
    }

    override fun allocationSize(value: kotlin.ByteArray?): ULong {
        if (value == null) {
            return 1UL
        } else {
            return 1UL + FfiConverterByteArray.allocationSize(value)
        }
    }

    override fun write(value: kotlin.ByteArray?, buf: ByteBuffer) {
        if (value == null) {
            buf.put(0)
        } else {
            buf.put(1)
            FfiConverterByteArray.write(value, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterOptionalTypeLogSink: FfiConverterRustBuffer<LogSink?> {
    override fun read(buf: ByteBuffer): LogSink? {
        if (buf.get().toInt() == 0) {
            return null
        }
        return FfiConverterTypeLogSink.read(buf)
    }

    override fun allocationSize(value: LogSink?): ULong {
        if (value == null) {
            return 1UL
        } else {
            return 1UL + FfiConverterTypeLogSink.allocationSize(value)
        }
    }

    override fun write(value: LogSink?, buf: ByteBuffer) {
        if (value == null) {
            buf.put(0)
        } else {
            buf.put(1)
            FfiConverterTypeLogSink.write(value, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterOptionalTypeAccount: FfiConverterRustBuffer<Account?> {
    override fun read(buf: ByteBuffer): Account? {
        if (buf.get().toInt() == 0) {
            return null
        }
        return FfiConverterTypeAccount.read(buf)
    }

    override fun allocationSize(value: Account?): ULong {
        if (value == null) {
            return 1UL
        } else {
            return 1UL + FfiConverterTypeAccount.allocationSize(value)
        }
    }

    override fun write(value: Account?, buf: ByteBuffer) {
        if (value == null) {
            buf.put(0)
        } else {
            buf.put(1)
            FfiConverterTypeAccount.write(value, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterOptionalTypeMessage: FfiConverterRustBuffer<Message?> {
    override fun read(buf: ByteBuffer): Message? {
        if (buf.get().toInt() == 0) {
            return null
        }
        return FfiConverterTypeMessage.read(buf)
    }

    override fun allocationSize(value: Message?): ULong {
        if (value == null) {
            return 1UL
        } else {
            return 1UL + FfiConverterTypeMessage.allocationSize(value)
        }
    }

    override fun write(value: Message?, buf: ByteBuffer) {
        if (value == null) {
            buf.put(0)
        } else {
            buf.put(1)
            FfiConverterTypeMessage.write(value, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterOptionalTypeAlarm: FfiConverterRustBuffer<Alarm?> {
    override fun read(buf: ByteBuffer): Alarm? {
        if (buf.get().toInt() == 0) {
            return null
        }
        return FfiConverterTypeAlarm.read(buf)
    }

    override fun allocationSize(value: Alarm?): ULong {
        if (value == null) {
            return 1UL
        } else {
            return 1UL + FfiConverterTypeAlarm.allocationSize(value)
        }
    }

    override fun write(value: Alarm?, buf: ByteBuffer) {
        if (value == null) {
            buf.put(0)
        } else {
            buf.put(1)
            FfiConverterTypeAlarm.write(value, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterOptionalTypeErrorCode: FfiConverterRustBuffer<ErrorCode?> {
    override fun read(buf: ByteBuffer): ErrorCode? {
        if (buf.get().toInt() == 0) {
            return null
        }
        return FfiConverterTypeErrorCode.read(buf)
    }

    override fun allocationSize(value: ErrorCode?): ULong {
        if (value == null) {
            return 1UL
        } else {
            return 1UL + FfiConverterTypeErrorCode.allocationSize(value)
        }
    }

    override fun write(value: ErrorCode?, buf: ByteBuffer) {
        if (value == null) {
            buf.put(0)
        } else {
            buf.put(1)
            FfiConverterTypeErrorCode.write(value, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterOptionalTypeIdentityChange: FfiConverterRustBuffer<IdentityChange?> {
    override fun read(buf: ByteBuffer): IdentityChange? {
        if (buf.get().toInt() == 0) {
            return null
        }
        return FfiConverterTypeIdentityChange.read(buf)
    }

    override fun allocationSize(value: IdentityChange?): ULong {
        if (value == null) {
            return 1UL
        } else {
            return 1UL + FfiConverterTypeIdentityChange.allocationSize(value)
        }
    }

    override fun write(value: IdentityChange?, buf: ByteBuffer) {
        if (value == null) {
            buf.put(0)
        } else {
            buf.put(1)
            FfiConverterTypeIdentityChange.write(value, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterSequenceString: FfiConverterRustBuffer<List<kotlin.String>> {
    override fun read(buf: ByteBuffer): List<kotlin.String> {
        val len = buf.getInt()
        return List<kotlin.String>(len) {
            FfiConverterString.read(buf)
        }
    }

    override fun allocationSize(value: List<kotlin.String>): ULong {
        val sizeForLength = 4UL
        val sizeForItems = value.map { FfiConverterString.allocationSize(it) }.sum()
        return sizeForLength + sizeForItems
    }

    override fun write(value: List<kotlin.String>, buf: ByteBuffer) {
        buf.putInt(value.size)
        value.iterator().forEach {
            FfiConverterString.write(it, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterSequenceTypeConversation: FfiConverterRustBuffer<List<Conversation>> {
    override fun read(buf: ByteBuffer): List<Conversation> {
        val len = buf.getInt()
        return List<Conversation>(len) {
            FfiConverterTypeConversation.read(buf)
        }
    }

    override fun allocationSize(value: List<Conversation>): ULong {
        val sizeForLength = 4UL
        val sizeForItems = value.map { FfiConverterTypeConversation.allocationSize(it) }.sum()
        return sizeForLength + sizeForItems
    }

    override fun write(value: List<Conversation>, buf: ByteBuffer) {
        buf.putInt(value.size)
        value.iterator().forEach {
            FfiConverterTypeConversation.write(it, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterSequenceTypeDevice: FfiConverterRustBuffer<List<Device>> {
    override fun read(buf: ByteBuffer): List<Device> {
        val len = buf.getInt()
        return List<Device>(len) {
            FfiConverterTypeDevice.read(buf)
        }
    }

    override fun allocationSize(value: List<Device>): ULong {
        val sizeForLength = 4UL
        val sizeForItems = value.map { FfiConverterTypeDevice.allocationSize(it) }.sum()
        return sizeForLength + sizeForItems
    }

    override fun write(value: List<Device>, buf: ByteBuffer) {
        buf.putInt(value.size)
        value.iterator().forEach {
            FfiConverterTypeDevice.write(it, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterSequenceTypeMember: FfiConverterRustBuffer<List<Member>> {
    override fun read(buf: ByteBuffer): List<Member> {
        val len = buf.getInt()
        return List<Member>(len) {
            FfiConverterTypeMember.read(buf)
        }
    }

    override fun allocationSize(value: List<Member>): ULong {
        val sizeForLength = 4UL
        val sizeForItems = value.map { FfiConverterTypeMember.allocationSize(it) }.sum()
        return sizeForLength + sizeForItems
    }

    override fun write(value: List<Member>, buf: ByteBuffer) {
        buf.putInt(value.size)
        value.iterator().forEach {
            FfiConverterTypeMember.write(it, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterSequenceTypeMessage: FfiConverterRustBuffer<List<Message>> {
    override fun read(buf: ByteBuffer): List<Message> {
        val len = buf.getInt()
        return List<Message>(len) {
            FfiConverterTypeMessage.read(buf)
        }
    }

    override fun allocationSize(value: List<Message>): ULong {
        val sizeForLength = 4UL
        val sizeForItems = value.map { FfiConverterTypeMessage.allocationSize(it) }.sum()
        return sizeForLength + sizeForItems
    }

    override fun write(value: List<Message>, buf: ByteBuffer) {
        buf.putInt(value.size)
        value.iterator().forEach {
            FfiConverterTypeMessage.write(it, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterSequenceTypeOutboxItem: FfiConverterRustBuffer<List<OutboxItem>> {
    override fun read(buf: ByteBuffer): List<OutboxItem> {
        val len = buf.getInt()
        return List<OutboxItem>(len) {
            FfiConverterTypeOutboxItem.read(buf)
        }
    }

    override fun allocationSize(value: List<OutboxItem>): ULong {
        val sizeForLength = 4UL
        val sizeForItems = value.map { FfiConverterTypeOutboxItem.allocationSize(it) }.sum()
        return sizeForLength + sizeForItems
    }

    override fun write(value: List<OutboxItem>, buf: ByteBuffer) {
        buf.putInt(value.size)
        value.iterator().forEach {
            FfiConverterTypeOutboxItem.write(it, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterSequenceTypeRoleGrant: FfiConverterRustBuffer<List<RoleGrant>> {
    override fun read(buf: ByteBuffer): List<RoleGrant> {
        val len = buf.getInt()
        return List<RoleGrant>(len) {
            FfiConverterTypeRoleGrant.read(buf)
        }
    }

    override fun allocationSize(value: List<RoleGrant>): ULong {
        val sizeForLength = 4UL
        val sizeForItems = value.map { FfiConverterTypeRoleGrant.allocationSize(it) }.sum()
        return sizeForLength + sizeForItems
    }

    override fun write(value: List<RoleGrant>, buf: ByteBuffer) {
        buf.putInt(value.size)
        value.iterator().forEach {
            FfiConverterTypeRoleGrant.write(it, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterSequenceTypeChange: FfiConverterRustBuffer<List<Change>> {
    override fun read(buf: ByteBuffer): List<Change> {
        val len = buf.getInt()
        return List<Change>(len) {
            FfiConverterTypeChange.read(buf)
        }
    }

    override fun allocationSize(value: List<Change>): ULong {
        val sizeForLength = 4UL
        val sizeForItems = value.map { FfiConverterTypeChange.allocationSize(it) }.sum()
        return sizeForLength + sizeForItems
    }

    override fun write(value: List<Change>, buf: ByteBuffer) {
        buf.putInt(value.size)
        value.iterator().forEach {
            FfiConverterTypeChange.write(it, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterSequenceTypeErrorCode: FfiConverterRustBuffer<List<ErrorCode>> {
    override fun read(buf: ByteBuffer): List<ErrorCode> {
        val len = buf.getInt()
        return List<ErrorCode>(len) {
            FfiConverterTypeErrorCode.read(buf)
        }
    }

    override fun allocationSize(value: List<ErrorCode>): ULong {
        val sizeForLength = 4UL
        val sizeForItems = value.map { FfiConverterTypeErrorCode.allocationSize(it) }.sum()
        return sizeForLength + sizeForItems
    }

    override fun write(value: List<ErrorCode>, buf: ByteBuffer) {
        buf.putInt(value.size)
        value.iterator().forEach {
            FfiConverterTypeErrorCode.write(it, buf)
        }
    }
}




/**
 * @suppress
 */
public object FfiConverterSequenceTypePerson: FfiConverterRustBuffer<List<Person>> {
    override fun read(buf: ByteBuffer): List<Person> {
        val len = buf.getInt()
        return List<Person>(len) {
            FfiConverterTypePerson.read(buf)
        }
    }

    override fun allocationSize(value: List<Person>): ULong {
        val sizeForLength = 4UL
        val sizeForItems = value.map { FfiConverterTypePerson.allocationSize(it) }.sum()
        return sizeForLength + sizeForItems
    }

    override fun write(value: List<Person>, buf: ByteBuffer) {
        buf.putInt(value.size)
        value.iterator().forEach {
            FfiConverterTypePerson.write(it, buf)
        }
    }
}








        /**
         * Every error code, in a fixed order: for tables of texts, and for tests that none was forgotten.
         */
    @Throws(WhimbrelException::class) fun `errorCodes`(): List<ErrorCode> {
            return FfiConverterSequenceTypeErrorCode.lift(
    uniffiRustCallWithError(WhimbrelException) { _status ->
    UniffiLib.uniffi_whimbrel_ffi_fn_func_error_codes(

        _status)
}
    )
    }


        /**
         * The stable name of an error code, such as `not_found`: the same in every language and release,
         * for logs and for tables of texts.
         */
    @Throws(WhimbrelException::class) fun `errorName`(`code`: ErrorCode): kotlin.String {
            return FfiConverterString.lift(
    uniffiRustCallWithError(WhimbrelException) { _status ->
    UniffiLib.uniffi_whimbrel_ffi_fn_func_error_name(


        FfiConverterTypeErrorCode.lower(`code`),_status)
}
    )
    }


        /**
         * The version of this library, such as `0.1.0`.
         */
    @Throws(WhimbrelException::class) fun `libraryVersion`(): kotlin.String {
            return FfiConverterString.lift(
    uniffiRustCallWithError(WhimbrelException) { _status ->
    UniffiLib.uniffi_whimbrel_ffi_fn_func_library_version(

        _status)
}
    )
    }


        /**
         * Panics on a thread of this library, to show that the app outlives it: always fails with
         * `internal`.
         */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
     suspend fun `panicAsync`() {
        return uniffiRustCallAsync(
        UniffiLib.uniffi_whimbrel_ffi_fn_func_panic_async(),
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_void(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_void(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_void(future) },
        // lift function
        { },

        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }

        /**
         * Panics inside this library, to show that the app outlives it: always fails with `internal`.
         */
    @Throws(WhimbrelException::class) fun `panicNow`()
        =
    uniffiRustCallWithError(WhimbrelException) { _status ->
    UniffiLib.uniffi_whimbrel_ffi_fn_func_panic_now(

        _status)
}



        /**
         * What to show for the payload of a push, read from the data folder without a client, beside one
         * in this process or in another: for a notification service extension or a messaging service.
         * Writes nothing, acknowledges nothing and uses no network; the client receives the message all
         * the same when it catches up.
         *
         * Where nobody is registered, or the key store has no key: `Silent`.
         *
         * Errors: `protocol` for bytes that are no payload of this protocol; `invalid_argument` for a
         * folder that is none; `key_store`; `wrong_key`; `damaged`; `storage`; `internal`.
         */
    @Throws(WhimbrelException::class)
    @Suppress("ASSIGNED_BUT_NEVER_ACCESSED_VARIABLE")
     suspend fun `openNotification`(`dataFolder`: kotlin.String, `keyStore`: KeyStore, `payload`: kotlin.ByteArray) : Notification {
        return uniffiRustCallAsync(
        UniffiLib.uniffi_whimbrel_ffi_fn_func_open_notification(
        FfiConverterString.lower(`dataFolder`),
        FfiConverterTypeKeyStore.lower(`keyStore`),
        FfiConverterByteArray.lower(`payload`),),
        { future, callback, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_poll_rust_buffer(future, callback, continuation) },
        { future, continuation -> UniffiLib.ffi_whimbrel_ffi_rust_future_complete_rust_buffer(future, continuation) },
        { future -> UniffiLib.ffi_whimbrel_ffi_rust_future_free_rust_buffer(future) },
        // lift function
        { FfiConverterTypeNotification.lift(it) },
        // Error FFI converter
        WhimbrelException.ErrorHandler,
    )
    }
