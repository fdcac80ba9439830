/// G.711 bytes, one a sample.
struct G711Encoding: Encoding {
    let law: G711

    func encode(_ samples: [Float]) -> [UInt8] { samples.map { law.encode($0.int16Sample) } }

    func finish() -> [UInt8] { [] }
}
