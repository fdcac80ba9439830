import Foundation
import NIOCore

/// The processor cores that this process may run on.
enum Cores {
    /// Makes one event loop for each core: loops that share one only get in each other's way. To be called before
    /// anything uses the event loops.
    static func setLoopCount() {
        NIOSingletons.groupLoopCountSuggestion = max(1, min(System.coreCount, allowed))
    }

    /// How many cores the process is pinned to.
    private static var allowed: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed:") }) else {
            return .max
        }
        // A mask in groups of hexadecimal digits, such as `ff,ffffffff`.
        let bits = line.dropFirst("Cpus_allowed:".count).compactMap(\.hexDigitValue).map(\.nonzeroBitCount)
        return bits.reduce(0, +)
    }
}
