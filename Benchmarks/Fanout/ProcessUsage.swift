import Foundation
import Glibc

/// What processes have used so far, from /proc.
struct ProcessUsage {
    /// Time on the processor in user and system mode, in seconds, with the 10 ms grain of the kernel.
    var cpuSeconds = 0.0
    var residentBytes = 0

    /// The sum over `processes`; one that has ended counts as nothing.
    init(of processes: [Int32]) {
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        for process in processes {
            if let stat = Self.read("/proc/\(process)/stat"), let end = stat.lastIndex(of: ")") {
                // Behind the name in parentheses: state is field 0, utime field 11 and stime field 12.
                let fields = stat[end...].dropFirst(2).split(separator: " ")
                cpuSeconds += ((Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0)) / ticks
            }
            if let statm = Self.read("/proc/\(process)/statm") {
                residentBytes += (Int(statm.split(separator: " ")[1]) ?? 0) * Int(getpagesize())
            }
        }
    }

    /// The open files of all `processes`. Counting many takes a while.
    static func openFiles(of processes: [Int32]) -> Int {
        processes.reduce(0) { sum, process in
            sum + ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count) ?? 0)
        }
    }

    private static func read(_ path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path), !data.isEmpty else { return nil }
        return String(decoding: data, as: UTF8.self)
    }
}
