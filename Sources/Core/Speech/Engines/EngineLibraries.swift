import Synchronization

/// The libraries that come with the models. Each is loaded once for the process, from a copy of the expected SHA-256, and
/// stays: a file that changes later changes nothing.
enum EngineLibraries {
    private struct State {
        var loaded: [String: DynamicLibrary] = [:]
        var lowestNumber: Int32 = 3
    }

    // Held while libraries are loaded, so that two engines that want the same one do not load it twice.
    private static let state = Mutex(State())

    /// The library in `file`, which needs the one in `runtime`.
    static func load(
        _ file: ModelStore.File,
        needing runtime: ModelStore.File,
        from models: ModelStore
    ) throws -> DynamicLibrary {
        try state.withLock { state in
            // The loader knows the run-time library by the name inside it once it is loaded, and looks for no file.
            _ = try load(runtime, from: models, &state)
            return try load(file, from: models, &state)
        }
    }

    private static func load(
        _ file: ModelStore.File,
        from models: ModelStore,
        _ state: inout State
    ) throws -> DynamicLibrary {
        if let library = state.loaded[file.sha256] { return library }
        let copy = try models.copy(file)
        // The loader takes a path that it knows for the library which it has opened by that path. So no number serves for
        // two libraries, whichever thread's descriptors it is of.
        var lowest = state.lowestNumber
        let library = try copy.withPath(from: &lowest) { path throws(DynamicLibrary.Failure) in
            try DynamicLibrary(path, called: models.path(file))
        }
        guard let library else { throw SealedCopy.Failure("no descriptor for \(models.path(file))") }
        state.lowestNumber = lowest
        state.loaded[file.sha256] = library
        return library
    }
}

extension EngineLibraries {
    /// sherpa-onnx, which serves several engines.
    static func sherpa(from models: ModelStore) throws -> DynamicLibrary {
        try load(ModelCatalog.sherpaLibrary, needing: ModelCatalog.sherpaRuntime, from: models)
    }

    /// libmoonshine.
    static func moonshine(from models: ModelStore) throws -> DynamicLibrary {
        try load(ModelCatalog.moonshineLibrary, needing: ModelCatalog.moonshineRuntime, from: models)
    }
}
