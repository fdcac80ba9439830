/// Checks UTF-8 as it arrives, in pieces of any size, and fails with the piece that holds the first wrong byte.
///
/// Runs of ASCII are skipped sixteen bytes at a time. The rest goes through a state machine whose transitions are
/// shifts: the table's row for a byte holds, six bits each, the next state for every state, and a state *is* the
/// distance to shift the row by, so a step is one load and one shift without a branch.
struct UTF8Validator: Equatable {
    private enum State: UInt64, CaseIterable {
        /// Between characters.
        case accept
        /// Something was wrong; there is no way out.
        case reject
        /// One, two or three continuation bytes of any value are to come.
        case one, two, three
        /// After E0, ED, F0 and F4, whose second byte excludes overlong forms, surrogates and what is above U+10FFFF.
        case afterE0, afterED, afterF0, afterF4

        func next(_ byte: UInt8) -> State {
            switch (self, byte) {
            case (.accept, 0x00...0x7F): .accept
            case (.accept, 0xC2...0xDF): .one
            case (.accept, 0xE0): .afterE0
            case (.accept, 0xED): .afterED
            case (.accept, 0xE1...0xEF): .two
            case (.accept, 0xF0): .afterF0
            case (.accept, 0xF1...0xF3): .three
            case (.accept, 0xF4): .afterF4
            case (.one, 0x80...0xBF): .accept
            case (.two, 0x80...0xBF): .one
            case (.three, 0x80...0xBF): .two
            case (.afterE0, 0xA0...0xBF): .one
            case (.afterED, 0x80...0x9F): .one
            case (.afterF0, 0x90...0xBF): .two
            case (.afterF4, 0x80...0x8F): .two
            default: .reject
            }
        }

        var shift: UInt64 { rawValue * 6 }
    }

    private static let transitions: [UInt64] = (UInt8.min...UInt8.max).map { byte in
        State.allCases.reduce(0) { row, state in row | state.next(byte).shift << state.shift }
    }

    private var state: UInt8 = UInt8(State.accept.shift)

    /// Whether everything so far is whole characters.
    var isComplete: Bool { state == UInt8(State.accept.shift) }

    /// Takes the next bytes. False as soon as they cannot be the beginning or continuation of UTF-8.
    mutating func consume(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let start = bytes.baseAddress else { return state != UInt8(State.reject.shift) }
        let accept = State.accept.shift
        let reject = State.reject.shift
        let count = bytes.count
        var shift = UInt64(state)
        var index = 0
        Self.transitions.withUnsafeBufferPointer { rows in
            while index &+ 16 <= count {
                let pair = start.loadUnaligned(fromByteOffset: index, as: SIMD2<UInt64>.self)
                if shift == accept, (pair.x | pair.y) & 0x8080_8080_8080_8080 == 0 {
                    index &+= 16
                    continue
                }
                for offset in index..<index &+ 16 {
                    shift = rows[Int(start.load(fromByteOffset: offset, as: UInt8.self))] &>> shift
                }
                shift &= 63
                if shift == reject { return }
                index &+= 16
            }
            while index < count {
                shift = rows[Int(start.load(fromByteOffset: index, as: UInt8.self))] &>> shift
                index &+= 1
            }
            shift &= 63
        }
        state = UInt8(truncatingIfNeeded: shift)
        return shift != reject
    }
}
