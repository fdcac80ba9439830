import Foundation

/// The memory allocator of a server. jemalloc gives memory back that glibc keeps, so it is used where it is installed.
enum Allocator {
    /// Set to `system` it keeps the allocator of the C library.
    private static let variable = "ANTIPHON_ALLOCATOR"

    private static let folders = [
        "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib",
    ]

    /// Starts the program anew with jemalloc, if that is installed and no allocator was chosen yet. The process stays the
    /// same, and so do its arguments.
    static func chooseBest() {
        let environment = ProcessInfo.processInfo.environment
        guard environment[variable] == nil, environment["LD_PRELOAD"] == nil else { return forgetChoice() }
        let paths = folders.map { $0 + "/libjemalloc.so.2" }
        guard let path = paths.first(where: { FileManager.default.isReadableFile(atPath: $0) }),
            let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        else { return }
        setenv("LD_PRELOAD", path, 1)
        setenv(variable, "jemalloc", 1)
        // Gives back in the background what was not used for two seconds.
        if environment["MALLOC_CONF"] == nil {
            setenv("MALLOC_CONF", "background_thread:true,dirty_decay_ms:2000,muzzy_decay_ms:0,narenas:4", 1)
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) } + [nil]
        execv(program, &arguments)
        // The program runs with the allocator it has.
        for argument in arguments { free(argument) }
        forgetChoice()
    }

    /// Programs that this one starts choose for themselves.
    private static func forgetChoice() {
        guard getenv(variable).map({ String(cString: $0) }) == "jemalloc" else { return }
        unsetenv("LD_PRELOAD")
        unsetenv("MALLOC_CONF")
        unsetenv(variable)
    }
}
