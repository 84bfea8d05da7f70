// Generated from the Rust library by `cargo xtask bindings`. Do not edit.

// swiftlint:disable all
import Foundation

// Depending on the consumer's build setup, the low-level FFI code
// might be in a separate module, or it might be compiled inline into
// this module. This is a bit of light hackery to work with both.
#if canImport(WhimbrelFFI)
import WhimbrelFFI
#endif

fileprivate extension RustBuffer {
    // Allocate a new buffer, copying the contents of a `UInt8` array.
    init(bytes: [UInt8]) {
        let rbuf = bytes.withUnsafeBufferPointer { ptr in
            RustBuffer.from(ptr)
        }
        self.init(capacity: rbuf.capacity, len: rbuf.len, data: rbuf.data)
    }

    static func empty() -> RustBuffer {
        RustBuffer(capacity: 0, len:0, data: nil)
    }

    static func from(_ ptr: UnsafeBufferPointer<UInt8>) -> RustBuffer {
        try! rustCall { ffi_whimbrel_ffi_rustbuffer_from_bytes(ForeignBytes(bufferPointer: ptr), $0) }
    }

    // Frees the buffer in place.
    // The buffer must not be used after this is called.
    func deallocate() {
        try! rustCall { ffi_whimbrel_ffi_rustbuffer_free(self, $0) }
    }
}

fileprivate extension ForeignBytes {
    init(bufferPointer: UnsafeBufferPointer<UInt8>) {
        self.init(len: Int32(bufferPointer.count), data: bufferPointer.baseAddress)
    }

    init(rawBufferPointer: UnsafeRawBufferPointer) {
        self.init(
            len: Int32(rawBufferPointer.count),
            data: rawBufferPointer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        )
    }
}

// Converter for `&[u8]` / `[ByRef] bytes` arguments.
//
// Conforms to `FfiConverter` so the compiler enforces the full converter
// method set. Only the scope-bound `lower(_:_body:)` overload is sound —
// zero-copy byte buffers only flow foreign -> Rust, and only in argument
// position. The four protocol-witness methods (`lift`, `lower`, `read`,
// `write`) `fatalError` at runtime if anyone reaches them.
//
// The scope-bound `lower` takes a closure because the `ForeignBytes`
// pointer is only guaranteed valid for the duration of
// `Data.withUnsafeBytes`. Callers must run the full FFI call inside
// the closure body.
fileprivate enum FfiConverterByRefBytes: FfiConverter {
    typealias SwiftType = Data
    typealias FfiType = ForeignBytes

    static func lower<R>(_ value: Data, _ body: (ForeignBytes) throws -> R) rethrows -> R {
        return try value.withUnsafeBytes { rawBuf in
            try body(ForeignBytes(rawBufferPointer: rawBuf))
        }
    }

    static func lower(_ value: Data) -> ForeignBytes {
        fatalError("ByRef bytes cannot use the plain lower: returning ForeignBytes escapes the Data.withUnsafeBytes scope. Use the scope-bound lower(_:_body:) overload instead.")
    }

    static func lift(_ value: ForeignBytes) throws -> Data {
        fatalError("ByRef bytes cannot be lifted: zero-copy &[u8] only flows foreign->Rust")
    }

    static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Data {
        fatalError("ByRef bytes cannot be read from a buffer: zero-copy &[u8] is only supported in argument position, not nested in records/options/etc.")
    }

    static func write(_ value: Data, into buf: inout [UInt8]) {
        fatalError("ByRef bytes cannot be written to a buffer: zero-copy &[u8] is only supported in argument position, not nested in records/options/etc.")
    }
}

// For every type used in the interface, we provide helper methods for conveniently
// lifting and lowering that type from C-compatible data, and for reading and writing
// values of that type in a buffer.

// Helper classes/extensions that don't change.
// Someday, this will be in a library of its own.

fileprivate extension Data {
    init(rustBuffer: RustBuffer) {
        self.init(
            bytesNoCopy: rustBuffer.data!,
            count: Int(rustBuffer.len),
            deallocator: .none
        )
    }
}

// Define reader functionality.  Normally this would be defined in a class or
// struct, but we use standalone functions instead in order to make external
// types work.
//
// With external types, one swift source file needs to be able to call the read
// method on another source file's FfiConverter, but then what visibility
// should Reader have?
// - If Reader is fileprivate, then this means the read() must also
//   be fileprivate, which doesn't work with external types.
// - If Reader is internal/public, we'll get compile errors since both source
//   files will try define the same type.
//
// Instead, the read() method and these helper functions input a tuple of data

fileprivate func createReader(data: Data) -> (data: Data, offset: Data.Index) {
    (data: data, offset: 0)
}

// Reads an integer at the current offset, in big-endian order, and advances
// the offset on success. Throws if reading the integer would move the
// offset past the end of the buffer.
fileprivate func readInt<T: FixedWidthInteger>(_ reader: inout (data: Data, offset: Data.Index)) throws -> T {
    let range = reader.offset..<reader.offset + MemoryLayout<T>.size
    guard reader.data.count >= range.upperBound else {
        throw UniffiInternalError.bufferOverflow
    }
    if T.self == UInt8.self {
        let value = reader.data[reader.offset]
        reader.offset += 1
        return value as! T
    }
    var value: T = 0
    let _ = withUnsafeMutableBytes(of: &value, { reader.data.copyBytes(to: $0, from: range)})
    reader.offset = range.upperBound
    return value.bigEndian
}

// Reads an arbitrary number of bytes, to be used to read
// raw bytes, this is useful when lifting strings
fileprivate func readBytes(_ reader: inout (data: Data, offset: Data.Index), count: Int) throws -> Array<UInt8> {
    let range = reader.offset..<(reader.offset+count)
    guard reader.data.count >= range.upperBound else {
        throw UniffiInternalError.bufferOverflow
    }
    var value = [UInt8](repeating: 0, count: count)
    value.withUnsafeMutableBufferPointer({ buffer in
        reader.data.copyBytes(to: buffer, from: range)
    })
    reader.offset = range.upperBound
    return value
}

// Reads a float at the current offset.
fileprivate func readFloat(_ reader: inout (data: Data, offset: Data.Index)) throws -> Float {
    return Float(bitPattern: try readInt(&reader))
}

// Reads a float at the current offset.
fileprivate func readDouble(_ reader: inout (data: Data, offset: Data.Index)) throws -> Double {
    return Double(bitPattern: try readInt(&reader))
}

// Indicates if the offset has reached the end of the buffer.
fileprivate func hasRemaining(_ reader: (data: Data, offset: Data.Index)) -> Bool {
    return reader.offset < reader.data.count
}

// Define writer functionality.  Normally this would be defined in a class or
// struct, but we use standalone functions instead in order to make external
// types work.  See the above discussion on Readers for details.

fileprivate func createWriter() -> [UInt8] {
    return []
}

fileprivate func writeBytes<S>(_ writer: inout [UInt8], _ byteArr: S) where S: Sequence, S.Element == UInt8 {
    writer.append(contentsOf: byteArr)
}

// Writes an integer in big-endian order.
//
// Warning: make sure what you are trying to write
// is in the correct type!
fileprivate func writeInt<T: FixedWidthInteger>(_ writer: inout [UInt8], _ value: T) {
    var value = value.bigEndian
    withUnsafeBytes(of: &value) { writer.append(contentsOf: $0) }
}

fileprivate func writeFloat(_ writer: inout [UInt8], _ value: Float) {
    writeInt(&writer, value.bitPattern)
}

fileprivate func writeDouble(_ writer: inout [UInt8], _ value: Double) {
    writeInt(&writer, value.bitPattern)
}

// Protocol for types that transfer other types across the FFI. This is
// analogous to the Rust trait of the same name.
fileprivate protocol FfiConverter {
    associatedtype FfiType
    associatedtype SwiftType

    static func lift(_ value: FfiType) throws -> SwiftType
    static func lower(_ value: SwiftType) -> FfiType
    static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> SwiftType
    static func write(_ value: SwiftType, into buf: inout [UInt8])
}

// Types conforming to `Primitive` pass themselves directly over the FFI.
fileprivate protocol FfiConverterPrimitive: FfiConverter where FfiType == SwiftType { }

extension FfiConverterPrimitive {
#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    public static func lift(_ value: FfiType) throws -> SwiftType {
        return value
    }

#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    public static func lower(_ value: SwiftType) -> FfiType {
        return value
    }
}

// Types conforming to `FfiConverterRustBuffer` lift and lower into a `RustBuffer`.
// Used for complex types where it's hard to write a custom lift/lower.
fileprivate protocol FfiConverterRustBuffer: FfiConverter where FfiType == RustBuffer {}

extension FfiConverterRustBuffer {
#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    public static func lift(_ buf: RustBuffer) throws -> SwiftType {
        var reader = createReader(data: Data(rustBuffer: buf))
        let value = try read(from: &reader)
        if hasRemaining(reader) {
            throw UniffiInternalError.incompleteData
        }
        buf.deallocate()
        return value
    }

#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    public static func lower(_ value: SwiftType) -> RustBuffer {
          var writer = createWriter()
          write(value, into: &writer)
          return RustBuffer(bytes: writer)
    }
}
// An error type for FFI errors. These errors occur at the UniFFI level, not
// the library level.
fileprivate enum UniffiInternalError: LocalizedError {
    case bufferOverflow
    case incompleteData
    case unexpectedOptionalTag
    case unexpectedEnumCase
    case unexpectedNullPointer
    case unexpectedRustCallStatusCode
    case unexpectedRustCallError
    case unexpectedStaleHandle
    case rustPanic(_ message: String)

    public var errorDescription: String? {
        switch self {
        case .bufferOverflow: return "Reading the requested value would read past the end of the buffer"
        case .incompleteData: return "The buffer still has data after lifting its containing value"
        case .unexpectedOptionalTag: return "Unexpected optional tag; should be 0 or 1"
        case .unexpectedEnumCase: return "Raw enum value doesn't match any cases"
        case .unexpectedNullPointer: return "Raw pointer value was null"
        case .unexpectedRustCallStatusCode: return "Unexpected RustCallStatus code"
        case .unexpectedRustCallError: return "CALL_ERROR but no errorClass specified"
        case .unexpectedStaleHandle: return "The object in the handle map has been dropped already"
        case let .rustPanic(message): return message
        }
    }
}

fileprivate extension NSLock {
    func withLock<T>(f: () throws -> T) rethrows -> T {
        self.lock()
        defer { self.unlock() }
        return try f()
    }
}

fileprivate let CALL_SUCCESS: Int8 = 0
fileprivate let CALL_ERROR: Int8 = 1
fileprivate let CALL_UNEXPECTED_ERROR: Int8 = 2
fileprivate let CALL_CANCELLED: Int8 = 3

fileprivate extension RustCallStatus {
    init() {
        self.init(
            code: CALL_SUCCESS,
            errorBuf: RustBuffer.init(
                capacity: 0,
                len: 0,
                data: nil
            )
        )
    }
}

private func rustCall<T>(_ callback: (UnsafeMutablePointer<RustCallStatus>) -> T) throws -> T {
    let neverThrow: ((RustBuffer) throws -> Never)? = nil
    return try makeRustCall(callback, errorHandler: neverThrow)
}

private func rustCallWithError<T, E: Swift.Error>(
    _ errorHandler: @escaping (RustBuffer) throws -> E,
    _ callback: (UnsafeMutablePointer<RustCallStatus>) -> T) throws -> T {
    try makeRustCall(callback, errorHandler: errorHandler)
}

private func makeRustCall<T, E: Swift.Error>(
    _ callback: (UnsafeMutablePointer<RustCallStatus>) -> T,
    errorHandler: ((RustBuffer) throws -> E)?
) throws -> T {
    uniffiEnsureWhimbrelFfiInitialized()
    var callStatus = RustCallStatus.init()
    let returnedVal = callback(&callStatus)
    try uniffiCheckCallStatus(callStatus: callStatus, errorHandler: errorHandler)
    return returnedVal
}

private func uniffiCheckCallStatus<E: Swift.Error>(
    callStatus: RustCallStatus,
    errorHandler: ((RustBuffer) throws -> E)?
) throws {
    switch callStatus.code {
        case CALL_SUCCESS:
            return

        case CALL_ERROR:
            if let errorHandler = errorHandler {
                throw try errorHandler(callStatus.errorBuf)
            } else {
                callStatus.errorBuf.deallocate()
                throw UniffiInternalError.unexpectedRustCallError
            }

        case CALL_UNEXPECTED_ERROR:
            // When the rust code sees a panic, it tries to construct a RustBuffer
            // with the message.  But if that code panics, then it just sends back
            // an empty buffer.
            if callStatus.errorBuf.len > 0 {
                throw UniffiInternalError.rustPanic(try FfiConverterString.lift(callStatus.errorBuf))
            } else {
                callStatus.errorBuf.deallocate()
                throw UniffiInternalError.rustPanic("Rust panic")
            }

        case CALL_CANCELLED:
            fatalError("Cancellation not supported yet")

        default:
            throw UniffiInternalError.unexpectedRustCallStatusCode
    }
}

private func uniffiTraitInterfaceCall<T>(
    callStatus: UnsafeMutablePointer<RustCallStatus>,
    makeCall: () throws -> T,
    writeReturn: (T) -> ()
) {
    do {
        try writeReturn(makeCall())
    } catch let error {
        callStatus.pointee.code = CALL_UNEXPECTED_ERROR
        callStatus.pointee.errorBuf = FfiConverterString.lower(String(describing: error))
    }
}

private func uniffiTraitInterfaceCallWithError<T, E>(
    callStatus: UnsafeMutablePointer<RustCallStatus>,
    makeCall: () throws -> T,
    writeReturn: (T) -> (),
    lowerError: (E) -> RustBuffer
) {
    do {
        try writeReturn(makeCall())
    } catch let error as E {
        callStatus.pointee.code = CALL_ERROR
        callStatus.pointee.errorBuf = lowerError(error)
    } catch {
        callStatus.pointee.code = CALL_UNEXPECTED_ERROR
        callStatus.pointee.errorBuf = FfiConverterString.lower(String(describing: error))
    }
}
// Initial value and increment amount for handles.
// These ensure that SWIFT handles always have the lowest bit set
fileprivate let UNIFFI_HANDLEMAP_INITIAL: UInt64 = 1
fileprivate let UNIFFI_HANDLEMAP_DELTA: UInt64 = 2

fileprivate final class UniffiHandleMap<T>: @unchecked Sendable {
    // All mutation happens with this lock held, which is why we implement @unchecked Sendable.
    private let lock = NSLock()
    private var map: [UInt64: T] = [:]
    private var currentHandle: UInt64 = UNIFFI_HANDLEMAP_INITIAL

    func insert(obj: T) -> UInt64 {
        lock.withLock {
            return doInsert(obj)
        }
    }

    // Low-level insert function, this assumes `lock` is held.
    private func doInsert(_ obj: T) -> UInt64 {
        let handle = currentHandle
        currentHandle += UNIFFI_HANDLEMAP_DELTA
        map[handle] = obj
        return handle
    }

     func get(handle: UInt64) throws -> T {
        try lock.withLock {
            guard let obj = map[handle] else {
                throw UniffiInternalError.unexpectedStaleHandle
            }
            return obj
        }
    }

     func clone(handle: UInt64) throws -> UInt64 {
        try lock.withLock {
            guard let obj = map[handle] else {
                throw UniffiInternalError.unexpectedStaleHandle
            }
            return doInsert(obj)
        }
    }

    @discardableResult
    func remove(handle: UInt64) throws -> T {
        try lock.withLock {
            guard let obj = map.removeValue(forKey: handle) else {
                throw UniffiInternalError.unexpectedStaleHandle
            }
            return obj
        }
    }

    var count: Int {
        get {
            map.count
        }
    }
}


