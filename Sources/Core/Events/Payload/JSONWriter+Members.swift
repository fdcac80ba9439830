public import NIOCore

extension JSONWriter {
    /// A member with a string, or null.
    public mutating func member(_ key: String, _ value: String?) {
        self.key(key)
        string(value)
    }

    /// A member with a whole number.
    public mutating func member(_ key: String, _ value: some FixedWidthInteger) {
        self.key(key)
        integer(value)
    }

    /// A member with a number; null when it is not finite.
    public mutating func member(_ key: String, _ value: Double) {
        self.key(key)
        double(value)
    }

    /// A member with a truth value.
    public mutating func member(_ key: String, _ value: Bool) {
        self.key(key)
        bool(value)
    }

    /// A member with a moment.
    public mutating func member(_ key: String, _ value: Timestamp) {
        self.key(key)
        timestamp(value)
    }

    /// A member whose value is JSON text already.
    public mutating func member(_ key: String, raw value: ByteBuffer) {
        self.key(key)
        raw(value)
    }

    /// A member with an array of strings.
    public mutating func member(_ key: String, _ values: some Sequence<String>) {
        array(key) { array in
            for value in values { array.string(value) }
        }
    }

    /// A member with an object whose members the closure writes.
    public mutating func object(_ key: String, _ body: (inout JSONWriter) -> Void) {
        self.key(key)
        object(body)
    }

    /// A member with an array whose elements the closure writes.
    public mutating func array(_ key: String, _ body: (inout JSONWriter) -> Void) {
        self.key(key)
        array(body)
    }
}
