import Glibc

extension CInt {
    /// Another descriptor of the same open file, which is not left to child processes; negative on failure.
    var duplicated: CInt { fcntl(self, F_DUPFD_CLOEXEC, 0) }

    /// Closes the descriptor.
    func closeDescriptor() { _ = close(self) }
}
