import Glibc

/// A shared library opened at run time. It stays open for the life of the process: the engines in it keep threads.
struct DynamicLibrary: Sendable {
    /// Why a library or a function in it could not be found.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    // An opaque token of the loader, never dereferenced here.
    private let handle: UInt
    private let name: String

    /// Opens the library at `path` (or with that name, on the loader's path); messages call it `name`. Its symbols stay
    /// private to it, because two of the engines bring different builds of the same run-time library.
    init(_ path: String, called name: String? = nil) throws(Failure) {
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw Failure(description: dlerror().map { String(cString: $0) } ?? "\(path) cannot be loaded")
        }
        self.handle = UInt(bitPattern: handle)
        self.name = name ?? path
    }

    /// The function called `name`, as the C function type `type`.
    func function<Function>(_ name: String, as type: Function.Type = Function.self) throws(Failure) -> Function {
        guard let address = dlsym(UnsafeMutableRawPointer(bitPattern: handle), name) else {
            throw Failure(description: "\(self.name) has no function \(name); it is of another version")
        }
        // The declared type is that of the pinned version's C interface.
        return unsafeBitCast(address, to: type)
    }
}
