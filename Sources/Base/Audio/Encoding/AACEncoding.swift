import CVOAACEnc

/// AAC-LC frames, each behind an ADTS header, made by the VisualOn encoder.
final class AACEncoding: Encoding {
    /// Samples of a frame.
    static let frame = 1024
    /// How much later the encoder's frames bring the sound than it went in, in samples: what must follow the last one.
    private static let encoderDelay = 1600
    /// How much later the decoded sound comes out than it went in, in samples. It is what readers of AAC count with, the
    /// least there can be: one frame, on which the first one with sound leans.
    static let delay = frame
    /// Silence that makes the encoder's delay whole frames, of which all but one can be left out.
    private static let filling = 2 * frame - encoderDelay
    /// More bytes than a frame of one channel can have.
    private static let frameRoom = 8192

    /// What the encoder and its memory are called through; allocated, since the encoder keeps the address.
    private let memory: UnsafeMutablePointer<VO_MEM_OPERATOR>
    private let api: VO_AUDIO_CODECAPI
    private let handle: VO_HANDLE
    /// Samples that do not fill a frame yet.
    private var pending = [Int16](repeating: 0, count: filling)
    /// Whether the next frame is the first, which holds silence only.
    private var isFirstFrame = true

    init(sampleRate: Int) throws {
        let memory = UnsafeMutablePointer<VO_MEM_OPERATOR>.allocate(capacity: 1)
        memory.initialize(
            to: VO_MEM_OPERATOR(
                Alloc: cmnMemAlloc,
                Free: cmnMemFree,
                Set: cmnMemSet,
                Copy: cmnMemCopy,
                Check: cmnMemCheck,
                Compare: cmnMemCompare,
                Move: cmnMemMove
            )
        )
        do {
            (api, handle) = try Self.open(sampleRate: sampleRate, memory: memory)
        } catch {
            memory.deallocate()
            throw error
        }
        self.memory = memory
    }

    deinit {
        _ = api.Uninit(handle)
        memory.deallocate()
    }

    func encode(_ samples: [Float]) throws -> [UInt8] {
        pending += samples.map(\.int16Sample)
        let frames = pending.count / Self.frame
        var bytes: [UInt8] = []
        try pending.withUnsafeMutableBufferPointer { pending in
            for number in 0..<frames {
                let start = number * Self.frame
                let frame = try encode(
                    frame: UnsafeMutableBufferPointer(rebasing: pending[start..<start + Self.frame])
                )
                if !isFirstFrame { bytes += frame }
                isFirstFrame = false
            }
        }
        pending.removeFirst(frames * Self.frame)
        return bytes
    }

    func finish() throws -> [UInt8] {
        let length = pending.count + Self.encoderDelay
        let missing = (length + Self.frame - 1) / Self.frame * Self.frame - pending.count
        return try encode([Float](repeating: 0, count: missing))
    }

    private func encode(frame samples: UnsafeMutableBufferPointer<Int16>) throws -> [UInt8] {
        let bytes = UnsafeMutableRawBufferPointer(samples).bindMemory(to: UInt8.self)
        var input = VO_CODECBUFFER(Buffer: bytes.baseAddress, Length: VO_U32(bytes.count), Time: 0)
        try Self.check(api.SetInputData(handle, &input))
        return try [UInt8](unsafeUninitializedCapacity: Self.frameRoom) { output, count in
            var frame = VO_CODECBUFFER(Buffer: output.baseAddress, Length: VO_U32(output.count), Time: 0)
            var info = VO_AUDIO_OUTPUTINFO()
            try Self.check(api.GetOutputData(handle, &frame, &info))
            count = Int(frame.Length)
        }
    }

    private static func open(
        sampleRate: Int,
        memory: UnsafeMutablePointer<VO_MEM_OPERATOR>
    ) throws -> (VO_AUDIO_CODECAPI, VO_HANDLE) {
        var api = VO_AUDIO_CODECAPI()
        guard voGetAACEncAPI(&api) == 0 else { throw failure(1) }
        var handle: VO_HANDLE?
        var user = VO_CODEC_INIT_USERDATA(
            memflag: VO_IMF_USERMEMOPERATOR,
            memData: memory,
            reserved1: 0,
            reserved2: 0
        )
        try check(api.Init(&handle, VO_AUDIO_CodingAAC, &user))
        guard let handle else { throw failure(2) }
        // Three bits a sample sound like the other formats; the encoder takes that at every rate.
        let bitRate = min(max(sampleRate * 3, 24_000), 96_000)
        var parameters = AACENC_PARAM(
            sampleRate: Int32(sampleRate),
            bitRate: Int32(bitRate),
            nChannels: 1,
            adtsUsed: 1
        )
        do {
            try check(api.SetParam(handle, VO_S32(VO_PID_AAC_ENCPARAM), &parameters))
        } catch {
            _ = api.Uninit(handle)
            throw error
        }
        return (api, handle)
    }

    private static func check(_ code: VO_U32) throws {
        guard code == VO_ERR_NONE else { throw failure(code) }
    }

    private static func failure(_ code: VO_U32) -> AudioError {
        .encoderFailed(.aac, reason: "the AAC encoder answered \(code)")
    }
}
