public import ArgumentParser
public import Audio

extension AudioFormat: ExpressibleByArgument {
    /// The format called `argument`.
    public init?(argument: String) {
        self.init(name: argument)
    }
}
