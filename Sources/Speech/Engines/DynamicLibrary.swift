import Glibc

/// A shared library opened at run time. It stays open for the life of the process: the engines in it keep threads.
struct DynamicLibrary {
    /// Why a library or a function in it could not be found.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    // An opaque token of the loader, never dereferenced here.
    private let handle: UnsafeMutableRawPointer
    private let path: String

    /// Opens the library at `path` (or with that name, on the loader's path). Its symbols stay private to it, because
    /// two of the engines bring different builds of the same run-time library.
    init(_ path: String) throws(Failure) {
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw Failure(description: dlerror().map { String(cString: $0) } ?? "\(path) cannot be loaded")
        }
        self.handle = handle
        self.path = path
    }

    /// The function called `name`, as the C function type `type`.
    func function<Function>(_ name: String, as type: Function.Type = Function.self) throws(Failure) -> Function {
        guard let address = dlsym(handle, name) else {
            throw Failure(description: "\(path) has no function \(name); it is of another version")
        }
        // The declared type is that of the pinned version's C interface.
        return unsafeBitCast(address, to: type)
    }
}
