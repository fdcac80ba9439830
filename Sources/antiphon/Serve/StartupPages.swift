import Foundation

/// The parts of the program that were needed only to start it.
enum StartupPages {
    /// Gives the memory back that holds code: what is needed again comes back from the file when it is touched.
    ///
    /// Starting runs through much that a server never needs again. Only mappings that are executable and not writable are
    /// given back; they hold nothing but what stands in their files.
    static func giveBack() {
        guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return }
        for line in maps.split(separator: "\n") {
            // `start-end permissions offset device inode path`; an inode of 0 means that there is no file.
            let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            guard fields.count == 6, fields[1] == "r-xp", fields[4] != "0" else { continue }
            let bounds = fields[0].split(separator: "-").compactMap { UInt(String($0), radix: 16) }
            guard bounds.count == 2, let start = UnsafeMutableRawPointer(bitPattern: bounds[0]) else { continue }
            _ = madvise(start, Int(bounds[1] - bounds[0]), MADV_DONTNEED)
        }
    }
}