// Public interface members begin here.
// Magic number for the Rust proxy to call using the same mechanism as every other method,
// to free the callback once it's dropped by Rust.
private let IDX_CALLBACK_FREE: Int32 = 0
// Callback return codes
private let UNIFFI_CALLBACK_SUCCESS: Int32 = 0
private let UNIFFI_CALLBACK_ERROR: Int32 = 1
private let UNIFFI_CALLBACK_UNEXPECTED_ERROR: Int32 = 2

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterInt32: FfiConverterPrimitive {
    typealias FfiType = Int32
    typealias SwiftType = Int32

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Int32 {
        return try lift(readInt(&buf))
    }

    public static func write(_ value: Int32, into buf: inout [UInt8]) {
        writeInt(&buf, lower(value))
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterInt64: FfiConverterPrimitive {
    typealias FfiType = Int64
    typealias SwiftType = Int64

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Int64 {
        return try lift(readInt(&buf))
    }

    public static func write(_ value: Int64, into buf: inout [UInt8]) {
        writeInt(&buf, lower(value))
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterBool : FfiConverter {
    typealias FfiType = Int8
    typealias SwiftType = Bool

    public static func lift(_ value: Int8) throws -> Bool {
        return value != 0
    }

    public static func lower(_ value: Bool) -> Int8 {
        return value ? 1 : 0
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Bool {
        return try lift(readInt(&buf))
    }

    public static func write(_ value: Bool, into buf: inout [UInt8]) {
        writeInt(&buf, lower(value))
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterString: FfiConverter {
    typealias SwiftType = String
    typealias FfiType = RustBuffer

    public static func lift(_ value: RustBuffer) throws -> String {
        defer {
            value.deallocate()
        }
        if value.data == nil {
            return String()
        }
        let bytes = UnsafeBufferPointer<UInt8>(start: value.data!, count: Int(value.len))
        // Use Swift's native UTF-8 decoder; `String(bytes:encoding:.utf8)` goes
        // through Foundation's NSString and silently strips a leading U+FEFF BOM.
        // Invalid UTF-8 substitutes U+FFFD instead of trapping (unreachable
        // given Rust's `String` invariant).
        return String(decoding: bytes, as: UTF8.self)
    }

    public static func lower(_ value: String) -> RustBuffer {
        return value.utf8CString.withUnsafeBufferPointer { ptr in
            // The swift string gives us int8_t, we want uint8_t.
            ptr.withMemoryRebound(to: UInt8.self) { ptr in
                // The swift string gives us a trailing null byte, we don't want it.
                let buf = UnsafeBufferPointer(rebasing: ptr.prefix(upTo: ptr.count - 1))
                return RustBuffer.from(buf)
            }
        }
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> String {
        let len: Int32 = try readInt(&buf)
        // See `lift` above for why we avoid Foundation's NSString-backed decoder here.
        return String(decoding: try readBytes(&buf, count: Int(len)), as: UTF8.self)
    }

    public static func write(_ value: String, into buf: inout [UInt8]) {
        let len = Int32(value.utf8.count)
        writeInt(&buf, len)
        writeBytes(&buf, value.utf8)
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterData: FfiConverterRustBuffer {
    typealias SwiftType = Data

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Data {
        let len: Int32 = try readInt(&buf)
        return Data(try readBytes(&buf, count: Int(len)))
    }

    public static func write(_ value: Data, into buf: inout [UInt8]) {
        let len = Int32(value.count)
        writeInt(&buf, len)
        writeBytes(&buf, value)
    }
}




/**
 * Keeps the key of a database where the platform keeps secrets. Called while a client opens,
 * on a thread of the library.
 *
 * A key store that can't be read now must throw. Giving none would mean that there was never one.
 */
public protocol KeyStore: AnyObject, Sendable {

    /**
     * The key kept here: 32 bytes, or none if none was ever kept.
     *
     * Throws where there may be one and it can't be read, such as before the first unlock.
     */
    func loadKey() throws  -> Data?

    /**
     * Keeps a key, durably when it returns. Without it the database can't be opened any more.
     *
     * Throws where it could not be kept; the client then does not open.
     */
    func storeKey(key: Data) throws

}
/**
 * Keeps the key of a database where the platform keeps secrets. Called while a client opens,
 * on a thread of the library.
 *
 * A key store that can't be read now must throw. Giving none would mean that there was never one.
 */
open class KeyStoreImpl: KeyStore, @unchecked Sendable {
    fileprivate let handle: UInt64

    /// Used to instantiate a [FFIObject] without an actual handle, for fakes in tests, mostly.
#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    public struct NoHandle {
        public init() {}
    }

    // TODO: We'd like this to be `private` but for Swifty reasons,
    // we can't implement `FfiConverter` without making this `required` and we can't
    // make it `required` without making it `public`.
#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    required public init(unsafeFromHandle handle: UInt64) {
        self.handle = handle
    }

    // This constructor can be used to instantiate a fake object.
    // - Parameter noHandle: Placeholder value so we can have a constructor separate from the default empty one that may be implemented for classes extending [FFIObject].
    //
    // - Warning:
    //     Any object instantiated with this constructor cannot be passed to an actual Rust-backed object. Since there isn't a backing handle the FFI lower functions will crash.
#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    public init(noHandle: NoHandle) {
        self.handle = 0
    }

#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    public func uniffiCloneHandle() -> UInt64 {
        return try! rustCall { uniffi_whimbrel_ffi_fn_clone_keystore(self.handle, $0) }
    }
    // No primary constructor declared for this class.

    deinit {
        if handle == 0 {
            // Mock objects have handle=0 don't try to free them
            return
        }

        try! rustCall { uniffi_whimbrel_ffi_fn_free_keystore(handle, $0) }
    }




    /**
     * The key kept here: 32 bytes, or none if none was ever kept.
     *
     * Throws where there may be one and it can't be read, such as before the first unlock.
     */
open func loadKey()throws  -> Data?  {
    return try  FfiConverterOptionData.lift(try rustCallWithError(FfiConverterTypePlatformError_lift) {
        uniffiCallStatus in
    uniffi_whimbrel_ffi_fn_method_keystore_load_key(
            self.uniffiCloneHandle(),uniffiCallStatus
    )
})
}

    /**
     * Keeps a key, durably when it returns. Without it the database can't be opened any more.
     *
     * Throws where it could not be kept; the client then does not open.
     */
open func storeKey(key: Data)throws   {try rustCallWithError(FfiConverterTypePlatformError_lift) {
        uniffiCallStatus in
    uniffi_whimbrel_ffi_fn_method_keystore_store_key(
            self.uniffiCloneHandle(),
        FfiConverterData.lower(key),uniffiCallStatus
    )
}
}



}



// Put the implementation in a struct so we don't pollute the top-level namespace
fileprivate struct UniffiCallbackInterfaceKeyStore {

    // Create the VTable using a series of closures.
    // Swift automatically converts these into C callback functions.
    //
    // Store the vtable directly.
    static let vtable: UniffiVTableCallbackInterfaceKeyStore = UniffiVTableCallbackInterfaceKeyStore(
        uniffiFree: { (uniffiHandle: UInt64) -> () in
            do {
                try FfiConverterTypeKeyStore.handleMap.remove(handle: uniffiHandle)
            } catch {
                print("Uniffi callback interface KeyStore: handle missing in uniffiFree")
            }
        },
        uniffiClone: { (uniffiHandle: UInt64) -> UInt64 in
            do {
                return try FfiConverterTypeKeyStore.handleMap.clone(handle: uniffiHandle)
            } catch {
                fatalError("Uniffi callback interface KeyStore: handle missing in uniffiClone")
            }
        },
        loadKey: { (
            uniffiHandle: UInt64,
            uniffiOutReturn: UnsafeMutablePointer<RustBuffer>,
            uniffiCallStatus: UnsafeMutablePointer<RustCallStatus>
        ) in
            let makeCall = {
                () throws -> Data? in
                guard let uniffiObj = try? FfiConverterTypeKeyStore.handleMap.get(handle: uniffiHandle) else {
                    throw UniffiInternalError.unexpectedStaleHandle
                }
                return try uniffiObj.loadKey(
                )
            }


            let writeReturn = { uniffiOutReturn.pointee = FfiConverterOptionData.lower($0) }
            uniffiTraitInterfaceCallWithError(
                callStatus: uniffiCallStatus,
                makeCall: makeCall,
                writeReturn: writeReturn,
                lowerError: FfiConverterTypePlatformError_lower
            )
        },
        storeKey: { (
            uniffiHandle: UInt64,
            key: RustBuffer,
            uniffiOutReturn: UnsafeMutableRawPointer,
            uniffiCallStatus: UnsafeMutablePointer<RustCallStatus>
        ) in
            let makeCall = {
                () throws -> () in
                guard let uniffiObj = try? FfiConverterTypeKeyStore.handleMap.get(handle: uniffiHandle) else {
                    throw UniffiInternalError.unexpectedStaleHandle
                }
                return try uniffiObj.storeKey(
                     key: try FfiConverterData.lift(key)
                )
            }


            let writeReturn = { () }
            uniffiTraitInterfaceCallWithError(
                callStatus: uniffiCallStatus,
                makeCall: makeCall,
                writeReturn: writeReturn,
                lowerError: FfiConverterTypePlatformError_lower
            )
        }
    )

    // Rust stores this pointer for future callback invocations, so it must live
    // for the process lifetime (not just for the init function call).
    //
    // `nonisolated(unsafe)` is needed under Swift 6 strict concurrency.
    // This is safe because the pointee is initialized once during static init
    // and never mutated by either side of the FFI.  Its fields are C function pointers.
    nonisolated(unsafe) static let vtablePtr: UnsafePointer<UniffiVTableCallbackInterfaceKeyStore> = {
        let ptr = UnsafeMutablePointer<UniffiVTableCallbackInterfaceKeyStore>.allocate(capacity: 1)
        ptr.initialize(to: vtable)
        return UnsafePointer(ptr)
    }()
}

private func uniffiCallbackInitKeyStore() {
    uniffi_whimbrel_ffi_fn_init_callback_vtable_keystore(UniffiCallbackInterfaceKeyStore.vtablePtr)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeKeyStore: FfiConverter {
    fileprivate static let handleMap = UniffiHandleMap<KeyStore>()

    typealias FfiType = UInt64
    typealias SwiftType = KeyStore

    public static func lift(_ handle: UInt64) throws -> KeyStore {
        if ((handle & 1) == 0) {
            // Rust-generated handle, construct a new class that uses the handle to implement the
            // interface
            return KeyStoreImpl(unsafeFromHandle: handle)
        } else {
            // Swift-generated handle, get the object from the handle map
            return try handleMap.remove(handle: handle)
        }
    }

    public static func lower(_ value: KeyStore) -> UInt64 {
         if let rustImpl = value as? KeyStoreImpl {
             // Rust-implemented object.  Clone the handle and return it
            return rustImpl.uniffiCloneHandle()
         } else {
            // Swift object, generate a new vtable handle and return that.
            return handleMap.insert(obj: value)
         }
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> KeyStore {
        let handle: UInt64 = try readInt(&buf)
        return try lift(handle)
    }

    public static func write(_ value: KeyStore, into buf: inout [UInt8]) {
        writeInt(&buf, lower(value))
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeKeyStore_lift(_ handle: UInt64) throws -> KeyStore {
    return try FfiConverterTypeKeyStore.lift(handle)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeKeyStore_lower(_ value: KeyStore) -> UInt64 {
    return FfiConverterTypeKeyStore.lower(value)
}






/**
 * Takes the lines of a client's log. Called on one thread that does nothing else, so it may take
 * its time; lines that come faster than it takes them are counted and left out.
 */
public protocol LogSink: AnyObject, Sendable {

    /**
     * Takes a line.
     *
     * What it throws is ignored.
     */
    func log(line: LogRecord) throws

}
/**
 * Takes the lines of a client's log. Called on one thread that does nothing else, so it may take
 * its time; lines that come faster than it takes them are counted and left out.
 */
open class LogSinkImpl: LogSink, @unchecked Sendable {
    fileprivate let handle: UInt64

    /// Used to instantiate a [FFIObject] without an actual handle, for fakes in tests, mostly.
#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    public struct NoHandle {
        public init() {}
    }

    // TODO: We'd like this to be `private` but for Swifty reasons,
    // we can't implement `FfiConverter` without making this `required` and we can't
    // make it `required` without making it `public`.
#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    required public init(unsafeFromHandle handle: UInt64) {
        self.handle = handle
    }

    // This constructor can be used to instantiate a fake object.
    // - Parameter noHandle: Placeholder value so we can have a constructor separate from the default empty one that may be implemented for classes extending [FFIObject].
    //
    // - Warning:
    //     Any object instantiated with this constructor cannot be passed to an actual Rust-backed object. Since there isn't a backing handle the FFI lower functions will crash.
#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    public init(noHandle: NoHandle) {
        self.handle = 0
    }

#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    public func uniffiCloneHandle() -> UInt64 {
        return try! rustCall { uniffi_whimbrel_ffi_fn_clone_logsink(self.handle, $0) }
    }
    // No primary constructor declared for this class.

    deinit {
        if handle == 0 {
            // Mock objects have handle=0 don't try to free them
            return
        }

        try! rustCall { uniffi_whimbrel_ffi_fn_free_logsink(handle, $0) }
    }




    /**
     * Takes a line.
     *
     * What it throws is ignored.
     */
open func log(line: LogRecord)throws   {try rustCallWithError(FfiConverterTypePlatformError_lift) {
        uniffiCallStatus in
    uniffi_whimbrel_ffi_fn_method_logsink_log(
            self.uniffiCloneHandle(),
        FfiConverterTypeLogRecord_lower(line),uniffiCallStatus
    )
}
}



}



// Put the implementation in a struct so we don't pollute the top-level namespace
fileprivate struct UniffiCallbackInterfaceLogSink {

    // Create the VTable using a series of closures.
    // Swift automatically converts these into C callback functions.
    //
    // Store the vtable directly.
    static let vtable: UniffiVTableCallbackInterfaceLogSink = UniffiVTableCallbackInterfaceLogSink(
        uniffiFree: { (uniffiHandle: UInt64) -> () in
            do {
                try FfiConverterTypeLogSink.handleMap.remove(handle: uniffiHandle)
            } catch {
                print("Uniffi callback interface LogSink: handle missing in uniffiFree")
            }
        },
        uniffiClone: { (uniffiHandle: UInt64) -> UInt64 in
            do {
                return try FfiConverterTypeLogSink.handleMap.clone(handle: uniffiHandle)
            } catch {
                fatalError("Uniffi callback interface LogSink: handle missing in uniffiClone")
            }
        },
        log: { (
            uniffiHandle: UInt64,
            line: RustBuffer,
            uniffiOutReturn: UnsafeMutableRawPointer,
            uniffiCallStatus: UnsafeMutablePointer<RustCallStatus>
        ) in
            let makeCall = {
                () throws -> () in
                guard let uniffiObj = try? FfiConverterTypeLogSink.handleMap.get(handle: uniffiHandle) else {
                    throw UniffiInternalError.unexpectedStaleHandle
                }
                return try uniffiObj.log(
                     line: try FfiConverterTypeLogRecord_lift(line)
                )
            }


            let writeReturn = { () }
            uniffiTraitInterfaceCallWithError(
                callStatus: uniffiCallStatus,
                makeCall: makeCall,
                writeReturn: writeReturn,
                lowerError: FfiConverterTypePlatformError_lower
            )
        }
    )

    // Rust stores this pointer for future callback invocations, so it must live
    // for the process lifetime (not just for the init function call).
    //
    // `nonisolated(unsafe)` is needed under Swift 6 strict concurrency.
    // This is safe because the pointee is initialized once during static init
    // and never mutated by either side of the FFI.  Its fields are C function pointers.
    nonisolated(unsafe) static let vtablePtr: UnsafePointer<UniffiVTableCallbackInterfaceLogSink> = {
        let ptr = UnsafeMutablePointer<UniffiVTableCallbackInterfaceLogSink>.allocate(capacity: 1)
        ptr.initialize(to: vtable)
        return UnsafePointer(ptr)
    }()
}

private func uniffiCallbackInitLogSink() {
    uniffi_whimbrel_ffi_fn_init_callback_vtable_logsink(UniffiCallbackInterfaceLogSink.vtablePtr)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeLogSink: FfiConverter {
    fileprivate static let handleMap = UniffiHandleMap<LogSink>()

    typealias FfiType = UInt64
    typealias SwiftType = LogSink

    public static func lift(_ handle: UInt64) throws -> LogSink {
        if ((handle & 1) == 0) {
            // Rust-generated handle, construct a new class that uses the handle to implement the
            // interface
            return LogSinkImpl(unsafeFromHandle: handle)
        } else {
            // Swift-generated handle, get the object from the handle map
            return try handleMap.remove(handle: handle)
        }
    }

    public static func lower(_ value: LogSink) -> UInt64 {
         if let rustImpl = value as? LogSinkImpl {
             // Rust-implemented object.  Clone the handle and return it
            return rustImpl.uniffiCloneHandle()
         } else {
            // Swift object, generate a new vtable handle and return that.
            return handleMap.insert(obj: value)
         }
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> LogSink {
        let handle: UInt64 = try readInt(&buf)
        return try lift(handle)
    }

    public static func write(_ value: LogSink, into buf: inout [UInt8]) {
        writeInt(&buf, lower(value))
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeLogSink_lift(_ handle: UInt64) throws -> LogSink {
    return try FfiConverterTypeLogSink.lift(handle)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeLogSink_lower(_ value: LogSink) -> UInt64 {
    return FfiConverterTypeLogSink.lower(value)
}






/**
 * A subscription to what changes, from the moment it was made.
 *
 * Notices carry ids only: read again what is on screen. Two equal notices that wait become one,
 * and when more wait than are kept, one notice of `Everything` stands for all.
 */
public protocol NativeChangesProtocol: AnyObject, Sendable {

    /**
     * Ends the subscription: whoever waits in `next_batch` gets `shut_down`. May be called again.
     */
    func finish() throws

    /**
     * Waits until something has changed, and gives what has: at least one notice, at most `max`.
     * One caller at a time; use a subscription for each.
     *
     * Errors: `shut_down` after `finish`, and after the client's shutdown once everything was
     * taken: the subscription has ended. `invalid_argument` for a `max` below 1.
     */
    func nextBatch(max: Int32) async throws  -> [Change]

}
/**
 * A subscription to what changes, from the moment it was made.
 *
 * Notices carry ids only: read again what is on screen. Two equal notices that wait become one,
 * and when more wait than are kept, one notice of `Everything` stands for all.
 */
open class NativeChanges: NativeChangesProtocol, @unchecked Sendable {
    fileprivate let handle: UInt64

    /// Used to instantiate a [FFIObject] without an actual handle, for fakes in tests, mostly.
#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    public struct NoHandle {
        public init() {}
    }

    // TODO: We'd like this to be `private` but for Swifty reasons,
    // we can't implement `FfiConverter` without making this `required` and we can't
    // make it `required` without making it `public`.
#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    required public init(unsafeFromHandle handle: UInt64) {
        self.handle = handle
    }

    // This constructor can be used to instantiate a fake object.
    // - Parameter noHandle: Placeholder value so we can have a constructor separate from the default empty one that may be implemented for classes extending [FFIObject].
    //
    // - Warning:
    //     Any object instantiated with this constructor cannot be passed to an actual Rust-backed object. Since there isn't a backing handle the FFI lower functions will crash.
#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    public init(noHandle: NoHandle) {
        self.handle = 0
    }

#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    public func uniffiCloneHandle() -> UInt64 {
        return try! rustCall { uniffi_whimbrel_ffi_fn_clone_nativechanges(self.handle, $0) }
    }
    // No primary constructor declared for this class.

    deinit {
        if handle == 0 {
            // Mock objects have handle=0 don't try to free them
            return
        }

        try! rustCall { uniffi_whimbrel_ffi_fn_free_nativechanges(handle, $0) }
    }




    /**
     * Ends the subscription: whoever waits in `next_batch` gets `shut_down`. May be called again.
     */
open func finish()throws   {try rustCallWithError(FfiConverterTypeWhimbrelError_lift) {
        uniffiCallStatus in
    uniffi_whimbrel_ffi_fn_method_nativechanges_finish(
            self.uniffiCloneHandle(),uniffiCallStatus
    )
}
}

    /**
     * Waits until something has changed, and gives what has: at least one notice, at most `max`.
     * One caller at a time; use a subscription for each.
     *
     * Errors: `shut_down` after `finish`, and after the client's shutdown once everything was
     * taken: the subscription has ended. `invalid_argument` for a `max` below 1.
     */
open func nextBatch(max: Int32)async throws  -> [Change]  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativechanges_next_batch(
                        self.uniffiCloneHandle(),FfiConverterInt32.lower(max)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterSequenceTypeChange.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}



}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeNativeChanges: FfiConverter {
    typealias FfiType = UInt64
    typealias SwiftType = NativeChanges

    public static func lift(_ handle: UInt64) throws -> NativeChanges {
        return NativeChanges(unsafeFromHandle: handle)
    }

    public static func lower(_ value: NativeChanges) -> UInt64 {
        return value.uniffiCloneHandle()
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> NativeChanges {
        let handle: UInt64 = try readInt(&buf)
        return try lift(handle)
    }

    public static func write(_ value: NativeChanges, into buf: inout [UInt8]) {
        writeInt(&buf, lower(value))
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeNativeChanges_lift(_ handle: UInt64) throws -> NativeChanges {
    return try FfiConverterTypeNativeChanges.lift(handle)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeNativeChanges_lower(_ value: NativeChanges) -> UInt64 {
    return FfiConverterTypeNativeChanges.lower(value)
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
public protocol NativeClientProtocol: AnyObject, Sendable {

    /**
     * Who is registered or signed in here. Never waits.
     */
    func account() throws  -> Account?

    /**
     * Tells whether there is a network. With `Up` it connects at once, with `Down` it does not try
     * to; a client that is paused remembers it. Calls that ask the server themselves, such as
     * `register`, `sign_in` and those for linking, try all the same.
     */
    func setNetwork(network: Network) async throws

    /**
     * The state of the client as a whole. Never waits; also known while paused.
     */
    func state() throws  -> ClientState

    /**
     * Begins to collect what changes from now on. Subscribe before the first query, so that
     * nothing falls between. Never waits.
     */
    func subscribe() throws  -> NativeChanges

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
    func addMembers(conversation: String, people: [Person]) async throws  -> String

    /**
     * One conversation.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
    func conversation(conversation: String) async throws  -> Conversation

    /**
     * A page of the list of conversations, the most recently active first.
     *
     * Errors: `invalid_argument` for a negative offset and for a limit below 1 or above 200;
     * `damaged`; `storage`.
     */
    func conversations(offset: Int32, limit: Int32) async throws  -> [Conversation]

    /**
     * Opens the direct conversation with somebody: the one there is, or a new one. Works offline;
     * where both sides begin at the same time, the two become one, and the id given here goes on
     * to stand for it.
     *
     * Errors: `not_signed_in`; `invalid_argument` for an impossible name or the own one;
     * `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    func createDirect(peer: Person) async throws  -> String

    /**
     * Makes a group. Works offline.
     *
     * Errors: `not_signed_in`; `invalid_argument` for an impossible user name, and for control
     * characters in the group's; `too_large` for a name over 256 bytes or too many members;
     * `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    func createGroup(name: String, members: [Person]) async throws  -> String

    /**
     * A code that all members of a conversation share as long as nobody is between them, in six
     * groups of five digits; it changes with every change of the group. Members who read each
     * other different codes while both are up to date have been separated by the server.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
    func epochCode(conversation: String) async throws  -> String?

    /**
     * Says which conversation is on screen, so that it is fetched first; none for no conversation.
     * One that is not there may come.
     */
    func focus(conversation: String?) async throws

    /**
     * Leaves a group. The app of another member carries it out; until then whatever would send
     * something there fails with `wrong_state`. Gives the outbox item.
     *
     * Errors: `not_found`; `not_allowed` for a direct conversation; `last_owner`: make somebody
     * else an owner first; `wrong_state` where this user is leaving already; `outbox_full`;
     * `disk_full`; `rolled_back`; `revoked`.
     */
    func leave(conversation: String) async throws  -> String

    /**
     * Who is in a conversation now.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
    func members(conversation: String) async throws  -> [Member]

    /**
     * Removes a user from a group; what follows that user can't read. Only owners and admins may.
     * Gives the outbox item, which fails with `not_allowed` where the right is lost before it goes
     * out.
     *
     * Errors: `not_found`; `not_member` for somebody who is not in it, and where this user was
     * removed; `not_allowed` without the right and for a direct conversation; `invalid_argument`
     * for oneself; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    func removeMember(conversation: String, user: String) async throws  -> String

    /**
     * Names a group. Only owners and admins may. Gives the outbox item.
     *
     * Errors: `not_found`; `not_allowed` without the right and for a direct conversation;
     * `not_member` where this user was removed; `invalid_argument` for control characters;
     * `too_large` over 256 bytes; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    func rename(conversation: String, name: String) async throws  -> String

    /**
     * Gives users of a group other roles, all in one step: ownership is handed over by making the
     * other an owner and oneself something else in one call. Only owners may. Gives the outbox
     * item.
     *
     * Errors: `not_found`; `not_member` for somebody who is not in it; `not_allowed` without being
     * an owner and for a direct conversation; `last_owner` where nobody would be left as owner;
     * `invalid_argument`; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    func setRoles(conversation: String, roles: [RoleGrant]) async throws  -> String

    /**
     * The devices of this user, with what is left to do for each.
     *
     * Errors: `not_signed_in`; `damaged`; `storage`.
     */
    func devices() async throws  -> DeviceList

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
    func linkApprove(code: String) async throws  -> String

    /**
     * Gives up being linked: the code is no longer good.
     *
     * Errors: `disk_full`; `storage`.
     */
    func linkCancel() async throws

    /**
     * Looks at the device that shows a code, as text or QR content, before approving it.
     *
     * Errors: `wrong_code` for a wrong character, and where somebody else has answered under that
     * code; `code_used` for one that a device has come in by; `code_expired` for one that is over,
     * was cancelled, or that the server does not know; `not_signed_in`; `rate_limited`;
     * `unavailable`; `untrusted_server`; `protocol`.
     */
    func linkInspect(code: String) async throws  -> LinkRequest

    /**
     * Refuses the device that shows a code: the code is no longer good.
     *
     * Errors: `wrong_code`; `unavailable`; `untrusted_server`; `protocol`.
     */
    func linkRefuse(code: String) async throws

    /**
     * Begins to link this device, which has no account yet, to one of a user's: shows a code that
     * is good for five minutes and for one linking. A code shown before is no longer good.
     *
     * Errors: `wrong_state` where somebody is registered here; `rate_limited`; `unavailable`;
     * `untrusted_server`; `protocol`; `disk_full`.
     */
    func linkStart() async throws  -> LinkTicket

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
    func linkWait() async throws  -> Account

    /**
     * The recovery code, for the user to write down: with it a user who has lost all devices keeps
     * the identity. None on devices that were linked.
     *
     * Errors: `damaged`; `storage`.
     */
    func recoveryCode() async throws  -> String?

    /**
     * Removes another device of this user for good: its session ends, and it is removed from every
     * conversation. Works offline, and takes effect when the server knows.
     *
     * Errors: `not_found` where it is none; `wrong_state` for the only one; `not_signed_in`;
     * `disk_full`; `rolled_back`; `revoked`.
     */
    func revokeDevice(device: String) async throws

    /**
     * Lets go of everything before the app is suspended: calls are refused, the connection is
     * closed, running queries are interrupted, the database is closed and its lock released.
     * Paused already: does nothing.
     *
     * Errors: `disk_full`, `storage` where the database did not close cleanly. It is closed all
     * the same, and nothing is lost.
     */
    func pause() async throws

    /**
     * Goes on after `pause`, or after a defect. Running already: does nothing.
     *
     * Errors: `already_open` where another process has taken the folder meanwhile; `damaged`;
     * `disk_full`; `storage`. The client then stays paused.
     */
    func resume() async throws

    /**
     * Ends the client: like `pause`, and for good. Every later call gives `shut_down`, also those
     * that wait for changes. May be called again.
     *
     * Errors: `disk_full`, `storage` where the database did not close cleanly. It is closed all
     * the same.
     */
    func shutdown() async throws

    /**
     * Fetches everything and sends what waits, within a budget of milliseconds: for the moments a
     * system grants to an app in the background. A paused client is paused again when it returns,
     * and when the call is cancelled.
     *
     * Errors: `invalid_argument` for a negative budget; `not_signed_in`; `access_denied` where the
     * session has ended and the password is needed; `update_needed`; `rolled_back`; `revoked`;
     * `disk_full`; those of `resume`.
     */
    func syncOnce(budgetMs: Int64) async throws  -> SyncOutcome

    /**
     * Takes an own message back. One that was never written to a connection leaves no trace;
     * otherwise a delete message follows it.
     *
     * Errors: `not_found`; `not_allowed` for a message of somebody else; `wrong_state` for one
     * that is no text or was taken back already; `outbox_full`; `disk_full`; `rolled_back`;
     * `revoked`.
     */
    func delete(conversation: String, message: String) async throws

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
    func discard(item: String) async throws

    /**
     * Changes the text of an own message. One that was never written to a connection is simply
     * another one from then on; otherwise an edit message follows it.
     *
     * Errors: `not_found`; `not_allowed` for a message of somebody else; `wrong_state` for one
     * that is no text or was taken back; `invalid_argument` for empty text; `too_large` over 16
     * KiB of UTF-8; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
    func edit(conversation: String, message: String, text: String) async throws

    /**
     * Marks everything up to a message as read, here and for the others to see. Marks never go
     * back.
     *
     * Errors: `not_found`; `disk_full`.
     */
    func markRead(conversation: String, message: String) async throws

    /**
     * One message.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
    func message(conversation: String, message: String) async throws  -> Message

    /**
     * A page of messages, in the order of the conversation: by number, and behind them those that
     * wait for one.
     *
     * Errors: `not_found` where conversation or message is unknown; `invalid_argument` for a limit
     * below 1 or above 200; `damaged`; `storage`.
     */
    func messages(conversation: String, page: MessagePage, limit: Int32) async throws  -> [Message]

    /**
     * What waits to be sent, in order: everywhere, or in one conversation.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
    func outbox(conversation: String?) async throws  -> [OutboxItem]

    /**
     * Tries a failed outbox item, and what waits behind it, again now. One that has not failed
     * goes on as it would have.
     *
     * Errors: `not_found`; `disk_full`; `rolled_back`; `revoked`.
     */
    func retry(item: String) async throws

    /**
     * Sends text. When it returns, the message survives a kill and a power cut, and is sent as
     * soon as that is possible. Gives the message's id, which is the same on every device.
     *
     * Errors: `not_found`; `invalid_argument` for empty text; `too_large` over 16 KiB of UTF-8;
     * `not_member` where this user was removed; `outbox_full`; `disk_full`; `rolled_back`;
     * `revoked`.
     */
    func send(conversation: String, text: String) async throws  -> String

    /**
     * Relies on the new identity of a user from now on: what waited for it is sent. Compare the
     * safety number first.
     *
     * Errors: `not_found` for somebody never met; `invalid_argument` for oneself.
     */
    func acceptIdentity(user: String) async throws

    /**
     * Somebody whom this user has met in a conversation: the name, the safety number to compare,
     * and whether the user's identity has changed.
     *
     * Errors: `not_found` for somebody never met, and for oneself; `damaged`; `storage`.
     */
    func contact(user: String) async throws  -> Contact

    /**
     * Whether a scanned QR picture shows the safety number of a user. Changes nothing: keep the
     * outcome with `set_verified`.
     *
     * Errors: `wrong_code` where the picture shows no safety number; those of `contact`.
     */
    func matchesSafetyQr(user: String, scanned: String) async throws  -> Bool

    /**
     * Keeps that the safety number of a user was compared and fitted, or that this no longer
     * holds. A change of identity stops sending until it is accepted: in the direct conversation
     * with the user, and for a verified user in every group, too.
     *
     * Errors: `not_found` for somebody never met; `identity_changed` where a new identity is not
     * accepted yet; `invalid_argument` for oneself.
     */
    func setVerified(user: String, verified: Bool) async throws

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
    func reEnrol(password: String) async throws  -> Account

    /**
     * Signs in without any device left, in an empty data folder: with the recovery code the
     * identity is provably the same user's, without it contacts see a new one. All former devices
     * are removed. Where the answer got lost, the same call finishes it.
     *
     * Errors: `wrong_code`; `access_denied` for a wrong name or password; `wrong_state` where
     * somebody is registered here; `rate_limited`; `unavailable`; `untrusted_server`; `protocol`;
     * `disk_full`.
     */
    func recover(username: String, password: String, code: String?) async throws  -> Account

    /**
     * Makes an account at the server, with this device as its first. Where the answer got lost,
     * the same call finishes the registration. User names have 3 to 32 of a to z, 0 to 9, dot,
     * underscore and hyphen; passwords 10 to 256 bytes.
     *
     * Errors: `invalid_argument` for an impossible name or password; `username_taken`, also where
     * an unfinished registration had another password; `wrong_state` where somebody is registered
     * here already; `rate_limited`; `unavailable`; `untrusted_server`; `protocol`; `disk_full`.
     */
    func register(username: String, password: String) async throws  -> Account

    /**
     * Gets a new session with the password, after the old one has ended. To use an account on a
     * further device, link that device.
     *
     * Errors: `access_denied` for a wrong name or password; `wrong_state` where nobody, or
     * somebody else, is registered here; `rate_limited`; `unavailable`; `untrusted_server`;
     * `protocol`; `disk_full`.
     */
    func signIn(username: String, password: String) async throws  -> Account

    /**
     * Removes this device from the user's, closes the client for good and wipes the data folder.
     * The last device of a user stays listed: the account would be lost without one.
     *
     * Errors: `unavailable` where the server could not be told, unless that does not matter;
     * `storage` where the folder could not be wiped.
     */
    func signOut(how: SignOut) async throws

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
open class NativeClient: NativeClientProtocol, @unchecked Sendable {
    fileprivate let handle: UInt64

    /// Used to instantiate a [FFIObject] without an actual handle, for fakes in tests, mostly.
#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    public struct NoHandle {
        public init() {}
    }

    // TODO: We'd like this to be `private` but for Swifty reasons,
    // we can't implement `FfiConverter` without making this `required` and we can't
    // make it `required` without making it `public`.
#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    required public init(unsafeFromHandle handle: UInt64) {
        self.handle = handle
    }

    // This constructor can be used to instantiate a fake object.
    // - Parameter noHandle: Placeholder value so we can have a constructor separate from the default empty one that may be implemented for classes extending [FFIObject].
    //
    // - Warning:
    //     Any object instantiated with this constructor cannot be passed to an actual Rust-backed object. Since there isn't a backing handle the FFI lower functions will crash.
#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    public init(noHandle: NoHandle) {
        self.handle = 0
    }

#if swift(>=5.8)
    @_documentation(visibility: private)
#endif
    public func uniffiCloneHandle() -> UInt64 {
        return try! rustCall { uniffi_whimbrel_ffi_fn_clone_nativeclient(self.handle, $0) }
    }
    // No primary constructor declared for this class.

    deinit {
        if handle == 0 {
            // Mock objects have handle=0 don't try to free them
            return
        }

        try! rustCall { uniffi_whimbrel_ffi_fn_free_nativeclient(handle, $0) }
    }


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
public static func `open`(options: ClientOptions, keyStore: KeyStore, logSink: LogSink? = nil)async throws  -> NativeClient  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_constructor_nativeclient_open(FfiConverterTypeClientOptions_lower(options),FfiConverterTypeKeyStore_lower(keyStore),FfiConverterOptionTypeLogSink.lower(logSink)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_u64,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_u64,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_u64,
            liftFunc: FfiConverterTypeNativeClient_lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}



    /**
     * Who is registered or signed in here. Never waits.
     */
open func account()throws  -> Account?  {
    return try  FfiConverterOptionTypeAccount.lift(try rustCallWithError(FfiConverterTypeWhimbrelError_lift) {
        uniffiCallStatus in
    uniffi_whimbrel_ffi_fn_method_nativeclient_account(
            self.uniffiCloneHandle(),uniffiCallStatus
    )
})
}

    /**
     * Tells whether there is a network. With `Up` it connects at once, with `Down` it does not try
     * to; a client that is paused remembers it. Calls that ask the server themselves, such as
     * `register`, `sign_in` and those for linking, try all the same.
     */
open func setNetwork(network: Network)async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_set_network(
                        self.uniffiCloneHandle(),FfiConverterTypeNetwork_lower(network)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * The state of the client as a whole. Never waits; also known while paused.
     */
open func state()throws  -> ClientState  {
    return try  FfiConverterTypeClientState_lift(try rustCallWithError(FfiConverterTypeWhimbrelError_lift) {
        uniffiCallStatus in
    uniffi_whimbrel_ffi_fn_method_nativeclient_state(
            self.uniffiCloneHandle(),uniffiCallStatus
    )
})
}

    /**
     * Begins to collect what changes from now on. Subscribe before the first query, so that
     * nothing falls between. Never waits.
     */
open func subscribe()throws  -> NativeChanges  {
    return try  FfiConverterTypeNativeChanges_lift(try rustCallWithError(FfiConverterTypeWhimbrelError_lift) {
        uniffiCallStatus in
    uniffi_whimbrel_ffi_fn_method_nativeclient_subscribe(
            self.uniffiCloneHandle(),uniffiCallStatus
    )
})
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
open func addMembers(conversation: String, people: [Person])async throws  -> String  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_add_members(
                        self.uniffiCloneHandle(),FfiConverterString.lower(conversation),FfiConverterSequenceTypePerson.lower(people)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterString.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * One conversation.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
open func conversation(conversation: String)async throws  -> Conversation  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_conversation(
                        self.uniffiCloneHandle(),FfiConverterString.lower(conversation)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterTypeConversation_lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * A page of the list of conversations, the most recently active first.
     *
     * Errors: `invalid_argument` for a negative offset and for a limit below 1 or above 200;
     * `damaged`; `storage`.
     */
open func conversations(offset: Int32 = 0, limit: Int32 = 50)async throws  -> [Conversation]  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_conversations(
                        self.uniffiCloneHandle(),FfiConverterInt32.lower(offset),FfiConverterInt32.lower(limit)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterSequenceTypeConversation.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func createDirect(peer: Person)async throws  -> String  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_create_direct(
                        self.uniffiCloneHandle(),FfiConverterTypePerson_lower(peer)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterString.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * Makes a group. Works offline.
     *
     * Errors: `not_signed_in`; `invalid_argument` for an impossible user name, and for control
     * characters in the group's; `too_large` for a name over 256 bytes or too many members;
     * `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
open func createGroup(name: String, members: [Person])async throws  -> String  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_create_group(
                        self.uniffiCloneHandle(),FfiConverterString.lower(name),FfiConverterSequenceTypePerson.lower(members)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterString.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * A code that all members of a conversation share as long as nobody is between them, in six
     * groups of five digits; it changes with every change of the group. Members who read each
     * other different codes while both are up to date have been separated by the server.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
open func epochCode(conversation: String)async throws  -> String?  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_epoch_code(
                        self.uniffiCloneHandle(),FfiConverterString.lower(conversation)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterOptionString.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * Says which conversation is on screen, so that it is fetched first; none for no conversation.
     * One that is not there may come.
     */
open func focus(conversation: String? = nil)async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_focus(
                        self.uniffiCloneHandle(),FfiConverterOptionString.lower(conversation)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func leave(conversation: String)async throws  -> String  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_leave(
                        self.uniffiCloneHandle(),FfiConverterString.lower(conversation)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterString.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * Who is in a conversation now.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
open func members(conversation: String)async throws  -> [Member]  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_members(
                        self.uniffiCloneHandle(),FfiConverterString.lower(conversation)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterSequenceTypeMember.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func removeMember(conversation: String, user: String)async throws  -> String  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_remove_member(
                        self.uniffiCloneHandle(),FfiConverterString.lower(conversation),FfiConverterString.lower(user)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterString.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * Names a group. Only owners and admins may. Gives the outbox item.
     *
     * Errors: `not_found`; `not_allowed` without the right and for a direct conversation;
     * `not_member` where this user was removed; `invalid_argument` for control characters;
     * `too_large` over 256 bytes; `outbox_full`; `disk_full`; `rolled_back`; `revoked`.
     */
open func rename(conversation: String, name: String)async throws  -> String  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_rename(
                        self.uniffiCloneHandle(),FfiConverterString.lower(conversation),FfiConverterString.lower(name)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterString.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func setRoles(conversation: String, roles: [RoleGrant])async throws  -> String  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_set_roles(
                        self.uniffiCloneHandle(),FfiConverterString.lower(conversation),FfiConverterSequenceTypeRoleGrant.lower(roles)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterString.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * The devices of this user, with what is left to do for each.
     *
     * Errors: `not_signed_in`; `damaged`; `storage`.
     */
open func devices()async throws  -> DeviceList  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_devices(
                        self.uniffiCloneHandle()
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterTypeDeviceList_lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func linkApprove(code: String)async throws  -> String  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_link_approve(
                        self.uniffiCloneHandle(),FfiConverterString.lower(code)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterString.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * Gives up being linked: the code is no longer good.
     *
     * Errors: `disk_full`; `storage`.
     */
open func linkCancel()async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_link_cancel(
                        self.uniffiCloneHandle()
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func linkInspect(code: String)async throws  -> LinkRequest  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_link_inspect(
                        self.uniffiCloneHandle(),FfiConverterString.lower(code)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterTypeLinkRequest_lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * Refuses the device that shows a code: the code is no longer good.
     *
     * Errors: `wrong_code`; `unavailable`; `untrusted_server`; `protocol`.
     */
open func linkRefuse(code: String)async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_link_refuse(
                        self.uniffiCloneHandle(),FfiConverterString.lower(code)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * Begins to link this device, which has no account yet, to one of a user's: shows a code that
     * is good for five minutes and for one linking. A code shown before is no longer good.
     *
     * Errors: `wrong_state` where somebody is registered here; `rate_limited`; `unavailable`;
     * `untrusted_server`; `protocol`; `disk_full`.
     */
open func linkStart()async throws  -> LinkTicket  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_link_start(
                        self.uniffiCloneHandle()
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterTypeLinkTicket_lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func linkWait()async throws  -> Account  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_link_wait(
                        self.uniffiCloneHandle()
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterTypeAccount_lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * The recovery code, for the user to write down: with it a user who has lost all devices keeps
     * the identity. None on devices that were linked.
     *
     * Errors: `damaged`; `storage`.
     */
open func recoveryCode()async throws  -> String?  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_recovery_code(
                        self.uniffiCloneHandle()
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterOptionString.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * Removes another device of this user for good: its session ends, and it is removed from every
     * conversation. Works offline, and takes effect when the server knows.
     *
     * Errors: `not_found` where it is none; `wrong_state` for the only one; `not_signed_in`;
     * `disk_full`; `rolled_back`; `revoked`.
     */
open func revokeDevice(device: String)async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_revoke_device(
                        self.uniffiCloneHandle(),FfiConverterString.lower(device)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func pause()async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_pause(
                        self.uniffiCloneHandle()
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * Goes on after `pause`, or after a defect. Running already: does nothing.
     *
     * Errors: `already_open` where another process has taken the folder meanwhile; `damaged`;
     * `disk_full`; `storage`. The client then stays paused.
     */
open func resume()async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_resume(
                        self.uniffiCloneHandle()
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * Ends the client: like `pause`, and for good. Every later call gives `shut_down`, also those
     * that wait for changes. May be called again.
     *
     * Errors: `disk_full`, `storage` where the database did not close cleanly. It is closed all
     * the same.
     */
open func shutdown()async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_shutdown(
                        self.uniffiCloneHandle()
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func syncOnce(budgetMs: Int64)async throws  -> SyncOutcome  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_sync_once(
                        self.uniffiCloneHandle(),FfiConverterInt64.lower(budgetMs)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterTypeSyncOutcome_lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func delete(conversation: String, message: String)async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_delete(
                        self.uniffiCloneHandle(),FfiConverterString.lower(conversation),FfiConverterString.lower(message)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func discard(item: String)async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_discard(
                        self.uniffiCloneHandle(),FfiConverterString.lower(item)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func edit(conversation: String, message: String, text: String)async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_edit(
                        self.uniffiCloneHandle(),FfiConverterString.lower(conversation),FfiConverterString.lower(message),FfiConverterString.lower(text)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * Marks everything up to a message as read, here and for the others to see. Marks never go
     * back.
     *
     * Errors: `not_found`; `disk_full`.
     */
open func markRead(conversation: String, message: String)async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_mark_read(
                        self.uniffiCloneHandle(),FfiConverterString.lower(conversation),FfiConverterString.lower(message)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * One message.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
open func message(conversation: String, message: String)async throws  -> Message  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_message(
                        self.uniffiCloneHandle(),FfiConverterString.lower(conversation),FfiConverterString.lower(message)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterTypeMessage_lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * A page of messages, in the order of the conversation: by number, and behind them those that
     * wait for one.
     *
     * Errors: `not_found` where conversation or message is unknown; `invalid_argument` for a limit
     * below 1 or above 200; `damaged`; `storage`.
     */
open func messages(conversation: String, page: MessagePage, limit: Int32 = 50)async throws  -> [Message]  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_messages(
                        self.uniffiCloneHandle(),FfiConverterString.lower(conversation),FfiConverterTypeMessagePage_lower(page),FfiConverterInt32.lower(limit)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterSequenceTypeMessage.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * What waits to be sent, in order: everywhere, or in one conversation.
     *
     * Errors: `not_found`; `damaged`; `storage`.
     */
open func outbox(conversation: String? = nil)async throws  -> [OutboxItem]  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_outbox(
                        self.uniffiCloneHandle(),FfiConverterOptionString.lower(conversation)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterSequenceTypeOutboxItem.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * Tries a failed outbox item, and what waits behind it, again now. One that has not failed
     * goes on as it would have.
     *
     * Errors: `not_found`; `disk_full`; `rolled_back`; `revoked`.
     */
open func retry(item: String)async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_retry(
                        self.uniffiCloneHandle(),FfiConverterString.lower(item)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func send(conversation: String, text: String)async throws  -> String  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_send(
                        self.uniffiCloneHandle(),FfiConverterString.lower(conversation),FfiConverterString.lower(text)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterString.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * Relies on the new identity of a user from now on: what waited for it is sent. Compare the
     * safety number first.
     *
     * Errors: `not_found` for somebody never met; `invalid_argument` for oneself.
     */
open func acceptIdentity(user: String)async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_accept_identity(
                        self.uniffiCloneHandle(),FfiConverterString.lower(user)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * Somebody whom this user has met in a conversation: the name, the safety number to compare,
     * and whether the user's identity has changed.
     *
     * Errors: `not_found` for somebody never met, and for oneself; `damaged`; `storage`.
     */
open func contact(user: String)async throws  -> Contact  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_contact(
                        self.uniffiCloneHandle(),FfiConverterString.lower(user)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterTypeContact_lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * Whether a scanned QR picture shows the safety number of a user. Changes nothing: keep the
     * outcome with `set_verified`.
     *
     * Errors: `wrong_code` where the picture shows no safety number; those of `contact`.
     */
open func matchesSafetyQr(user: String, scanned: String)async throws  -> Bool  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_matches_safety_qr(
                        self.uniffiCloneHandle(),FfiConverterString.lower(user),FfiConverterString.lower(scanned)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_i8,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_i8,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_i8,
            liftFunc: FfiConverterBool.lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func setVerified(user: String, verified: Bool)async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_set_verified(
                        self.uniffiCloneHandle(),FfiConverterString.lower(user),FfiConverterBool.lower(verified)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func reEnrol(password: String)async throws  -> Account  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_re_enrol(
                        self.uniffiCloneHandle(),FfiConverterString.lower(password)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterTypeAccount_lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func recover(username: String, password: String, code: String? = nil)async throws  -> Account  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_recover(
                        self.uniffiCloneHandle(),FfiConverterString.lower(username),FfiConverterString.lower(password),FfiConverterOptionString.lower(code)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterTypeAccount_lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func register(username: String, password: String)async throws  -> Account  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_register(
                        self.uniffiCloneHandle(),FfiConverterString.lower(username),FfiConverterString.lower(password)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterTypeAccount_lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
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
open func signIn(username: String, password: String)async throws  -> Account  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_sign_in(
                        self.uniffiCloneHandle(),FfiConverterString.lower(username),FfiConverterString.lower(password)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterTypeAccount_lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

    /**
     * Removes this device from the user's, closes the client for good and wipes the data folder.
     * The last device of a user stays listed: the account would be lost without one.
     *
     * Errors: `unavailable` where the server could not be told, unless that does not matter;
     * `storage` where the folder could not be wiped.
     */
open func signOut(how: SignOut)async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_method_nativeclient_sign_out(
                        self.uniffiCloneHandle(),FfiConverterTypeSignOut_lower(how)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}



}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeNativeClient: FfiConverter {
    typealias FfiType = UInt64
    typealias SwiftType = NativeClient

    public static func lift(_ handle: UInt64) throws -> NativeClient {
        return NativeClient(unsafeFromHandle: handle)
    }

    public static func lower(_ value: NativeClient) -> UInt64 {
        return value.uniffiCloneHandle()
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> NativeClient {
        let handle: UInt64 = try readInt(&buf)
        return try lift(handle)
    }

    public static func write(_ value: NativeClient, into buf: inout [UInt8]) {
        writeInt(&buf, lower(value))
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeNativeClient_lift(_ handle: UInt64) throws -> NativeClient {
    return try FfiConverterTypeNativeClient.lift(handle)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeNativeClient_lower(_ value: NativeClient) -> UInt64 {
    return FfiConverterTypeNativeClient.lower(value)
}




/**
 * Who uses a client.
 */
public struct Account: Equatable, Hashable {
    /**
     * Id of the user.
     */
    public let user: String
    /**
     * The user's name.
     */
    public let username: String
    /**
     * Id of this device.
     */
    public let device: String

    // Default memberwise initializers are never public by default, so we
    // declare one manually.
    public init(
        /**
         * Id of the user.
         */user: String,
        /**
         * The user's name.
         */username: String,
        /**
         * Id of this device.
         */device: String) {
        self.user = user
        self.username = username
        self.device = device
    }




}

#if compiler(>=6)
extension Account: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeAccount: FfiConverterRustBuffer {
    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Account {
        return
            try Account(
                user: FfiConverterString.read(from: &buf),
                username: FfiConverterString.read(from: &buf),
                device: FfiConverterString.read(from: &buf)
        )
    }

    public static func write(_ value: Account, into buf: inout [UInt8]) {
        FfiConverterString.write(value.user, into: &buf)
        FfiConverterString.write(value.username, into: &buf)
        FfiConverterString.write(value.device, into: &buf)
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeAccount_lift(_ buf: RustBuffer) throws -> Account {
    return try FfiConverterTypeAccount.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeAccount_lower(_ value: Account) -> RustBuffer {
    return FfiConverterTypeAccount.lower(value)
}


/**
 * What a client is opened with. Only the data folder and the server have no default.
 */
public struct ClientOptions: Equatable, Hashable {
    /**
     * Path of the data folder. It holds one account, is made where it is missing, and belongs to
     * the library alone. Keep it out of backups: an old copy of the database can't send any more.
     */
    public let dataFolder: String
    /**
     * The server: `https://host` or `https://host:port`.
     */
    public let server: String
    /**
     * SHA-256 of the server's certificate in DER form: 64 hexadecimal digits, colons allowed.
     * Without it the certificate must come from a public certificate authority.
     */
    public let pinnedFingerprint: String?
    /**
     * Whether there is no network at the start.
     */
    public let startsOffline: Bool

    // Default memberwise initializers are never public by default, so we
    // declare one manually.
    public init(
        /**
         * Path of the data folder. It holds one account, is made where it is missing, and belongs to
         * the library alone. Keep it out of backups: an old copy of the database can't send any more.
         */dataFolder: String,
        /**
         * The server: `https://host` or `https://host:port`.
         */server: String,
        /**
         * SHA-256 of the server's certificate in DER form: 64 hexadecimal digits, colons allowed.
         * Without it the certificate must come from a public certificate authority.
         */pinnedFingerprint: String? = nil,
        /**
         * Whether there is no network at the start.
         */startsOffline: Bool = false) {
        self.dataFolder = dataFolder
        self.server = server
        self.pinnedFingerprint = pinnedFingerprint
        self.startsOffline = startsOffline
    }




}

#if compiler(>=6)
extension ClientOptions: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeClientOptions: FfiConverterRustBuffer {
    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> ClientOptions {
        return
            try ClientOptions(
                dataFolder: FfiConverterString.read(from: &buf),
                server: FfiConverterString.read(from: &buf),
                pinnedFingerprint: FfiConverterOptionString.read(from: &buf),
                startsOffline: FfiConverterBool.read(from: &buf)
        )
    }

    public static func write(_ value: ClientOptions, into buf: inout [UInt8]) {
        FfiConverterString.write(value.dataFolder, into: &buf)
        FfiConverterString.write(value.server, into: &buf)
        FfiConverterOptionString.write(value.pinnedFingerprint, into: &buf)
        FfiConverterBool.write(value.startsOffline, into: &buf)
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeClientOptions_lift(_ buf: RustBuffer) throws -> ClientOptions {
    return try FfiConverterTypeClientOptions.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeClientOptions_lower(_ value: ClientOptions) -> RustBuffer {
    return FfiConverterTypeClientOptions.lower(value)
}


/**
 * The client as a whole.
 */
public struct ClientState: Equatable, Hashable {
    /**
     * The connection.
     */
    public let connection: Connection
    /**
     * Who is registered or signed in here.
     */
    public let account: Account?
    /**
     * What stops this client for good or until somebody acts.
     */
    public let alarm: Alarm?
    /**
     * Items in the outbox.
     */
    public let queued: Int32
    /**
     * Why the last try to connect failed.
     */
    public let lastError: ErrorCode?

    // Default memberwise initializers are never public by default, so we
    // declare one manually.
    public init(
        /**
         * The connection.
         */connection: Connection,
        /**
         * Who is registered or signed in here.
         */account: Account?,
        /**
         * What stops this client for good or until somebody acts.
         */alarm: Alarm?,
        /**
         * Items in the outbox.
         */queued: Int32,
        /**
         * Why the last try to connect failed.
         */lastError: ErrorCode?) {
        self.connection = connection
        self.account = account
        self.alarm = alarm
        self.queued = queued
        self.lastError = lastError
    }




}

#if compiler(>=6)
extension ClientState: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeClientState: FfiConverterRustBuffer {
    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> ClientState {
        return
            try ClientState(
                connection: FfiConverterTypeConnection.read(from: &buf),
                account: FfiConverterOptionTypeAccount.read(from: &buf),
                alarm: FfiConverterOptionTypeAlarm.read(from: &buf),
                queued: FfiConverterInt32.read(from: &buf),
                lastError: FfiConverterOptionTypeErrorCode.read(from: &buf)
        )
    }

    public static func write(_ value: ClientState, into buf: inout [UInt8]) {
        FfiConverterTypeConnection.write(value.connection, into: &buf)
        FfiConverterOptionTypeAccount.write(value.account, into: &buf)
        FfiConverterOptionTypeAlarm.write(value.alarm, into: &buf)
        FfiConverterInt32.write(value.queued, into: &buf)
        FfiConverterOptionTypeErrorCode.write(value.lastError, into: &buf)
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeClientState_lift(_ buf: RustBuffer) throws -> ClientState {
    return try FfiConverterTypeClientState.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeClientState_lower(_ value: ClientState) -> RustBuffer {
    return FfiConverterTypeClientState.lower(value)
}


/**
 * Somebody this user has met in a conversation.
 */
public struct Contact: Equatable, Hashable {
    /**
     * Id of the user.
     */
    public let user: String
    /**
     * The user's name.
     */
    public let username: String
    /**
     * The safety number was compared, and the identity has not changed since.
     */
    public let verified: Bool
    /**
     * The user goes by another identity key than the one relied on here, until it is accepted.
     */
    public let identityChange: IdentityChange?
    /**
     * Two device lists of one version were seen, both signed by this user: somebody else has the
     * user's identity key, or the user's devices have gone separate ways.
     */
    public let conflict: Bool
    /**
     * What both users compare to know that nobody is between them: twelve groups of five digits,
     * the same on both sides.
     */
    public let safetyNumber: String
    /**
     * The same as the content of a QR picture.
     */
    public let safetyQr: String

    // Default memberwise initializers are never public by default, so we
    // declare one manually.
    public init(
        /**
         * Id of the user.
         */user: String,
        /**
         * The user's name.
         */username: String,
        /**
         * The safety number was compared, and the identity has not changed since.
         */verified: Bool,
        /**
         * The user goes by another identity key than the one relied on here, until it is accepted.
         */identityChange: IdentityChange?,
        /**
         * Two device lists of one version were seen, both signed by this user: somebody else has the
         * user's identity key, or the user's devices have gone separate ways.
         */conflict: Bool,
        /**
         * What both users compare to know that nobody is between them: twelve groups of five digits,
         * the same on both sides.
         */safetyNumber: String,
        /**
         * The same as the content of a QR picture.
         */safetyQr: String) {
        self.user = user
        self.username = username
        self.verified = verified
        self.identityChange = identityChange
        self.conflict = conflict
        self.safetyNumber = safetyNumber
        self.safetyQr = safetyQr
    }




}

#if compiler(>=6)
extension Contact: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeContact: FfiConverterRustBuffer {
    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Contact {
        return
            try Contact(
                user: FfiConverterString.read(from: &buf),
                username: FfiConverterString.read(from: &buf),
                verified: FfiConverterBool.read(from: &buf),
                identityChange: FfiConverterOptionTypeIdentityChange.read(from: &buf),
                conflict: FfiConverterBool.read(from: &buf),
                safetyNumber: FfiConverterString.read(from: &buf),
                safetyQr: FfiConverterString.read(from: &buf)
        )
    }

    public static func write(_ value: Contact, into buf: inout [UInt8]) {
        FfiConverterString.write(value.user, into: &buf)
        FfiConverterString.write(value.username, into: &buf)
        FfiConverterBool.write(value.verified, into: &buf)
        FfiConverterOptionTypeIdentityChange.write(value.identityChange, into: &buf)
        FfiConverterBool.write(value.conflict, into: &buf)
        FfiConverterString.write(value.safetyNumber, into: &buf)
        FfiConverterString.write(value.safetyQr, into: &buf)
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeContact_lift(_ buf: RustBuffer) throws -> Contact {
    return try FfiConverterTypeContact.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeContact_lower(_ value: Contact) -> RustBuffer {
    return FfiConverterTypeContact.lower(value)
}


/**
 * A conversation as a list shows it.
 */
public struct Conversation: Equatable, Hashable {
    /**
     * Its id.
     */
    public let id: String
    /**
     * Direct or group.
     */
    public let kind: ConversationKind
    /**
     * What can be done in it.
     */
    public let state: ConversationState
    /**
     * The group's name; for a direct conversation the other user's name. May be empty.
     */
    public let name: String
    /**
     * Id of the other user of a direct conversation, once known.
     */
    public let peer: String?
    /**
     * Messages of others above the own read mark, at most 999.
     */
    public let unread: Int32
    /**
     * The newest row.
     */
    public let lastMessage: Message?
    /**
     * Last number applied here.
     */
    public let appliedSeq: Int64
    /**
     * Items waiting in the outbox.
     */
    public let queued: Int32
    /**
     * Why the conversation's outbox is stopped, if it is. With `identity_changed` it goes on once
     * the new identity of a member is accepted.
     */
    public let blocked: ErrorCode?
    /**
     * A member has seen another history than this device: the server has lied to one of the two.
     */
    public let forked: Bool
    /**
     * When something last happened, in milliseconds since 1970; the list is sorted by it.
     */
    public let lastActivityMs: Int64

    // Default memberwise initializers are never public by default, so we
    // declare one manually.
    public init(
        /**
         * Its id.
         */id: String,
        /**
         * Direct or group.
         */kind: ConversationKind,
        /**
         * What can be done in it.
         */state: ConversationState,
        /**
         * The group's name; for a direct conversation the other user's name. May be empty.
         */name: String,
        /**
         * Id of the other user of a direct conversation, once known.
         */peer: String?,
        /**
         * Messages of others above the own read mark, at most 999.
         */unread: Int32,
        /**
         * The newest row.
         */lastMessage: Message?,
        /**
         * Last number applied here.
         */appliedSeq: Int64,
        /**
         * Items waiting in the outbox.
         */queued: Int32,
        /**
         * Why the conversation's outbox is stopped, if it is. With `identity_changed` it goes on once
         * the new identity of a member is accepted.
         */blocked: ErrorCode?,
        /**
         * A member has seen another history than this device: the server has lied to one of the two.
         */forked: Bool,
        /**
         * When something last happened, in milliseconds since 1970; the list is sorted by it.
         */lastActivityMs: Int64) {
        self.id = id
        self.kind = kind
        self.state = state
        self.name = name
        self.peer = peer
        self.unread = unread
        self.lastMessage = lastMessage
        self.appliedSeq = appliedSeq
        self.queued = queued
        self.blocked = blocked
        self.forked = forked
        self.lastActivityMs = lastActivityMs
    }




}

#if compiler(>=6)
extension Conversation: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeConversation: FfiConverterRustBuffer {
    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Conversation {
        return
            try Conversation(
                id: FfiConverterString.read(from: &buf),
                kind: FfiConverterTypeConversationKind.read(from: &buf),
                state: FfiConverterTypeConversationState.read(from: &buf),
                name: FfiConverterString.read(from: &buf),
                peer: FfiConverterOptionString.read(from: &buf),
                unread: FfiConverterInt32.read(from: &buf),
                lastMessage: FfiConverterOptionTypeMessage.read(from: &buf),
                appliedSeq: FfiConverterInt64.read(from: &buf),
                queued: FfiConverterInt32.read(from: &buf),
                blocked: FfiConverterOptionTypeErrorCode.read(from: &buf),
                forked: FfiConverterBool.read(from: &buf),
                lastActivityMs: FfiConverterInt64.read(from: &buf)
        )
    }

    public static func write(_ value: Conversation, into buf: inout [UInt8]) {
        FfiConverterString.write(value.id, into: &buf)
        FfiConverterTypeConversationKind.write(value.kind, into: &buf)
        FfiConverterTypeConversationState.write(value.state, into: &buf)
        FfiConverterString.write(value.name, into: &buf)
        FfiConverterOptionString.write(value.peer, into: &buf)
        FfiConverterInt32.write(value.unread, into: &buf)
        FfiConverterOptionTypeMessage.write(value.lastMessage, into: &buf)
        FfiConverterInt64.write(value.appliedSeq, into: &buf)
        FfiConverterInt32.write(value.queued, into: &buf)
        FfiConverterOptionTypeErrorCode.write(value.blocked, into: &buf)
        FfiConverterBool.write(value.forked, into: &buf)
        FfiConverterInt64.write(value.lastActivityMs, into: &buf)
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeConversation_lift(_ buf: RustBuffer) throws -> Conversation {
    return try FfiConverterTypeConversation.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeConversation_lower(_ value: Conversation) -> RustBuffer {
    return FfiConverterTypeConversation.lower(value)
}


/**
 * A device of this user.
 */
public struct Device: Equatable, Hashable {
    /**
     * Id of the device.
     */
    public let id: String
    /**
     * Whether it is the one that this client runs on.
     */
    public let isThisOne: Bool
    /**
     * How far it has come.
     */
    public let state: DeviceState
    /**
     * Conversations that it is still to be added to, or removed from.
     */
    public let conversationsLeft: Int32

    // Default memberwise initializers are never public by default, so we
    // declare one manually.
    public init(
        /**
         * Id of the device.
         */id: String,
        /**
         * Whether it is the one that this client runs on.
         */isThisOne: Bool,
        /**
         * How far it has come.
         */state: DeviceState,
        /**
         * Conversations that it is still to be added to, or removed from.
         */conversationsLeft: Int32) {
        self.id = id
        self.isThisOne = isThisOne
        self.state = state
        self.conversationsLeft = conversationsLeft
    }




}

#if compiler(>=6)
extension Device: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeDevice: FfiConverterRustBuffer {
    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Device {
        return
            try Device(
                id: FfiConverterString.read(from: &buf),
                isThisOne: FfiConverterBool.read(from: &buf),
                state: FfiConverterTypeDeviceState.read(from: &buf),
                conversationsLeft: FfiConverterInt32.read(from: &buf)
        )
    }

    public static func write(_ value: Device, into buf: inout [UInt8]) {
        FfiConverterString.write(value.id, into: &buf)
        FfiConverterBool.write(value.isThisOne, into: &buf)
        FfiConverterTypeDeviceState.write(value.state, into: &buf)
        FfiConverterInt32.write(value.conversationsLeft, into: &buf)
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeDevice_lift(_ buf: RustBuffer) throws -> Device {
    return try FfiConverterTypeDevice.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeDevice_lower(_ value: Device) -> RustBuffer {
    return FfiConverterTypeDevice.lower(value)
}


/**
 * The devices of this user, as the newest list known here has them.
 */
public struct DeviceList: Equatable, Hashable {
    /**
     * Version of that list.
     */
    public let version: Int64
    /**
     * Two lists of one version were seen, both signed by this user: the user's identity key is in
     * somebody else's hands, or the user's devices have gone separate ways.
     */
    public let conflict: Bool
    /**
     * The devices, by id, those that are revoked last.
     */
    public let devices: [Device]

    // Default memberwise initializers are never public by default, so we
    // declare one manually.
    public init(
        /**
         * Version of that list.
         */version: Int64,
        /**
         * Two lists of one version were seen, both signed by this user: the user's identity key is in
         * somebody else's hands, or the user's devices have gone separate ways.
         */conflict: Bool,
        /**
         * The devices, by id, those that are revoked last.
         */devices: [Device]) {
        self.version = version
        self.conflict = conflict
        self.devices = devices
    }




}

#if compiler(>=6)
extension DeviceList: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeDeviceList: FfiConverterRustBuffer {
    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> DeviceList {
        return
            try DeviceList(
                version: FfiConverterInt64.read(from: &buf),
                conflict: FfiConverterBool.read(from: &buf),
                devices: FfiConverterSequenceTypeDevice.read(from: &buf)
        )
    }

    public static func write(_ value: DeviceList, into buf: inout [UInt8]) {
        FfiConverterInt64.write(value.version, into: &buf)
        FfiConverterBool.write(value.conflict, into: &buf)
        FfiConverterSequenceTypeDevice.write(value.devices, into: &buf)
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeDeviceList_lift(_ buf: RustBuffer) throws -> DeviceList {
    return try FfiConverterTypeDeviceList.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeDeviceList_lower(_ value: DeviceList) -> RustBuffer {
    return FfiConverterTypeDeviceList.lower(value)
}


/**
 * A device that waits to be linked, as a device of the user sees it.
 */
public struct LinkRequest: Equatable, Hashable {
    /**
     * Id of the new device.
     */
    public let device: String
    /**
     * Twelve digits that the new device shows, too, unless somebody is between the two.
     */
    public let fingerprint: String
    /**
     * When the code is no longer good, in milliseconds since 1970, by the server's clock.
     */
    public let expiresMs: Int64

    // Default memberwise initializers are never public by default, so we
    // declare one manually.
    public init(
        /**
         * Id of the new device.
         */device: String,
        /**
         * Twelve digits that the new device shows, too, unless somebody is between the two.
         */fingerprint: String,
        /**
         * When the code is no longer good, in milliseconds since 1970, by the server's clock.
         */expiresMs: Int64) {
        self.device = device
        self.fingerprint = fingerprint
        self.expiresMs = expiresMs
    }




}

#if compiler(>=6)
extension LinkRequest: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeLinkRequest: FfiConverterRustBuffer {
    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> LinkRequest {
        return
            try LinkRequest(
                device: FfiConverterString.read(from: &buf),
                fingerprint: FfiConverterString.read(from: &buf),
                expiresMs: FfiConverterInt64.read(from: &buf)
        )
    }

    public static func write(_ value: LinkRequest, into buf: inout [UInt8]) {
        FfiConverterString.write(value.device, into: &buf)
        FfiConverterString.write(value.fingerprint, into: &buf)
        FfiConverterInt64.write(value.expiresMs, into: &buf)
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeLinkRequest_lift(_ buf: RustBuffer) throws -> LinkRequest {
    return try FfiConverterTypeLinkRequest.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeLinkRequest_lower(_ value: LinkRequest) -> RustBuffer {
    return FfiConverterTypeLinkRequest.lower(value)
}


/**
 * What a new device shows while it waits to be linked.
 */
public struct LinkTicket: Equatable, Hashable {
    /**
     * The code, to be typed on a device of the user. Whoever sees it can take part in the linking.
     */
    public let code: String
    /**
     * The same as the content of a QR picture.
     */
    public let qr: String
    /**
     * Twelve digits that both devices show; the user compares them.
     */
    public let fingerprint: String
    /**
     * When the code is no longer good, in milliseconds since 1970, by this device's clock.
     */
    public let expiresMs: Int64

    // Default memberwise initializers are never public by default, so we
    // declare one manually.
    public init(
        /**
         * The code, to be typed on a device of the user. Whoever sees it can take part in the linking.
         */code: String,
        /**
         * The same as the content of a QR picture.
         */qr: String,
        /**
         * Twelve digits that both devices show; the user compares them.
         */fingerprint: String,
        /**
         * When the code is no longer good, in milliseconds since 1970, by this device's clock.
         */expiresMs: Int64) {
        self.code = code
        self.qr = qr
        self.fingerprint = fingerprint
        self.expiresMs = expiresMs
    }




}

#if compiler(>=6)
extension LinkTicket: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeLinkTicket: FfiConverterRustBuffer {
    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> LinkTicket {
        return
            try LinkTicket(
                code: FfiConverterString.read(from: &buf),
                qr: FfiConverterString.read(from: &buf),
                fingerprint: FfiConverterString.read(from: &buf),
                expiresMs: FfiConverterInt64.read(from: &buf)
        )
    }

    public static func write(_ value: LinkTicket, into buf: inout [UInt8]) {
        FfiConverterString.write(value.code, into: &buf)
        FfiConverterString.write(value.qr, into: &buf)
        FfiConverterString.write(value.fingerprint, into: &buf)
        FfiConverterInt64.write(value.expiresMs, into: &buf)
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeLinkTicket_lift(_ buf: RustBuffer) throws -> LinkTicket {
    return try FfiConverterTypeLinkTicket.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeLinkTicket_lower(_ value: LinkTicket) -> RustBuffer {
    return FfiConverterTypeLinkTicket.lower(value)
}


/**
 * A line of the log. Holds no content, name, key or token.
 */
public struct LogRecord: Equatable, Hashable {
    /**
     * How much it matters.
     */
    public let level: LogLevel
    /**
     * When, in milliseconds since 1970, by this device's clock.
     */
    public let timeMs: Int64
    /**
     * What happened, in English, for developers.
     */
    public let text: String

    // Default memberwise initializers are never public by default, so we
    // declare one manually.
    public init(
        /**
         * How much it matters.
         */level: LogLevel,
        /**
         * When, in milliseconds since 1970, by this device's clock.
         */timeMs: Int64,
        /**
         * What happened, in English, for developers.
         */text: String) {
        self.level = level
        self.timeMs = timeMs
        self.text = text
    }




}

#if compiler(>=6)
extension LogRecord: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeLogRecord: FfiConverterRustBuffer {
    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> LogRecord {
        return
            try LogRecord(
                level: FfiConverterTypeLogLevel.read(from: &buf),
                timeMs: FfiConverterInt64.read(from: &buf),
                text: FfiConverterString.read(from: &buf)
        )
    }

    public static func write(_ value: LogRecord, into buf: inout [UInt8]) {
        FfiConverterTypeLogLevel.write(value.level, into: &buf)
        FfiConverterInt64.write(value.timeMs, into: &buf)
        FfiConverterString.write(value.text, into: &buf)
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeLogRecord_lift(_ buf: RustBuffer) throws -> LogRecord {
    return try FfiConverterTypeLogRecord.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeLogRecord_lower(_ value: LogRecord) -> RustBuffer {
    return FfiConverterTypeLogRecord.lower(value)
}


/**
 * A user in a conversation.
 */
public struct Member: Equatable, Hashable {
    /**
     * Id of the user.
     */
    public let user: String
    /**
     * The user's name, from the certificate in the group.
     */
    public let username: String
    /**
     * The user's rights.
     */
    public let role: Role
    /**
     * The server says that a device of this user has everything up to this number.
     */
    public let deliveredSeq: Int64
    /**
     * The user says to have read everything up to this number.
     */
    public let readSeq: Int64

    // Default memberwise initializers are never public by default, so we
    // declare one manually.
    public init(
        /**
         * Id of the user.
         */user: String,
        /**
         * The user's name, from the certificate in the group.
         */username: String,
        /**
         * The user's rights.
         */role: Role,
        /**
         * The server says that a device of this user has everything up to this number.
         */deliveredSeq: Int64,
        /**
         * The user says to have read everything up to this number.
         */readSeq: Int64) {
        self.user = user
        self.username = username
        self.role = role
        self.deliveredSeq = deliveredSeq
        self.readSeq = readSeq
    }




}

#if compiler(>=6)
extension Member: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeMember: FfiConverterRustBuffer {
    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Member {
        return
            try Member(
                user: FfiConverterString.read(from: &buf),
                username: FfiConverterString.read(from: &buf),
                role: FfiConverterTypeRole.read(from: &buf),
                deliveredSeq: FfiConverterInt64.read(from: &buf),
                readSeq: FfiConverterInt64.read(from: &buf)
        )
    }

    public static func write(_ value: Member, into buf: inout [UInt8]) {
        FfiConverterString.write(value.user, into: &buf)
        FfiConverterString.write(value.username, into: &buf)
        FfiConverterTypeRole.write(value.role, into: &buf)
        FfiConverterInt64.write(value.deliveredSeq, into: &buf)
        FfiConverterInt64.write(value.readSeq, into: &buf)
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeMember_lift(_ buf: RustBuffer) throws -> Member {
    return try FfiConverterTypeMember.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeMember_lower(_ value: Member) -> RustBuffer {
    return FfiConverterTypeMember.lower(value)
}


/**
 * A row of a conversation.
 */
public struct Message: Equatable, Hashable {
    /**
     * Its id: equal on every device, from the moment it is composed.
     */
    public let id: String
    /**
     * Id of the conversation.
     */
    public let conversation: String
    /**
     * Id of its author.
     */
    public let sender: String
    /**
     * Its number in the conversation; none until the server has accepted it.
     */
    public let seq: Int64?
    /**
     * What it is.
     */
    public let content: MessageContent
    /**
     * When it was composed, in milliseconds since 1970, by its author's clock.
     */
    public let composedMs: Int64
    /**
     * When the server accepted it, in milliseconds since 1970.
     */
    public let serverTimeMs: Int64?
    /**
     * How far it has come; `Sent` for messages of others.
     */
    public let delivery: Delivery
    /**
     * The server left out something its author had sent before this one.
     */
    public let gapBefore: Bool

    // Default memberwise initializers are never public by default, so we
    // declare one manually.
    public init(
        /**
         * Its id: equal on every device, from the moment it is composed.
         */id: String,
        /**
         * Id of the conversation.
         */conversation: String,
        /**
         * Id of its author.
         */sender: String,
        /**
         * Its number in the conversation; none until the server has accepted it.
         */seq: Int64?,
        /**
         * What it is.
         */content: MessageContent,
        /**
         * When it was composed, in milliseconds since 1970, by its author's clock.
         */composedMs: Int64,
        /**
         * When the server accepted it, in milliseconds since 1970.
         */serverTimeMs: Int64?,
        /**
         * How far it has come; `Sent` for messages of others.
         */delivery: Delivery,
        /**
         * The server left out something its author had sent before this one.
         */gapBefore: Bool) {
        self.id = id
        self.conversation = conversation
        self.sender = sender
        self.seq = seq
        self.content = content
        self.composedMs = composedMs
        self.serverTimeMs = serverTimeMs
        self.delivery = delivery
        self.gapBefore = gapBefore
    }




}

#if compiler(>=6)
extension Message: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeMessage: FfiConverterRustBuffer {
    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Message {
        return
            try Message(
                id: FfiConverterString.read(from: &buf),
                conversation: FfiConverterString.read(from: &buf),
                sender: FfiConverterString.read(from: &buf),
                seq: FfiConverterOptionInt64.read(from: &buf),
                content: FfiConverterTypeMessageContent.read(from: &buf),
                composedMs: FfiConverterInt64.read(from: &buf),
                serverTimeMs: FfiConverterOptionInt64.read(from: &buf),
                delivery: FfiConverterTypeDelivery.read(from: &buf),
                gapBefore: FfiConverterBool.read(from: &buf)
        )
    }

    public static func write(_ value: Message, into buf: inout [UInt8]) {
        FfiConverterString.write(value.id, into: &buf)
        FfiConverterString.write(value.conversation, into: &buf)
        FfiConverterString.write(value.sender, into: &buf)
        FfiConverterOptionInt64.write(value.seq, into: &buf)
        FfiConverterTypeMessageContent.write(value.content, into: &buf)
        FfiConverterInt64.write(value.composedMs, into: &buf)
        FfiConverterOptionInt64.write(value.serverTimeMs, into: &buf)
        FfiConverterTypeDelivery.write(value.delivery, into: &buf)
        FfiConverterBool.write(value.gapBefore, into: &buf)
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeMessage_lift(_ buf: RustBuffer) throws -> Message {
    return try FfiConverterTypeMessage.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeMessage_lower(_ value: Message) -> RustBuffer {
    return FfiConverterTypeMessage.lower(value)
}


/**
 * A message as a notification shows it.
 */
public struct MessagePreview: Equatable, Hashable {
    /**
     * Id of the conversation.
     */
    public let conversation: String
    /**
     * The group's name; for a direct conversation the other user's name. May be empty.
     */
    public let conversationName: String
    /**
     * Id of the message: the same as when the client has taken it in.
     */
    public let message: String
    /**
     * Id of its author.
     */
    public let sender: String
    /**
     * The author's name, from the certificate in the group.
     */
    public let senderName: String
    /**
     * The text, cut after 500 characters.
     */
    public let text: String
    /**
     * When the server accepted it, in milliseconds since 1970.
     */
    public let serverTimeMs: Int64

    // Default memberwise initializers are never public by default, so we
    // declare one manually.
    public init(
        /**
         * Id of the conversation.
         */conversation: String,
        /**
         * The group's name; for a direct conversation the other user's name. May be empty.
         */conversationName: String,
        /**
         * Id of the message: the same as when the client has taken it in.
         */message: String,
        /**
         * Id of its author.
         */sender: String,
        /**
         * The author's name, from the certificate in the group.
         */senderName: String,
        /**
         * The text, cut after 500 characters.
         */text: String,
        /**
         * When the server accepted it, in milliseconds since 1970.
         */serverTimeMs: Int64) {
        self.conversation = conversation
        self.conversationName = conversationName
        self.message = message
        self.sender = sender
        self.senderName = senderName
        self.text = text
        self.serverTimeMs = serverTimeMs
    }




}

#if compiler(>=6)
extension MessagePreview: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeMessagePreview: FfiConverterRustBuffer {
    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> MessagePreview {
        return
            try MessagePreview(
                conversation: FfiConverterString.read(from: &buf),
                conversationName: FfiConverterString.read(from: &buf),
                message: FfiConverterString.read(from: &buf),
                sender: FfiConverterString.read(from: &buf),
                senderName: FfiConverterString.read(from: &buf),
                text: FfiConverterString.read(from: &buf),
                serverTimeMs: FfiConverterInt64.read(from: &buf)
        )
    }

    public static func write(_ value: MessagePreview, into buf: inout [UInt8]) {
        FfiConverterString.write(value.conversation, into: &buf)
        FfiConverterString.write(value.conversationName, into: &buf)
        FfiConverterString.write(value.message, into: &buf)
        FfiConverterString.write(value.sender, into: &buf)
        FfiConverterString.write(value.senderName, into: &buf)
        FfiConverterString.write(value.text, into: &buf)
        FfiConverterInt64.write(value.serverTimeMs, into: &buf)
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeMessagePreview_lift(_ buf: RustBuffer) throws -> MessagePreview {
    return try FfiConverterTypeMessagePreview.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeMessagePreview_lower(_ value: MessagePreview) -> RustBuffer {
    return FfiConverterTypeMessagePreview.lower(value)
}


/**
 * Something that waits to be sent.
 */
public struct OutboxItem: Equatable, Hashable {
    /**
     * Its id; for a text the id of its message.
     */
    public let id: String
    /**
     * Id of the conversation.
     */
    public let conversation: String
    /**
     * What it will do.
     */
    public let content: OutboxContent
    /**
     * How far it has come.
     */
    public let state: OutboxState
    /**
     * How often the server refused or did not answer.
     */
    public let attempts: Int32
    /**
     * Why it failed, or why it was last put off.
     */
    public let failure: ErrorCode?

    // Default memberwise initializers are never public by default, so we
    // declare one manually.
    public init(
        /**
         * Its id; for a text the id of its message.
         */id: String,
        /**
         * Id of the conversation.
         */conversation: String,
        /**
         * What it will do.
         */content: OutboxContent,
        /**
         * How far it has come.
         */state: OutboxState,
        /**
         * How often the server refused or did not answer.
         */attempts: Int32,
        /**
         * Why it failed, or why it was last put off.
         */failure: ErrorCode?) {
        self.id = id
        self.conversation = conversation
        self.content = content
        self.state = state
        self.attempts = attempts
        self.failure = failure
    }




}

#if compiler(>=6)
extension OutboxItem: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeOutboxItem: FfiConverterRustBuffer {
    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> OutboxItem {
        return
            try OutboxItem(
                id: FfiConverterString.read(from: &buf),
                conversation: FfiConverterString.read(from: &buf),
                content: FfiConverterTypeOutboxContent.read(from: &buf),
                state: FfiConverterTypeOutboxState.read(from: &buf),
                attempts: FfiConverterInt32.read(from: &buf),
                failure: FfiConverterOptionTypeErrorCode.read(from: &buf)
        )
    }

    public static func write(_ value: OutboxItem, into buf: inout [UInt8]) {
        FfiConverterString.write(value.id, into: &buf)
        FfiConverterString.write(value.conversation, into: &buf)
        FfiConverterTypeOutboxContent.write(value.content, into: &buf)
        FfiConverterTypeOutboxState.write(value.state, into: &buf)
        FfiConverterInt32.write(value.attempts, into: &buf)
        FfiConverterOptionTypeErrorCode.write(value.failure, into: &buf)
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeOutboxItem_lift(_ buf: RustBuffer) throws -> OutboxItem {
    return try FfiConverterTypeOutboxItem.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeOutboxItem_lower(_ value: OutboxItem) -> RustBuffer {
    return FfiConverterTypeOutboxItem.lower(value)
}


/**
 * A user and the role to give.
 */
public struct RoleGrant: Equatable, Hashable {
    /**
     * Id of the user.
     */
    public let user: String
    /**
     * The role.
     */
    public let role: Role

    // Default memberwise initializers are never public by default, so we
    // declare one manually.
    public init(
        /**
         * Id of the user.
         */user: String,
        /**
         * The role.
         */role: Role) {
        self.user = user
        self.role = role
    }




}

#if compiler(>=6)
extension RoleGrant: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeRoleGrant: FfiConverterRustBuffer {
    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> RoleGrant {
        return
            try RoleGrant(
                user: FfiConverterString.read(from: &buf),
                role: FfiConverterTypeRole.read(from: &buf)
        )
    }

    public static func write(_ value: RoleGrant, into buf: inout [UInt8]) {
        FfiConverterString.write(value.user, into: &buf)
        FfiConverterTypeRole.write(value.role, into: &buf)
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeRoleGrant_lift(_ buf: RustBuffer) throws -> RoleGrant {
    return try FfiConverterTypeRoleGrant.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeRoleGrant_lower(_ value: RoleGrant) -> RustBuffer {
    return FfiConverterTypeRoleGrant.lower(value)
}


/**
 * What stops a client until somebody acts.
 */

public enum Alarm: Equatable, Hashable {

    /**
     * The database is an old copy: this device has sent more than it knows of. Nothing is
     * sent any more; the device has to be enrolled anew.
     */
    case rolledBack
    /**
     * The user has removed this device: nothing is received or sent any more. What is here
     * can be read until it is wiped.
     */
    case revoked
    /**
     * The session has ended; sign in with the password again.
     */
    case signInNeeded
    /**
     * The disk is full: receiving goes on as far as it can, sending is refused.
     */
    case diskFull
    /**
     * The server speaks another version; update the app.
     */
    case updateNeeded





}

#if compiler(>=6)
extension Alarm: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeAlarm: FfiConverterRustBuffer {
    typealias SwiftType = Alarm

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Alarm {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .rolledBack

        case 2: return .revoked

        case 3: return .signInNeeded

        case 4: return .diskFull

        case 5: return .updateNeeded

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: Alarm, into buf: inout [UInt8]) {
        switch value {


        case .rolledBack:
            writeInt(&buf, Int32(1))


        case .revoked:
            writeInt(&buf, Int32(2))


        case .signInNeeded:
            writeInt(&buf, Int32(3))


        case .diskFull:
            writeInt(&buf, Int32(4))


        case .updateNeeded:
            writeInt(&buf, Int32(5))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeAlarm_lift(_ buf: RustBuffer) throws -> Alarm {
    return try FfiConverterTypeAlarm.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeAlarm_lower(_ value: Alarm) -> RustBuffer {
    return FfiConverterTypeAlarm.lower(value)
}



/**
 * What changed: ids only, read again what is on screen.
 */

public enum Change: Equatable, Hashable {

    /**
     * A conversation's row in the list.
     */
    case conversation(
        /**
         * Id of the conversation.
         */id: String
    )
    /**
     * Messages of a conversation.
     */
    case messages(
        /**
         * Id of the conversation.
         */conversation: String
    )
    /**
     * Members or marks of a conversation.
     */
    case members(
        /**
         * Id of the conversation.
         */conversation: String
    )
    /**
     * A contact: its identity, or whether it is verified.
     */
    case contact(
        /**
         * Id of the user.
         */user: String
    )
    /**
     * The outbox.
     */
    case outbox
    /**
     * The connection; the client's state tells it.
     */
    case connection
    /**
     * The account or its alarms.
     */
    case account
    /**
     * More happened than is kept: everything may have changed.
     */
    case everything





}

#if compiler(>=6)
extension Change: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeChange: FfiConverterRustBuffer {
    typealias SwiftType = Change

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Change {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .conversation(id: try FfiConverterString.read(from: &buf)
        )

        case 2: return .messages(conversation: try FfiConverterString.read(from: &buf)
        )

        case 3: return .members(conversation: try FfiConverterString.read(from: &buf)
        )

        case 4: return .contact(user: try FfiConverterString.read(from: &buf)
        )

        case 5: return .outbox

        case 6: return .connection

        case 7: return .account

        case 8: return .everything

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: Change, into buf: inout [UInt8]) {
        switch value {


        case let .conversation(id):
            writeInt(&buf, Int32(1))
            FfiConverterString.write(id, into: &buf)


        case let .messages(conversation):
            writeInt(&buf, Int32(2))
            FfiConverterString.write(conversation, into: &buf)


        case let .members(conversation):
            writeInt(&buf, Int32(3))
            FfiConverterString.write(conversation, into: &buf)


        case let .contact(user):
            writeInt(&buf, Int32(4))
            FfiConverterString.write(user, into: &buf)


        case .outbox:
            writeInt(&buf, Int32(5))


        case .connection:
            writeInt(&buf, Int32(6))


        case .account:
            writeInt(&buf, Int32(7))


        case .everything:
            writeInt(&buf, Int32(8))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeChange_lift(_ buf: RustBuffer) throws -> Change {
    return try FfiConverterTypeChange.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeChange_lower(_ value: Change) -> RustBuffer {
    return FfiConverterTypeChange.lower(value)
}



/**
 * State of the connection.
 */

public enum Connection: Equatable, Hashable {

    /**
     * The app said that there is no network, or nobody is signed in.
     */
    case offline
    /**
     * On the way, or waiting before the next try.
     */
    case connecting
    /**
     * Connected and fetching what was missed.
     */
    case catchingUp
    /**
     * Connected, everything fetched.
     */
    case live
    /**
     * Closed by `pause`.
     */
    case paused





}

#if compiler(>=6)
extension Connection: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeConnection: FfiConverterRustBuffer {
    typealias SwiftType = Connection

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Connection {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .offline

        case 2: return .connecting

        case 3: return .catchingUp

        case 4: return .live

        case 5: return .paused

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: Connection, into buf: inout [UInt8]) {
        switch value {


        case .offline:
            writeInt(&buf, Int32(1))


        case .connecting:
            writeInt(&buf, Int32(2))


        case .catchingUp:
            writeInt(&buf, Int32(3))


        case .live:
            writeInt(&buf, Int32(4))


        case .paused:
            writeInt(&buf, Int32(5))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeConnection_lift(_ buf: RustBuffer) throws -> Connection {
    return try FfiConverterTypeConnection.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeConnection_lower(_ value: Connection) -> RustBuffer {
    return FfiConverterTypeConnection.lower(value)
}



/**
 * Kinds of conversation.
 */

public enum ConversationKind: Equatable, Hashable {

    /**
     * Two users, for good; there is one per pair.
     */
    case direct
    /**
     * Any number of users, who come and go.
     */
    case group





}

#if compiler(>=6)
extension ConversationKind: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeConversationKind: FfiConverterRustBuffer {
    typealias SwiftType = ConversationKind

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> ConversationKind {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .direct

        case 2: return .group

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: ConversationKind, into buf: inout [UInt8]) {
        switch value {


        case .direct:
            writeInt(&buf, Int32(1))


        case .group:
            writeInt(&buf, Int32(2))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeConversationKind_lift(_ buf: RustBuffer) throws -> ConversationKind {
    return try FfiConverterTypeConversationKind.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeConversationKind_lower(_ value: ConversationKind) -> RustBuffer {
    return FfiConverterTypeConversationKind.lower(value)
}



/**
 * What can be done in a conversation.
 */

public enum ConversationState: Equatable, Hashable {

    /**
     * Made here and not yet known to the server. Sending works and queues.
     */
    case creating
    /**
     * Everything works.
     */
    case active
    /**
     * This user was removed: readable up to there, no sending.
     */
    case removed
    /**
     * A member uses something this version does not understand; update the app. Readable so
     * far; sending queues.
     */
    case needsUpdate
    /**
     * This device lost the encryption state of the conversation. Readable so far; sending
     * queues.
     */
    case needsResync
    /**
     * The server has lost messages that this device has. Readable; sending queues.
     */
    case diverged





}

#if compiler(>=6)
extension ConversationState: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeConversationState: FfiConverterRustBuffer {
    typealias SwiftType = ConversationState

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> ConversationState {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .creating

        case 2: return .active

        case 3: return .removed

        case 4: return .needsUpdate

        case 5: return .needsResync

        case 6: return .diverged

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: ConversationState, into buf: inout [UInt8]) {
        switch value {


        case .creating:
            writeInt(&buf, Int32(1))


        case .active:
            writeInt(&buf, Int32(2))


        case .removed:
            writeInt(&buf, Int32(3))


        case .needsUpdate:
            writeInt(&buf, Int32(4))


        case .needsResync:
            writeInt(&buf, Int32(5))


        case .diverged:
            writeInt(&buf, Int32(6))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeConversationState_lift(_ buf: RustBuffer) throws -> ConversationState {
    return try FfiConverterTypeConversationState.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeConversationState_lower(_ value: ConversationState) -> RustBuffer {
    return FfiConverterTypeConversationState.lower(value)
}



/**
 * Why an item of a conversation can't be shown.
 */

public enum Defect: Equatable, Hashable {

    /**
     * It does not decrypt.
     */
    case undecryptable
    /**
     * Signed for another place, sender or name than the server says.
     */
    case forged
    /**
     * A change of the group that its rules do not allow; it had no effect.
     */
    case againstPolicy
    /**
     * Decrypted, but not a message of any known form.
     */
    case malformed
    /**
     * The server says that it was taken back.
     */
    case voided
    /**
     * The client failed on it twice.
     */
    case unprocessable





}

#if compiler(>=6)
extension Defect: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeDefect: FfiConverterRustBuffer {
    typealias SwiftType = Defect

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Defect {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .undecryptable

        case 2: return .forged

        case 3: return .againstPolicy

        case 4: return .malformed

        case 5: return .voided

        case 6: return .unprocessable

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: Defect, into buf: inout [UInt8]) {
        switch value {


        case .undecryptable:
            writeInt(&buf, Int32(1))


        case .forged:
            writeInt(&buf, Int32(2))


        case .againstPolicy:
            writeInt(&buf, Int32(3))


        case .malformed:
            writeInt(&buf, Int32(4))


        case .voided:
            writeInt(&buf, Int32(5))


        case .unprocessable:
            writeInt(&buf, Int32(6))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeDefect_lift(_ buf: RustBuffer) throws -> Defect {
    return try FfiConverterTypeDefect.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeDefect_lower(_ value: Defect) -> RustBuffer {
    return FfiConverterTypeDefect.lower(value)
}



/**
 * How far a message has come.
 */

public enum Delivery: Equatable, Hashable {

    /**
     * In the outbox of this device.
     */
    case queued
    /**
     * In the outbox, and stopped: the outbox item says why.
     */
    case failed
    /**
     * The server has it for good.
     */
    case sent
    /**
     * A device of every other member has it.
     */
    case delivered
    /**
     * Every other member has read it.
     */
    case read





}

#if compiler(>=6)
extension Delivery: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeDelivery: FfiConverterRustBuffer {
    typealias SwiftType = Delivery

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Delivery {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .queued

        case 2: return .failed

        case 3: return .sent

        case 4: return .delivered

        case 5: return .read

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: Delivery, into buf: inout [UInt8]) {
        switch value {


        case .queued:
            writeInt(&buf, Int32(1))


        case .failed:
            writeInt(&buf, Int32(2))


        case .sent:
            writeInt(&buf, Int32(3))


        case .delivered:
            writeInt(&buf, Int32(4))


        case .read:
            writeInt(&buf, Int32(5))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeDelivery_lift(_ buf: RustBuffer) throws -> Delivery {
    return try FfiConverterTypeDelivery.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeDelivery_lower(_ value: Delivery) -> RustBuffer {
    return FfiConverterTypeDelivery.lower(value)
}



/**
 * How far a device of this user has come.
 */

public enum DeviceState: Equatable, Hashable {

    /**
     * Approved here, and not yet known to the server.
     */
    case coming
    /**
     * One of the user's devices.
     */
    case listed
    /**
     * Revoked here, and not yet known to the server.
     */
    case going
    /**
     * Revoked.
     */
    case revoked





}

#if compiler(>=6)
extension DeviceState: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeDeviceState: FfiConverterRustBuffer {
    typealias SwiftType = DeviceState

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> DeviceState {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .coming

        case 2: return .listed

        case 3: return .going

        case 4: return .revoked

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: DeviceState, into buf: inout [UInt8]) {
        switch value {


        case .coming:
            writeInt(&buf, Int32(1))


        case .listed:
            writeInt(&buf, Int32(2))


        case .going:
            writeInt(&buf, Int32(3))


        case .revoked:
            writeInt(&buf, Int32(4))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeDeviceState_lift(_ buf: RustBuffer) throws -> DeviceState {
    return try FfiConverterTypeDeviceState.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeDeviceState_lower(_ value: DeviceState) -> RustBuffer {
    return FfiConverterTypeDeviceState.lower(value)
}



/**
 * What went wrong, as a stable code. New codes may be added by later releases.
 */

public enum ErrorCode: Equatable, Hashable {

    /**
     * An argument is not valid; the reason says which and what is allowed.
     */
    case invalidArgument
    /**
     * There is no such conversation, message, member or outbox item.
     */
    case notFound
    /**
     * There is no user of this name.
     */
    case noSuchUser
    /**
     * This cannot be done in the state things are in; the reason says why.
     */
    case wrongState
    /**
     * Nobody is registered or signed in on this client.
     */
    case notSignedIn
    /**
     * Name, password or session is wrong.
     */
    case accessDenied
    /**
     * The name is taken.
     */
    case usernameTaken
    /**
     * The rules of the group do not allow it.
     */
    case notAllowed
    /**
     * This user is not a member of the conversation.
     */
    case notMember
    /**
     * The last owner of a group can't go, nor give the role up, before somebody else has it.
     */
    case lastOwner
    /**
     * A member goes by another identity key. Compare safety numbers, then accept the new one.
     */
    case identityChanged
    /**
     * A device, or a list of devices, that its user has not signed for was refused.
     */
    case untrustedDevice
    /**
     * This device was removed by its user.
     */
    case revoked
    /**
     * A user has at most ten devices; remove one first.
     */
    case tooManyDevices
    /**
     * A character of the code is wrong, or it is a code for something else.
     */
    case wrongCode
    /**
     * The code was good for five minutes; make a new one.
     */
    case codeExpired
    /**
     * The code was used already; make a new one.
     */
    case codeUsed
    /**
     * Over a limit; the reason says which.
     */
    case tooLarge
    /**
     * The outbox is full.
     */
    case outboxFull
    /**
     * Too many requests; try again later.
     */
    case rateLimited
    /**
     * No connection, or the server could not do it now.
     */
    case unavailable
    /**
     * The server's certificate is not the expected one.
     */
    case untrustedServer
    /**
     * What the server answered is not of this protocol.
     */
    case `protocol`
    /**
     * Client and server speak different versions.
     */
    case updateNeeded
    /**
     * The disk is full.
     */
    case diskFull
    /**
     * The database key is not the one the database was made with.
     */
    case wrongKey
    /**
     * The database is damaged.
     */
    case damaged
    /**
     * Another process or client has the data folder open.
     */
    case alreadyOpen
    /**
     * The database is an old copy of itself: this device has sent more than it knows of.
     */
    case rolledBack
    /**
     * The data folder can't be read or written.
     */
    case storage
    /**
     * The client is paused; resume it first.
     */
    case paused
    /**
     * The client was shut down, or the subscription has ended.
     */
    case shutDown
    /**
     * A defect of this library.
     */
    case `internal`
    /**
     * The app's key store threw an exception, or gave something else than 32 bytes.
     */
    case keyStore





}

#if compiler(>=6)
extension ErrorCode: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeErrorCode: FfiConverterRustBuffer {
    typealias SwiftType = ErrorCode

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> ErrorCode {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .invalidArgument

        case 2: return .notFound

        case 3: return .noSuchUser

        case 4: return .wrongState

        case 5: return .notSignedIn

        case 6: return .accessDenied

        case 7: return .usernameTaken

        case 8: return .notAllowed

        case 9: return .notMember

        case 10: return .lastOwner

        case 11: return .identityChanged

        case 12: return .untrustedDevice

        case 13: return .revoked

        case 14: return .tooManyDevices

        case 15: return .wrongCode

        case 16: return .codeExpired

        case 17: return .codeUsed

        case 18: return .tooLarge

        case 19: return .outboxFull

        case 20: return .rateLimited

        case 21: return .unavailable

        case 22: return .untrustedServer

        case 23: return .`protocol`

        case 24: return .updateNeeded

        case 25: return .diskFull

        case 26: return .wrongKey

        case 27: return .damaged

        case 28: return .alreadyOpen

        case 29: return .rolledBack

        case 30: return .storage

        case 31: return .paused

        case 32: return .shutDown

        case 33: return .`internal`

        case 34: return .keyStore

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: ErrorCode, into buf: inout [UInt8]) {
        switch value {


        case .invalidArgument:
            writeInt(&buf, Int32(1))


        case .notFound:
            writeInt(&buf, Int32(2))


        case .noSuchUser:
            writeInt(&buf, Int32(3))


        case .wrongState:
            writeInt(&buf, Int32(4))


        case .notSignedIn:
            writeInt(&buf, Int32(5))


        case .accessDenied:
            writeInt(&buf, Int32(6))


        case .usernameTaken:
            writeInt(&buf, Int32(7))


        case .notAllowed:
            writeInt(&buf, Int32(8))


        case .notMember:
            writeInt(&buf, Int32(9))


        case .lastOwner:
            writeInt(&buf, Int32(10))


        case .identityChanged:
            writeInt(&buf, Int32(11))


        case .untrustedDevice:
            writeInt(&buf, Int32(12))


        case .revoked:
            writeInt(&buf, Int32(13))


        case .tooManyDevices:
            writeInt(&buf, Int32(14))


        case .wrongCode:
            writeInt(&buf, Int32(15))


        case .codeExpired:
            writeInt(&buf, Int32(16))


        case .codeUsed:
            writeInt(&buf, Int32(17))


        case .tooLarge:
            writeInt(&buf, Int32(18))


        case .outboxFull:
            writeInt(&buf, Int32(19))


        case .rateLimited:
            writeInt(&buf, Int32(20))


        case .unavailable:
            writeInt(&buf, Int32(21))


        case .untrustedServer:
            writeInt(&buf, Int32(22))


        case .`protocol`:
            writeInt(&buf, Int32(23))


        case .updateNeeded:
            writeInt(&buf, Int32(24))


        case .diskFull:
            writeInt(&buf, Int32(25))


        case .wrongKey:
            writeInt(&buf, Int32(26))


        case .damaged:
            writeInt(&buf, Int32(27))


        case .alreadyOpen:
            writeInt(&buf, Int32(28))


        case .rolledBack:
            writeInt(&buf, Int32(29))


        case .storage:
            writeInt(&buf, Int32(30))


        case .paused:
            writeInt(&buf, Int32(31))


        case .shutDown:
            writeInt(&buf, Int32(32))


        case .`internal`:
            writeInt(&buf, Int32(33))


        case .keyStore:
            writeInt(&buf, Int32(34))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeErrorCode_lift(_ buf: RustBuffer) throws -> ErrorCode {
    return try FfiConverterTypeErrorCode.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeErrorCode_lower(_ value: ErrorCode) -> RustBuffer {
    return FfiConverterTypeErrorCode.lower(value)
}



/**
 * How a user came to another identity key.
 */

public enum IdentityChange: Equatable, Hashable {

    /**
     * The change is signed by the recovery key of the former identity.
     */
    case byRecovery
    /**
     * Nothing connects the two but the server's word.
     */
    case unproven
    /**
     * The newest device list stands under another identity key, and no conversation goes by
     * it yet. Either the user has started anew and waits to be let in, for which without the
     * recovery code a group needs an owner; or the server has made it up. Accepting it relies
     * on nothing: what waited is sent to the devices that are there.
     */
    case announced





}

#if compiler(>=6)
extension IdentityChange: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeIdentityChange: FfiConverterRustBuffer {
    typealias SwiftType = IdentityChange

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> IdentityChange {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .byRecovery

        case 2: return .unproven

        case 3: return .announced

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: IdentityChange, into buf: inout [UInt8]) {
        switch value {


        case .byRecovery:
            writeInt(&buf, Int32(1))


        case .unproven:
            writeInt(&buf, Int32(2))


        case .announced:
            writeInt(&buf, Int32(3))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeIdentityChange_lift(_ buf: RustBuffer) throws -> IdentityChange {
    return try FfiConverterTypeIdentityChange.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeIdentityChange_lower(_ value: IdentityChange) -> RustBuffer {
    return FfiConverterTypeIdentityChange.lower(value)
}



/**
 * How much a line of the log matters.
 */

public enum LogLevel: Equatable, Hashable {

    /**
     * What happens in the ordinary course.
     */
    case info
    /**
     * A call has failed, or the connection was lost.
     */
    case warning
    /**
     * A defect of this library, or a client that can't go on by itself.
     */
    case error





}

#if compiler(>=6)
extension LogLevel: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeLogLevel: FfiConverterRustBuffer {
    typealias SwiftType = LogLevel

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> LogLevel {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .info

        case 2: return .warning

        case 3: return .error

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: LogLevel, into buf: inout [UInt8]) {
        switch value {


        case .info:
            writeInt(&buf, Int32(1))


        case .warning:
            writeInt(&buf, Int32(2))


        case .error:
            writeInt(&buf, Int32(3))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeLogLevel_lift(_ buf: RustBuffer) throws -> LogLevel {
    return try FfiConverterTypeLogLevel.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeLogLevel_lower(_ value: LogLevel) -> RustBuffer {
    return FfiConverterTypeLogLevel.lower(value)
}



/**
 * What a row of a conversation is.
 */

public enum MessageContent: Equatable, Hashable {

    /**
     * Text to read.
     */
    case text(
        /**
         * The newest text.
         */text: String,
        /**
         * Whether it was changed after it was sent.
         */edited: Bool
    )
    /**
     * A message that its author took back.
     */
    case deleted
    /**
     * The conversation was founded.
     */
    case created
    /**
     * Users came in.
     */
    case added(
        /**
         * Their ids.
         */users: [String]
    )
    /**
     * Users went or were removed.
     */
    case removed(
        /**
         * Their ids.
         */users: [String]
    )
    /**
     * The conversation has a new name.
     */
    case renamed(
        /**
         * The name.
         */name: String
    )
    /**
     * A user has other rights.
     */
    case roleChanged(
        /**
         * Id of the user.
         */user: String,
        /**
         * The new rights.
         */role: Role
    )
    /**
     * A user has left.
     */
    case left(
        /**
         * Id of the user.
         */user: String
    )
    /**
     * A user goes by another identity key: a new installation without the old keys, or somebody
     * else. The contact tells more.
     */
    case identityChanged(
        /**
         * Id of the user.
         */user: String
    )
    /**
     * Members have been shown different histories by the server. The sender of this row is the
     * member whose history differs from the one here.
     */
    case forked
    /**
     * This device could not follow and missed these numbers. What their authors say again stands
     * below.
     */
    case missed(
        /**
         * The first.
         */fromSeq: Int64,
        /**
         * The last.
         */toSeq: Int64
    )
    /**
     * Something that a newer version of the app says. It is kept, and shows after an update.
     */
    case unsupported
    /**
     * Something was sent here that can't be read, or that breaks the rules.
     */
    case unreadable(
        /**
         * Why.
         */defect: Defect
    )





}

#if compiler(>=6)
extension MessageContent: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeMessageContent: FfiConverterRustBuffer {
    typealias SwiftType = MessageContent

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> MessageContent {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .text(text: try FfiConverterString.read(from: &buf), edited: try FfiConverterBool.read(from: &buf)
        )

        case 2: return .deleted

        case 3: return .created

        case 4: return .added(users: try FfiConverterSequenceString.read(from: &buf)
        )

        case 5: return .removed(users: try FfiConverterSequenceString.read(from: &buf)
        )

        case 6: return .renamed(name: try FfiConverterString.read(from: &buf)
        )

        case 7: return .roleChanged(user: try FfiConverterString.read(from: &buf), role: try FfiConverterTypeRole.read(from: &buf)
        )

        case 8: return .left(user: try FfiConverterString.read(from: &buf)
        )

        case 9: return .identityChanged(user: try FfiConverterString.read(from: &buf)
        )

        case 10: return .forked

        case 11: return .missed(fromSeq: try FfiConverterInt64.read(from: &buf), toSeq: try FfiConverterInt64.read(from: &buf)
        )

        case 12: return .unsupported

        case 13: return .unreadable(defect: try FfiConverterTypeDefect.read(from: &buf)
        )

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: MessageContent, into buf: inout [UInt8]) {
        switch value {


        case let .text(text,edited):
            writeInt(&buf, Int32(1))
            FfiConverterString.write(text, into: &buf)
            FfiConverterBool.write(edited, into: &buf)


        case .deleted:
            writeInt(&buf, Int32(2))


        case .created:
            writeInt(&buf, Int32(3))


        case let .added(users):
            writeInt(&buf, Int32(4))
            FfiConverterSequenceString.write(users, into: &buf)


        case let .removed(users):
            writeInt(&buf, Int32(5))
            FfiConverterSequenceString.write(users, into: &buf)


        case let .renamed(name):
            writeInt(&buf, Int32(6))
            FfiConverterString.write(name, into: &buf)


        case let .roleChanged(user,role):
            writeInt(&buf, Int32(7))
            FfiConverterString.write(user, into: &buf)
            FfiConverterTypeRole.write(role, into: &buf)


        case let .left(user):
            writeInt(&buf, Int32(8))
            FfiConverterString.write(user, into: &buf)


        case let .identityChanged(user):
            writeInt(&buf, Int32(9))
            FfiConverterString.write(user, into: &buf)


        case .forked:
            writeInt(&buf, Int32(10))


        case let .missed(fromSeq,toSeq):
            writeInt(&buf, Int32(11))
            FfiConverterInt64.write(fromSeq, into: &buf)
            FfiConverterInt64.write(toSeq, into: &buf)


        case .unsupported:
            writeInt(&buf, Int32(12))


        case let .unreadable(defect):
            writeInt(&buf, Int32(13))
            FfiConverterTypeDefect.write(defect, into: &buf)

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeMessageContent_lift(_ buf: RustBuffer) throws -> MessageContent {
    return try FfiConverterTypeMessageContent.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeMessageContent_lower(_ value: MessageContent) -> RustBuffer {
    return FfiConverterTypeMessageContent.lower(value)
}



/**
 * Where a page of messages starts.
 */

public enum MessagePage: Equatable, Hashable {

    /**
     * The newest ones, pending ones included.
     */
    case newest
    /**
     * Those before a message, nearest last.
     */
    case before(
        /**
         * Id of the message.
         */anchor: String
    )
    /**
     * Those after a message, nearest first.
     */
    case after(
        /**
         * Id of the message.
         */anchor: String
    )
    /**
     * Those around a message, itself included.
     */
    case around(
        /**
         * Id of the message.
         */anchor: String
    )





}

#if compiler(>=6)
extension MessagePage: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeMessagePage: FfiConverterRustBuffer {
    typealias SwiftType = MessagePage

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> MessagePage {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .newest

        case 2: return .before(anchor: try FfiConverterString.read(from: &buf)
        )

        case 3: return .after(anchor: try FfiConverterString.read(from: &buf)
        )

        case 4: return .around(anchor: try FfiConverterString.read(from: &buf)
        )

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: MessagePage, into buf: inout [UInt8]) {
        switch value {


        case .newest:
            writeInt(&buf, Int32(1))


        case let .before(anchor):
            writeInt(&buf, Int32(2))
            FfiConverterString.write(anchor, into: &buf)


        case let .after(anchor):
            writeInt(&buf, Int32(3))
            FfiConverterString.write(anchor, into: &buf)


        case let .around(anchor):
            writeInt(&buf, Int32(4))
            FfiConverterString.write(anchor, into: &buf)

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeMessagePage_lift(_ buf: RustBuffer) throws -> MessagePage {
    return try FfiConverterTypeMessagePage.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeMessagePage_lower(_ value: MessagePage) -> RustBuffer {
    return FfiConverterTypeMessagePage.lower(value)
}



/**
 * Whether there is a network.
 */

public enum Network: Equatable, Hashable {

    /**
     * There is, as far as the app knows.
     */
    case up
    /**
     * There is none, or none that may be used.
     */
    case down





}

#if compiler(>=6)
extension Network: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeNetwork: FfiConverterRustBuffer {
    typealias SwiftType = Network

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Network {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .up

        case 2: return .down

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: Network, into buf: inout [UInt8]) {
        switch value {


        case .up:
            writeInt(&buf, Int32(1))


        case .down:
            writeInt(&buf, Int32(2))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeNetwork_lift(_ buf: RustBuffer) throws -> Network {
    return try FfiConverterTypeNetwork.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeNetwork_lower(_ value: Network) -> RustBuffer {
    return FfiConverterTypeNetwork.lower(value)
}



/**
 * What to show for a push.
 */

public enum Notification: Equatable, Hashable {

    /**
     * A message.
     */
    case show(
        /**
         * What to show of it.
         */preview: MessagePreview
    )
    /**
     * That there is something new in a conversation. What it is shows when the app has caught up.
     */
    case generic(
        /**
         * Id of the conversation.
         */conversation: String
    )
    /**
     * Nothing: it is known already, of this user's own, or nothing to be told of.
     */
    case silent





}

#if compiler(>=6)
extension Notification: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeNotification: FfiConverterRustBuffer {
    typealias SwiftType = Notification

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Notification {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .show(preview: try FfiConverterTypeMessagePreview.read(from: &buf)
        )

        case 2: return .generic(conversation: try FfiConverterString.read(from: &buf)
        )

        case 3: return .silent

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: Notification, into buf: inout [UInt8]) {
        switch value {


        case let .show(preview):
            writeInt(&buf, Int32(1))
            FfiConverterTypeMessagePreview.write(preview, into: &buf)


        case let .generic(conversation):
            writeInt(&buf, Int32(2))
            FfiConverterString.write(conversation, into: &buf)


        case .silent:
            writeInt(&buf, Int32(3))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeNotification_lift(_ buf: RustBuffer) throws -> Notification {
    return try FfiConverterTypeNotification.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeNotification_lower(_ value: Notification) -> RustBuffer {
    return FfiConverterTypeNotification.lower(value)
}



/**
 * What an outbox item will do.
 */

public enum OutboxContent: Equatable, Hashable {

    /**
     * Found the conversation.
     */
    case create
    /**
     * Add people.
     */
    case add(
        /**
         * Whom.
         */people: [Person]
    )
    /**
     * Remove a user.
     */
    case remove(
        /**
         * Id of the user.
         */user: String
    )
    /**
     * Give users other rights.
     */
    case setRoles(
        /**
         * Who gets which.
         */roles: [RoleGrant]
    )
    /**
     * Leave the conversation.
     */
    case leave
    /**
     * Name the conversation.
     */
    case rename(
        /**
         * The name.
         */name: String
    )
    /**
     * Send text.
     */
    case text(
        /**
         * The text.
         */text: String
    )
    /**
     * Change a message's text.
     */
    case edit(
        /**
         * Id of the message.
         */target: String,
        /**
         * Its new text.
         */text: String
    )
    /**
     * Take a message back.
     */
    case delete(
        /**
         * Id of the message.
         */target: String
    )
    /**
     * Tell that everything up to a number was read.
     */
    case readMark(
        /**
         * The number.
         */seq: Int64
    )
    /**
     * Work of the client's own, such as adding a device again whose invitation got lost.
     */
    case upkeep





}

#if compiler(>=6)
extension OutboxContent: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeOutboxContent: FfiConverterRustBuffer {
    typealias SwiftType = OutboxContent

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> OutboxContent {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .create

        case 2: return .add(people: try FfiConverterSequenceTypePerson.read(from: &buf)
        )

        case 3: return .remove(user: try FfiConverterString.read(from: &buf)
        )

        case 4: return .setRoles(roles: try FfiConverterSequenceTypeRoleGrant.read(from: &buf)
        )

        case 5: return .leave

        case 6: return .rename(name: try FfiConverterString.read(from: &buf)
        )

        case 7: return .text(text: try FfiConverterString.read(from: &buf)
        )

        case 8: return .edit(target: try FfiConverterString.read(from: &buf), text: try FfiConverterString.read(from: &buf)
        )

        case 9: return .delete(target: try FfiConverterString.read(from: &buf)
        )

        case 10: return .readMark(seq: try FfiConverterInt64.read(from: &buf)
        )

        case 11: return .upkeep

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: OutboxContent, into buf: inout [UInt8]) {
        switch value {


        case .create:
            writeInt(&buf, Int32(1))


        case let .add(people):
            writeInt(&buf, Int32(2))
            FfiConverterSequenceTypePerson.write(people, into: &buf)


        case let .remove(user):
            writeInt(&buf, Int32(3))
            FfiConverterString.write(user, into: &buf)


        case let .setRoles(roles):
            writeInt(&buf, Int32(4))
            FfiConverterSequenceTypeRoleGrant.write(roles, into: &buf)


        case .leave:
            writeInt(&buf, Int32(5))


        case let .rename(name):
            writeInt(&buf, Int32(6))
            FfiConverterString.write(name, into: &buf)


        case let .text(text):
            writeInt(&buf, Int32(7))
            FfiConverterString.write(text, into: &buf)


        case let .edit(target,text):
            writeInt(&buf, Int32(8))
            FfiConverterString.write(target, into: &buf)
            FfiConverterString.write(text, into: &buf)


        case let .delete(target):
            writeInt(&buf, Int32(9))
            FfiConverterString.write(target, into: &buf)


        case let .readMark(seq):
            writeInt(&buf, Int32(10))
            FfiConverterInt64.write(seq, into: &buf)


        case .upkeep:
            writeInt(&buf, Int32(11))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeOutboxContent_lift(_ buf: RustBuffer) throws -> OutboxContent {
    return try FfiConverterTypeOutboxContent.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeOutboxContent_lower(_ value: OutboxContent) -> RustBuffer {
    return FfiConverterTypeOutboxContent.lower(value)
}



/**
 * How far an outbox item has come.
 */

public enum OutboxState: Equatable, Hashable {

    /**
     * Not encrypted yet; it can be edited and discarded.
     */
    case queued
    /**
     * Written to a connection, and the answer is not known.
     */
    case inDoubt
    /**
     * Accepted by the server; this device has not yet reached its number.
     */
    case accepted
    /**
     * Refused for good. It and everything after it waits for retry, edit or discard.
     */
    case failed





}

#if compiler(>=6)
extension OutboxState: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeOutboxState: FfiConverterRustBuffer {
    typealias SwiftType = OutboxState

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> OutboxState {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .queued

        case 2: return .inDoubt

        case 3: return .accepted

        case 4: return .failed

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: OutboxState, into buf: inout [UInt8]) {
        switch value {


        case .queued:
            writeInt(&buf, Int32(1))


        case .inDoubt:
            writeInt(&buf, Int32(2))


        case .accepted:
            writeInt(&buf, Int32(3))


        case .failed:
            writeInt(&buf, Int32(4))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeOutboxState_lift(_ buf: RustBuffer) throws -> OutboxState {
    return try FfiConverterTypeOutboxState.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeOutboxState_lower(_ value: OutboxState) -> RustBuffer {
    return FfiConverterTypeOutboxState.lower(value)
}



/**
 * Whom a call is about: somebody known by id, or a name the server is asked about as soon as
 * there is a connection.
 */

public enum Person: Equatable, Hashable {

    /**
     * A user id.
     */
    case id(
        /**
         * 32 hexadecimal digits.
         */user: String
    )
    /**
     * A user name.
     */
    case username(
        /**
         * 3 to 32 of a to z, 0 to 9, dot, underscore and hyphen.
         */username: String
    )





}

#if compiler(>=6)
extension Person: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypePerson: FfiConverterRustBuffer {
    typealias SwiftType = Person

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Person {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .id(user: try FfiConverterString.read(from: &buf)
        )

        case 2: return .username(username: try FfiConverterString.read(from: &buf)
        )

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: Person, into buf: inout [UInt8]) {
        switch value {


        case let .id(user):
            writeInt(&buf, Int32(1))
            FfiConverterString.write(user, into: &buf)


        case let .username(username):
            writeInt(&buf, Int32(2))
            FfiConverterString.write(username, into: &buf)

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypePerson_lift(_ buf: RustBuffer) throws -> Person {
    return try FfiConverterTypePerson.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypePerson_lower(_ value: Person) -> RustBuffer {
    return FfiConverterTypePerson.lower(value)
}



/**
 * Why something that the app brings has failed.
 */
public
enum PlatformError: Swift.Error, Equatable, Hashable {



    /**
     * It failed.
     */
    case Failed(
        /**
         * Why, for developers. It may reach a log: no key and nothing private must be in it.
         */reason: String
    )






}

#if compiler(>=6)
extension PlatformError: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypePlatformError: FfiConverterRustBuffer {
    typealias SwiftType = PlatformError

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> PlatformError {
        let variant: Int32 = try readInt(&buf)
        switch variant {




        case 1: return .Failed(
            reason: try FfiConverterString.read(from: &buf)
            )

         default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: PlatformError, into buf: inout [UInt8]) {
        switch value {





        case let .Failed(reason):
            writeInt(&buf, Int32(1))
            FfiConverterString.write(reason, into: &buf)

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypePlatformError_lift(_ buf: RustBuffer) throws -> PlatformError {
    return try FfiConverterTypePlatformError.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypePlatformError_lower(_ value: PlatformError) -> RustBuffer {
    return FfiConverterTypePlatformError.lower(value)
}


/**
 * What the user or the app can do about an error.
 */

public enum Remedy: Equatable, Hashable {

    /**
     * Nothing: the client tries again by itself.
     */
    case wait
    /**
     * Try again later.
     */
    case tryAgain
    /**
     * Change what was asked for.
     */
    case changeInput
    /**
     * Compare safety numbers with the other user, then accept the new identity.
     */
    case checkIdentity
    /**
     * Sign in.
     */
    case signIn
    /**
     * Update the app.
     */
    case updateApp
    /**
     * Free space on the disk.
     */
    case freeSpace
    /**
     * Set the device up anew.
     */
    case reEnrol
    /**
     * Report a defect.
     */
    case report





}

#if compiler(>=6)
extension Remedy: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeRemedy: FfiConverterRustBuffer {
    typealias SwiftType = Remedy

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Remedy {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .wait

        case 2: return .tryAgain

        case 3: return .changeInput

        case 4: return .checkIdentity

        case 5: return .signIn

        case 6: return .updateApp

        case 7: return .freeSpace

        case 8: return .reEnrol

        case 9: return .report

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: Remedy, into buf: inout [UInt8]) {
        switch value {


        case .wait:
            writeInt(&buf, Int32(1))


        case .tryAgain:
            writeInt(&buf, Int32(2))


        case .changeInput:
            writeInt(&buf, Int32(3))


        case .checkIdentity:
            writeInt(&buf, Int32(4))


        case .signIn:
            writeInt(&buf, Int32(5))


        case .updateApp:
            writeInt(&buf, Int32(6))


        case .freeSpace:
            writeInt(&buf, Int32(7))


        case .reEnrol:
            writeInt(&buf, Int32(8))


        case .report:
            writeInt(&buf, Int32(9))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeRemedy_lift(_ buf: RustBuffer) throws -> Remedy {
    return try FfiConverterTypeRemedy.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeRemedy_lower(_ value: Remedy) -> RustBuffer {
    return FfiConverterTypeRemedy.lower(value)
}



/**
 * Rights of a user in a conversation.
 */

public enum Role: Equatable, Hashable {

    /**
     * May do everything, and give roles. There is always at least one.
     */
    case owner
    /**
     * May name the group, add users, and remove all but owners.
     */
    case admin
    /**
     * May talk.
     */
    case member





}

#if compiler(>=6)
extension Role: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeRole: FfiConverterRustBuffer {
    typealias SwiftType = Role

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> Role {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .owner

        case 2: return .admin

        case 3: return .member

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: Role, into buf: inout [UInt8]) {
        switch value {


        case .owner:
            writeInt(&buf, Int32(1))


        case .admin:
            writeInt(&buf, Int32(2))


        case .member:
            writeInt(&buf, Int32(3))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeRole_lift(_ buf: RustBuffer) throws -> Role {
    return try FfiConverterTypeRole.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeRole_lower(_ value: Role) -> RustBuffer {
    return FfiConverterTypeRole.lower(value)
}



/**
 * What signing out does where the server can't be told.
 */

public enum SignOut: Equatable, Hashable {

    /**
     * Nothing: it fails, and everything stays as it is.
     */
    case whenTold
    /**
     * It wipes this device all the same. It stays in the list of the user's devices until
     * another one removes it.
     */
    case anyway





}

#if compiler(>=6)
extension SignOut: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeSignOut: FfiConverterRustBuffer {
    typealias SwiftType = SignOut

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> SignOut {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .whenTold

        case 2: return .anyway

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: SignOut, into buf: inout [UInt8]) {
        switch value {


        case .whenTold:
            writeInt(&buf, Int32(1))


        case .anyway:
            writeInt(&buf, Int32(2))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeSignOut_lift(_ buf: RustBuffer) throws -> SignOut {
    return try FfiConverterTypeSignOut.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeSignOut_lower(_ value: SignOut) -> RustBuffer {
    return FfiConverterTypeSignOut.lower(value)
}



/**
 * How `sync_once` has ended.
 */

public enum SyncOutcome: Equatable, Hashable {

    /**
     * Everything was fetched, and everything that can go out has gone out. What is left in
     * the outbox waits for somebody to retry, edit or discard it.
     */
    case complete
    /**
     * The time was over. What was done stays done.
     */
    case outOfTime





}

#if compiler(>=6)
extension SyncOutcome: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeSyncOutcome: FfiConverterRustBuffer {
    typealias SwiftType = SyncOutcome

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> SyncOutcome {
        let variant: Int32 = try readInt(&buf)
        switch variant {

        case 1: return .complete

        case 2: return .outOfTime

        default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: SyncOutcome, into buf: inout [UInt8]) {
        switch value {


        case .complete:
            writeInt(&buf, Int32(1))


        case .outOfTime:
            writeInt(&buf, Int32(2))

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeSyncOutcome_lift(_ buf: RustBuffer) throws -> SyncOutcome {
    return try FfiConverterTypeSyncOutcome.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeSyncOutcome_lower(_ value: SyncOutcome) -> RustBuffer {
    return FfiConverterTypeSyncOutcome.lower(value)
}



/**
 * Why a call failed. Nothing of the call has happened, unless its documentation says otherwise.
 */
public
enum WhimbrelError: Swift.Error, Equatable, Hashable {



    /**
     * The call failed; the code says why.
     */
    case Failed(
        /**
         * What went wrong, for programs.
         */code: ErrorCode,
        /**
         * What went wrong, for developers: not to be shown to users. Holds no content, key or
         * token.
         */reason: String,
        /**
         * Whether the same call may succeed later without anybody changing anything.
         */isRetryable: Bool,
        /**
         * What can be done about it.
         */remedy: Remedy
    )






}

#if compiler(>=6)
extension WhimbrelError: Sendable {}
#endif

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public struct FfiConverterTypeWhimbrelError: FfiConverterRustBuffer {
    typealias SwiftType = WhimbrelError

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> WhimbrelError {
        let variant: Int32 = try readInt(&buf)
        switch variant {




        case 1: return .Failed(
            code: try FfiConverterTypeErrorCode.read(from: &buf),
            reason: try FfiConverterString.read(from: &buf),
            isRetryable: try FfiConverterBool.read(from: &buf),
            remedy: try FfiConverterTypeRemedy.read(from: &buf)
            )

         default: throw UniffiInternalError.unexpectedEnumCase
        }
    }

    public static func write(_ value: WhimbrelError, into buf: inout [UInt8]) {
        switch value {





        case let .Failed(code,reason,isRetryable,remedy):
            writeInt(&buf, Int32(1))
            FfiConverterTypeErrorCode.write(code, into: &buf)
            FfiConverterString.write(reason, into: &buf)
            FfiConverterBool.write(isRetryable, into: &buf)
            FfiConverterTypeRemedy.write(remedy, into: &buf)

        }
    }
}


#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeWhimbrelError_lift(_ buf: RustBuffer) throws -> WhimbrelError {
    return try FfiConverterTypeWhimbrelError.lift(buf)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
public func FfiConverterTypeWhimbrelError_lower(_ value: WhimbrelError) -> RustBuffer {
    return FfiConverterTypeWhimbrelError.lower(value)
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterOptionInt64: FfiConverterRustBuffer {
    typealias SwiftType = Int64?

    public static func write(_ value: SwiftType, into buf: inout [UInt8]) {
        guard let value = value else {
            writeInt(&buf, Int8(0))
            return
        }
        writeInt(&buf, Int8(1))
        FfiConverterInt64.write(value, into: &buf)
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> SwiftType {
        switch try readInt(&buf) as Int8 {
        case 0: return nil
        case 1: return try FfiConverterInt64.read(from: &buf)
        default: throw UniffiInternalError.unexpectedOptionalTag
        }
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterOptionString: FfiConverterRustBuffer {
    typealias SwiftType = String?

    public static func write(_ value: SwiftType, into buf: inout [UInt8]) {
        guard let value = value else {
            writeInt(&buf, Int8(0))
            return
        }
        writeInt(&buf, Int8(1))
        FfiConverterString.write(value, into: &buf)
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> SwiftType {
        switch try readInt(&buf) as Int8 {
        case 0: return nil
        case 1: return try FfiConverterString.read(from: &buf)
        default: throw UniffiInternalError.unexpectedOptionalTag
        }
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterOptionData: FfiConverterRustBuffer {
    typealias SwiftType = Data?

    public static func write(_ value: SwiftType, into buf: inout [UInt8]) {
        guard let value = value else {
            writeInt(&buf, Int8(0))
            return
        }
        writeInt(&buf, Int8(1))
        FfiConverterData.write(value, into: &buf)
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> SwiftType {
        switch try readInt(&buf) as Int8 {
        case 0: return nil
        case 1: return try FfiConverterData.read(from: &buf)
        default: throw UniffiInternalError.unexpectedOptionalTag
        }
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterOptionTypeLogSink: FfiConverterRustBuffer {
    typealias SwiftType = LogSink?

    public static func write(_ value: SwiftType, into buf: inout [UInt8]) {
        guard let value = value else {
            writeInt(&buf, Int8(0))
            return
        }
        writeInt(&buf, Int8(1))
        FfiConverterTypeLogSink.write(value, into: &buf)
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> SwiftType {
        switch try readInt(&buf) as Int8 {
        case 0: return nil
        case 1: return try FfiConverterTypeLogSink.read(from: &buf)
        default: throw UniffiInternalError.unexpectedOptionalTag
        }
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterOptionTypeAccount: FfiConverterRustBuffer {
    typealias SwiftType = Account?

    public static func write(_ value: SwiftType, into buf: inout [UInt8]) {
        guard let value = value else {
            writeInt(&buf, Int8(0))
            return
        }
        writeInt(&buf, Int8(1))
        FfiConverterTypeAccount.write(value, into: &buf)
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> SwiftType {
        switch try readInt(&buf) as Int8 {
        case 0: return nil
        case 1: return try FfiConverterTypeAccount.read(from: &buf)
        default: throw UniffiInternalError.unexpectedOptionalTag
        }
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterOptionTypeMessage: FfiConverterRustBuffer {
    typealias SwiftType = Message?

    public static func write(_ value: SwiftType, into buf: inout [UInt8]) {
        guard let value = value else {
            writeInt(&buf, Int8(0))
            return
        }
        writeInt(&buf, Int8(1))
        FfiConverterTypeMessage.write(value, into: &buf)
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> SwiftType {
        switch try readInt(&buf) as Int8 {
        case 0: return nil
        case 1: return try FfiConverterTypeMessage.read(from: &buf)
        default: throw UniffiInternalError.unexpectedOptionalTag
        }
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterOptionTypeAlarm: FfiConverterRustBuffer {
    typealias SwiftType = Alarm?

    public static func write(_ value: SwiftType, into buf: inout [UInt8]) {
        guard let value = value else {
            writeInt(&buf, Int8(0))
            return
        }
        writeInt(&buf, Int8(1))
        FfiConverterTypeAlarm.write(value, into: &buf)
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> SwiftType {
        switch try readInt(&buf) as Int8 {
        case 0: return nil
        case 1: return try FfiConverterTypeAlarm.read(from: &buf)
        default: throw UniffiInternalError.unexpectedOptionalTag
        }
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterOptionTypeErrorCode: FfiConverterRustBuffer {
    typealias SwiftType = ErrorCode?

    public static func write(_ value: SwiftType, into buf: inout [UInt8]) {
        guard let value = value else {
            writeInt(&buf, Int8(0))
            return
        }
        writeInt(&buf, Int8(1))
        FfiConverterTypeErrorCode.write(value, into: &buf)
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> SwiftType {
        switch try readInt(&buf) as Int8 {
        case 0: return nil
        case 1: return try FfiConverterTypeErrorCode.read(from: &buf)
        default: throw UniffiInternalError.unexpectedOptionalTag
        }
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterOptionTypeIdentityChange: FfiConverterRustBuffer {
    typealias SwiftType = IdentityChange?

    public static func write(_ value: SwiftType, into buf: inout [UInt8]) {
        guard let value = value else {
            writeInt(&buf, Int8(0))
            return
        }
        writeInt(&buf, Int8(1))
        FfiConverterTypeIdentityChange.write(value, into: &buf)
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> SwiftType {
        switch try readInt(&buf) as Int8 {
        case 0: return nil
        case 1: return try FfiConverterTypeIdentityChange.read(from: &buf)
        default: throw UniffiInternalError.unexpectedOptionalTag
        }
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterSequenceString: FfiConverterRustBuffer {
    typealias SwiftType = [String]

    public static func write(_ value: [String], into buf: inout [UInt8]) {
        let len = Int32(value.count)
        writeInt(&buf, len)
        for item in value {
            FfiConverterString.write(item, into: &buf)
        }
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> [String] {
        let len: Int32 = try readInt(&buf)
        var seq = [String]()
        seq.reserveCapacity(Int(len))
        for _ in 0 ..< len {
            seq.append(try FfiConverterString.read(from: &buf))
        }
        return seq
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterSequenceTypeConversation: FfiConverterRustBuffer {
    typealias SwiftType = [Conversation]

    public static func write(_ value: [Conversation], into buf: inout [UInt8]) {
        let len = Int32(value.count)
        writeInt(&buf, len)
        for item in value {
            FfiConverterTypeConversation.write(item, into: &buf)
        }
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> [Conversation] {
        let len: Int32 = try readInt(&buf)
        var seq = [Conversation]()
        seq.reserveCapacity(Int(len))
        for _ in 0 ..< len {
            seq.append(try FfiConverterTypeConversation.read(from: &buf))
        }
        return seq
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterSequenceTypeDevice: FfiConverterRustBuffer {
    typealias SwiftType = [Device]

    public static func write(_ value: [Device], into buf: inout [UInt8]) {
        let len = Int32(value.count)
        writeInt(&buf, len)
        for item in value {
            FfiConverterTypeDevice.write(item, into: &buf)
        }
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> [Device] {
        let len: Int32 = try readInt(&buf)
        var seq = [Device]()
        seq.reserveCapacity(Int(len))
        for _ in 0 ..< len {
            seq.append(try FfiConverterTypeDevice.read(from: &buf))
        }
        return seq
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterSequenceTypeMember: FfiConverterRustBuffer {
    typealias SwiftType = [Member]

    public static func write(_ value: [Member], into buf: inout [UInt8]) {
        let len = Int32(value.count)
        writeInt(&buf, len)
        for item in value {
            FfiConverterTypeMember.write(item, into: &buf)
        }
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> [Member] {
        let len: Int32 = try readInt(&buf)
        var seq = [Member]()
        seq.reserveCapacity(Int(len))
        for _ in 0 ..< len {
            seq.append(try FfiConverterTypeMember.read(from: &buf))
        }
        return seq
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterSequenceTypeMessage: FfiConverterRustBuffer {
    typealias SwiftType = [Message]

    public static func write(_ value: [Message], into buf: inout [UInt8]) {
        let len = Int32(value.count)
        writeInt(&buf, len)
        for item in value {
            FfiConverterTypeMessage.write(item, into: &buf)
        }
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> [Message] {
        let len: Int32 = try readInt(&buf)
        var seq = [Message]()
        seq.reserveCapacity(Int(len))
        for _ in 0 ..< len {
            seq.append(try FfiConverterTypeMessage.read(from: &buf))
        }
        return seq
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterSequenceTypeOutboxItem: FfiConverterRustBuffer {
    typealias SwiftType = [OutboxItem]

    public static func write(_ value: [OutboxItem], into buf: inout [UInt8]) {
        let len = Int32(value.count)
        writeInt(&buf, len)
        for item in value {
            FfiConverterTypeOutboxItem.write(item, into: &buf)
        }
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> [OutboxItem] {
        let len: Int32 = try readInt(&buf)
        var seq = [OutboxItem]()
        seq.reserveCapacity(Int(len))
        for _ in 0 ..< len {
            seq.append(try FfiConverterTypeOutboxItem.read(from: &buf))
        }
        return seq
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterSequenceTypeRoleGrant: FfiConverterRustBuffer {
    typealias SwiftType = [RoleGrant]

    public static func write(_ value: [RoleGrant], into buf: inout [UInt8]) {
        let len = Int32(value.count)
        writeInt(&buf, len)
        for item in value {
            FfiConverterTypeRoleGrant.write(item, into: &buf)
        }
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> [RoleGrant] {
        let len: Int32 = try readInt(&buf)
        var seq = [RoleGrant]()
        seq.reserveCapacity(Int(len))
        for _ in 0 ..< len {
            seq.append(try FfiConverterTypeRoleGrant.read(from: &buf))
        }
        return seq
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterSequenceTypeChange: FfiConverterRustBuffer {
    typealias SwiftType = [Change]

    public static func write(_ value: [Change], into buf: inout [UInt8]) {
        let len = Int32(value.count)
        writeInt(&buf, len)
        for item in value {
            FfiConverterTypeChange.write(item, into: &buf)
        }
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> [Change] {
        let len: Int32 = try readInt(&buf)
        var seq = [Change]()
        seq.reserveCapacity(Int(len))
        for _ in 0 ..< len {
            seq.append(try FfiConverterTypeChange.read(from: &buf))
        }
        return seq
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterSequenceTypeErrorCode: FfiConverterRustBuffer {
    typealias SwiftType = [ErrorCode]

    public static func write(_ value: [ErrorCode], into buf: inout [UInt8]) {
        let len = Int32(value.count)
        writeInt(&buf, len)
        for item in value {
            FfiConverterTypeErrorCode.write(item, into: &buf)
        }
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> [ErrorCode] {
        let len: Int32 = try readInt(&buf)
        var seq = [ErrorCode]()
        seq.reserveCapacity(Int(len))
        for _ in 0 ..< len {
            seq.append(try FfiConverterTypeErrorCode.read(from: &buf))
        }
        return seq
    }
}

#if swift(>=5.8)
@_documentation(visibility: private)
#endif
fileprivate struct FfiConverterSequenceTypePerson: FfiConverterRustBuffer {
    typealias SwiftType = [Person]

    public static func write(_ value: [Person], into buf: inout [UInt8]) {
        let len = Int32(value.count)
        writeInt(&buf, len)
        for item in value {
            FfiConverterTypePerson.write(item, into: &buf)
        }
    }

    public static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> [Person] {
        let len: Int32 = try readInt(&buf)
        var seq = [Person]()
        seq.reserveCapacity(Int(len))
        for _ in 0 ..< len {
            seq.append(try FfiConverterTypePerson.read(from: &buf))
        }
        return seq
    }
}
private let UNIFFI_RUST_FUTURE_POLL_READY: Int8 = 0
private let UNIFFI_RUST_FUTURE_POLL_WAKE: Int8 = 1

fileprivate let uniffiContinuationHandleMap = UniffiHandleMap<UnsafeContinuation<Int8, Never>>()

fileprivate func uniffiRustCallAsync<F, T>(
    rustFutureFunc: () -> UInt64,
    pollFunc: (UInt64, @escaping UniffiRustFutureContinuationCallback, UInt64) -> (),
    completeFunc: (UInt64, UnsafeMutablePointer<RustCallStatus>) -> F,
    freeFunc: (UInt64) -> (),
    liftFunc: (F) throws -> T,
    errorHandler: ((RustBuffer) throws -> Swift.Error)?
) async throws -> T {
    // Make sure to call the ensure init function since future creation doesn't have a
    // RustCallStatus param, so doesn't use makeRustCall()
    uniffiEnsureWhimbrelFfiInitialized()
    let rustFuture = rustFutureFunc()
    defer {
        freeFunc(rustFuture)
    }
    var pollResult: Int8;
    repeat {
        pollResult = await withUnsafeContinuation {
            pollFunc(
                rustFuture,
                { handle, pollResult in
                    uniffiFutureContinuationCallback(handle: handle, pollResult: pollResult)
                },
                uniffiContinuationHandleMap.insert(obj: $0)
            )
        }
    } while pollResult != UNIFFI_RUST_FUTURE_POLL_READY

    return try liftFunc(makeRustCall(
        { completeFunc(rustFuture, $0) },
        errorHandler: errorHandler
    ))
}

// Callback handlers for an async calls.  These are invoked by Rust when the future is ready.  They
// lift the return value or error and resume the suspended function.
fileprivate func uniffiFutureContinuationCallback(handle: UInt64, pollResult: Int8) {
    if let continuation = try? uniffiContinuationHandleMap.remove(handle: handle) {
        continuation.resume(returning: pollResult)
    } else {
        print("uniffiFutureContinuationCallback invalid handle")
    }
}
/**
 * Every error code, in a fixed order: for tables of texts, and for tests that none was forgotten.
 */
public func errorCodes()throws  -> [ErrorCode]  {
    return try  FfiConverterSequenceTypeErrorCode.lift(try rustCallWithError(FfiConverterTypeWhimbrelError_lift) {
        uniffiCallStatus in
    uniffi_whimbrel_ffi_fn_func_error_codes(uniffiCallStatus
    )
})
}
/**
 * The stable name of an error code, such as `not_found`: the same in every language and release,
 * for logs and for tables of texts.
 */
public func errorName(code: ErrorCode)throws  -> String  {
    return try  FfiConverterString.lift(try rustCallWithError(FfiConverterTypeWhimbrelError_lift) {
        uniffiCallStatus in
    uniffi_whimbrel_ffi_fn_func_error_name(
        FfiConverterTypeErrorCode_lower(code),uniffiCallStatus
    )
})
}
/**
 * The version of this library, such as `0.1.0`.
 */
public func libraryVersion()throws  -> String  {
    return try  FfiConverterString.lift(try rustCallWithError(FfiConverterTypeWhimbrelError_lift) {
        uniffiCallStatus in
    uniffi_whimbrel_ffi_fn_func_library_version(uniffiCallStatus
    )
})
}
/**
 * Panics on a thread of this library, to show that the app outlives it: always fails with
 * `internal`.
 */
public func panicAsync()async throws   {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_func_panic_async(
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_void,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_void,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_void,
            liftFunc: { $0 },
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}
/**
 * Panics inside this library, to show that the app outlives it: always fails with `internal`.
 */
public func panicNow()throws   {try rustCallWithError(FfiConverterTypeWhimbrelError_lift) {
        uniffiCallStatus in
    uniffi_whimbrel_ffi_fn_func_panic_now(uniffiCallStatus
    )
}
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
public func openNotification(dataFolder: String, keyStore: KeyStore, payload: Data)async throws  -> Notification  {
    return
        try  await uniffiRustCallAsync(
            rustFutureFunc: {
                uniffi_whimbrel_ffi_fn_func_open_notification(FfiConverterString.lower(dataFolder),FfiConverterTypeKeyStore_lower(keyStore),FfiConverterData.lower(payload)
                )
            },
            pollFunc: ffi_whimbrel_ffi_rust_future_poll_rust_buffer,
            completeFunc: ffi_whimbrel_ffi_rust_future_complete_rust_buffer,
            freeFunc: ffi_whimbrel_ffi_rust_future_free_rust_buffer,
            liftFunc: FfiConverterTypeNotification_lift,
            errorHandler: FfiConverterTypeWhimbrelError_lift
        )
}

private enum InitializationResult {
    case ok
    case contractVersionMismatch
    case apiChecksumMismatch
}
// Use a global variable to perform the versioning checks. Swift ensures that
// the code inside is only computed once.
private let initializationResult: InitializationResult = {
    // Get the bindings contract version from our ComponentInterface
    let bindings_contract_version = 30
    // Get the scaffolding contract version by calling the into the dylib
    let scaffolding_contract_version = ffi_whimbrel_ffi_uniffi_contract_version()
    if bindings_contract_version != scaffolding_contract_version {
        return InitializationResult.contractVersionMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_func_error_codes() != 37628) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_func_error_name() != 58437) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_func_library_version() != 35214) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_func_panic_async() != 50674) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_func_panic_now() != 35112) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_func_open_notification() != 58311) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativechanges_finish() != 21548) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativechanges_next_batch() != 39709) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_account() != 3126) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_set_network() != 2407) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_state() != 17891) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_subscribe() != 56766) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_add_members() != 9156) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_conversation() != 22644) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_conversations() != 52400) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_create_direct() != 14099) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_create_group() != 21149) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_epoch_code() != 62695) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_focus() != 54243) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_leave() != 41305) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_members() != 44054) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_remove_member() != 17300) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_rename() != 41125) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_set_roles() != 61291) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_devices() != 11764) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_link_approve() != 54414) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_link_cancel() != 52355) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_link_inspect() != 21277) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_link_refuse() != 30730) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_link_start() != 16040) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_link_wait() != 58660) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_recovery_code() != 41693) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_revoke_device() != 16199) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_pause() != 30705) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_resume() != 35180) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_shutdown() != 37442) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_sync_once() != 22948) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_delete() != 17189) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_discard() != 37331) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_edit() != 41053) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_mark_read() != 43732) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_message() != 10619) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_messages() != 2124) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_outbox() != 31311) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_retry() != 27588) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_send() != 26548) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_accept_identity() != 13764) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_contact() != 57157) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_matches_safety_qr() != 42536) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_set_verified() != 18932) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_re_enrol() != 32115) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_recover() != 55745) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_register() != 2980) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_sign_in() != 31053) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_nativeclient_sign_out() != 8890) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_keystore_load_key() != 61363) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_keystore_store_key() != 38756) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_method_logsink_log() != 22856) {
        return InitializationResult.apiChecksumMismatch
    }
    if (uniffi_whimbrel_ffi_checksum_constructor_nativeclient_open() != 11791) {
        return InitializationResult.apiChecksumMismatch
    }

    uniffiCallbackInitKeyStore()
    uniffiCallbackInitLogSink()
    return InitializationResult.ok
}()

// Make the ensure init function public so that other modules which have external type references to
// our types can call it.
public func uniffiEnsureWhimbrelFfiInitialized() {
    switch initializationResult {
    case .ok:
        break
    case .contractVersionMismatch:
        fatalError("UniFFI contract version mismatch: try cleaning and rebuilding your project")
    case .apiChecksumMismatch:
        fatalError("UniFFI API checksum mismatch: try cleaning and rebuilding your project")
    }
}

// swiftlint:enable all
