public import NIOCore

/// Appends JSON without spaces to a buffer.
///
/// Commas come by themselves; that objects and arrays are closed and that keys stand only in objects is the caller's
/// care, who best leaves it to the methods that take a closure.
public struct JSONWriter: Sendable {
    /// What was written so far.
    public private(set) var buffer: ByteBuffer
    private var needsComma = false

    /// A writer that appends to a buffer.
    public init(_ buffer: ByteBuffer = ByteBuffer()) {
        self.buffer = buffer
    }

    /// One object as text; `capacity` is the size expected, in bytes.
    public static func object(capacity: Int = 256, _ body: (inout JSONWriter) -> Void) -> ByteBuffer {
        var writer = JSONWriter(ByteBufferAllocator().buffer(capacity: capacity))
        writer.object(body)
        return writer.buffer
    }

    /// An object whose members the closure writes.
    public mutating func object(_ body: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        body(&self)
        close(UInt8(ascii: "}"))
    }

    /// An array whose elements the closure writes.
    public mutating func array(_ body: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "["))
        body(&self)
        close(UInt8(ascii: "]"))
    }

    /// The key of the value that is written next.
    public mutating func key(_ key: String) {
        separate()
        buffer.writeJSONString(key)
        buffer.writeInteger(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A string, or null.
    public mutating func string(_ value: String?) {
        guard let value else { return null() }
        separate()
        buffer.writeJSONString(value)
    }

    /// A whole number.
    public mutating func integer(_ value: some FixedWidthInteger) {
        separate()
        buffer.writeString(String(value))
    }

    /// A number in the shortest form that reads back as the same; null when it is not finite, for which JSON has no
    /// text. Whole numbers have a fraction: `1.0`.
    public mutating func double(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        buffer.writeString(value.description)
    }

    /// A truth value.
    public mutating func bool(_ value: Bool) {
        separate()
        if value { buffer.writeStaticString("true") } else { buffer.writeStaticString("false") }
    }

    /// Null.
    public mutating func null() {
        separate()
        buffer.writeStaticString("null")
    }

    /// A value that is JSON text already.
    public mutating func raw(_ value: ByteBuffer) {
        separate()
        buffer.writeImmutableBuffer(value)
    }

    /// A moment, as a string.
    public mutating func timestamp(_ value: Timestamp) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        value.write(to: &buffer)
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        buffer.writeInteger(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        buffer.writeInteger(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.writeInteger(UInt8(ascii: ",")) }
        needsComma = true
    }
}
