internal import NIOCore

extension Draft {
    /// Moves the payload to memory of about its own size: cut out of a received message, it would keep the whole message
    /// alive for as long as it waits or lies in a history.
    mutating func holdOnlyItsBytes() {
        data = data.holdingOnlyItsBytes
    }
}

extension ByteBuffer {
    /// The same bytes, copied if their memory is much larger than they are.
    fileprivate var holdingOnlyItsBytes: ByteBuffer {
        storageCapacity > 2 * readableBytes + 256 ? ByteBuffer(buffer: self) : self
    }
}

extension Publication {
    /// A draft with its number.
    init(offset: UInt64, draft: Draft) {
        self.init(
            offset: offset,
            type: draft.type,
            data: draft.data,
            timestamp: draft.timestamp,
            stateKey: draft.stateKey,
            isRemoval: draft.isRemoval
        )
    }

    /// The same publication in memory of about its own size.
    ///
    /// A payload cut out of a received message would keep the whole message alive as long as it is in the history.
    func holdingOnlyItsBytes() -> Publication {
        Publication(
            offset: offset,
            type: type,
            data: data.holdingOnlyItsBytes,
            timestamp: timestamp,
            stateKey: stateKey,
            isRemoval: isRemoval
        )
    }
}
