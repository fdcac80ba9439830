import Glibc

/// The sockets of one event loop's connections that may be written to without asking the connection.
///
/// Who writes the same to thousands of connections looks here first: their states are spread over more memory than the
/// caches hold, and reading each costs a good part of what the system call for its message does. Loop-bound.
public final class DirectSockets {
    /// The descriptors by slot; negative where the connection is to be asked.
    private var descriptors: ContiguousArray<CInt> = []
    private var freeSlots: [Int32] = []

    init() {}

    /// A slot for another connection.
    func take() -> Int32 {
        if let slot = freeSlots.popLast() { return slot }
        descriptors.append(-1)
        return Int32(descriptors.count - 1)
    }

    /// Gives a slot back. Whoever has noted it must not use it any more after this turn of the loop.
    func giveBack(_ slot: Int32) {
        self[slot] = -1
        freeSlots.append(slot)
    }

    subscript(slot: Int32) -> CInt {
        get { descriptors[Int(slot)] }
        set { descriptors[Int(slot)] = newValue }
    }

    /// Hands whole frames to the socket with a slot, if it is not negative. Returns how many bytes it took; what is left, which may be all, is to
    /// be written to the connection.
    public func send(_ frames: UnsafeRawBufferPointer, to slot: Int32) -> Int {
        guard slot >= 0 else { return 0 }
        let descriptor = descriptors[Int(slot)]
        guard descriptor >= 0 else { return 0 }
        let flags = CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)
        return max(0, Glibc.send(descriptor, frames.baseAddress, frames.count, flags))
    }
}

@available(*, unavailable)
extension DirectSockets: Sendable {}
