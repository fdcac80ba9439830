/// A port and the APIs served on it.
public struct Listener: Sendable, Hashable {
    /// The port; 0 lets the system choose one.
    public var port: Int
    /// The APIs, each once; at least one.
    public var apis: [APIName]
    /// The address to listen on; nil means that of the setting `bind`.
    public var bind: String?
    /// Whether it speaks TLS; nil means that it does when there is a certificate (`tls.certificate`).
    public var tls: Bool?

    /// A listener.
    public init(port: Int, apis: [APIName], bind: String? = nil, tls: Bool? = nil) {
        self.port = port
        self.apis = apis
        self.bind = bind
        self.tls = tls
    }
}

extension Settings {
    /// Whether a listener of these settings speaks TLS.
    public func speaksTLS(_ listener: Listener) -> Bool { listener.tls ?? (self.tls.certificate != nil) }
}

extension [Listener] {
    /// These listeners with `api` on `port`: the listener that serves it moves there, together with its other APIs. Of
    /// several the one that serves nothing else moves, or the first. A listener that was on `port` already takes up what
    /// comes to it.
    public func serving(_ api: APIName, on port: Int) -> [Listener] {
        var listeners = self
        let own = listeners.firstIndex { $0.apis == [api] }
        guard let moved = own ?? listeners.firstIndex(where: { $0.apis.contains(api) }) else {
            return (listeners + [Listener(port: port, apis: [api])]).merged()
        }
        listeners[moved].port = port
        return listeners.merged()
    }

    /// These listeners with those of the same port and address made one.
    private func merged() -> [Listener] {
        var merged: [Listener] = []
        for listener in self {
            if let same = merged.firstIndex(where: {
                $0.port != 0 && $0.port == listener.port && $0.bind == listener.bind
            }) {
                merged[same].apis += listener.apis.filter { !merged[same].apis.contains($0) }
            } else {
                merged.append(listener)
            }
        }
        return merged
    }
}
