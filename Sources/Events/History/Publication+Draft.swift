internal import NIOCore

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
        guard data.storageCapacity > 2 * data.readableBytes + 256 else { return self }
        return Publication(
            offset: offset,
            type: type,
            data: ByteBuffer(buffer: data),
            timestamp: timestamp,
            stateKey: stateKey,
            isRemoval: isRemoval
        )
    }
}
