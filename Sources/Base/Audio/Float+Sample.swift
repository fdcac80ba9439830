extension Float {
    /// The sample with NaN made silence and infinities made full scale; finite values stay as they are.
    var finiteSample: Float {
        if isFinite { return self }
        return isNaN ? 0 : (self > 0 ? 1 : -1)
    }

    /// The sample brought into -1...1, NaN made silence.
    var clippedSample: Float {
        isNaN ? 0 : Swift.min(Swift.max(self, -1), 1)
    }

    /// The sample as a 16-bit integer: scaled by 32768, rounded to the nearest and clipped.
    var int16Sample: Int16 {
        Int16(clamping: Int((clippedSample * 32768).rounded()))
    }
}
