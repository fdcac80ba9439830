import Dialogue
import Events
import EventsAPI
import Foundation
import NIOCore
import NIOPosix

import Serving
import Settings
import Speech
import Storage

/// What `serve` needs before it opens a port, and what `config validate` looks at: both make it, so that what one takes
/// the other takes too.
struct ServerCheck {
    /// How the files that may be open are shared out.
    let budget: DescriptorBudget
    let engines: SpeechEngines
    let voices: VoiceRegistry
    let responder: ResponderChain
    /// The certificate of the listeners; nil when none speaks TLS.
    let certificate: ServerCertificate?
    /// What does no harm yet: missing engines that other ones stand in for, a certificate that ends soon.
    let warnings: [String]

    /// Whether the usual voice is there.
    let isVoiceKnown: Bool

    /// Makes all parts that settings can be wrong about. Throws `Problem`, `SpeechError`, `ScriptError` or `StorageError`.
    init(_ loaded: LoadedSettings) async throws {
        let settings = loaded.settings
        _ = try TopicTable.checked(settings)
        _ = try ClusterConfiguration(settings)
        try Self.checkAccess(settings)
        do {
            budget = try DescriptorBudget(limit: DescriptorBudget.raiseLimit(), settings: loaded)
        } catch {
            throw Problem(error.description, status: Problem.usage)
        }
        try Self.checkStorage(settings.storage.path)
        do {
            certificate = try ServerCertificate(settings)
        } catch {
            throw Problem(error.description, status: Problem.usage)
        }
        let aboutCertificate = certificate?.validity.warning(at: Date()).map { [$0] } ?? []
        responder = try ResponderChain(settings: settings)
        for bind in Set([settings.bind] + settings.listeners.compactMap(\.bind)) {
            // What only this machine has need not be tried.
            guard bind != "localhost" else { continue }
            try await Self.checkAddress(bind)
        }
        engines = try SpeechEngines(settings: settings)
        voices = try await engines.voices()
        do {
            try Self.checkVoice(settings, voices)
            (isVoiceKnown, warnings) = (true, aboutCertificate)
        } catch {
            // The voice may be that of an engine that is missing.
            let descriptions = await engines.describe()
            guard descriptions.contains(where: { $0.role == .synthesizer && $0.availability != .available }) else {
                throw error
            }
            isVoiceKnown = false
            warnings = aboutCertificate + ["The usual voice is not there: \(error.description)"]
        }
    }

    /// Whether others than this machine's programs can reach a server with these settings.
    static func isPublic(_ settings: Settings) -> Bool {
        settings.listeners.contains { !isLoopback($0.bind ?? settings.bind) }
    }

    /// Checks that a server which others reach does not let all of them in.
    private static func checkAccess(_ settings: Settings) throws(Problem) {
        guard isPublic(settings), settings.auth.required == .never, settings.auth.trustedNetworks.isEmpty else {
            return
        }
        throw Problem(
            """
            auth.required=false holds for this machine only, and others can reach \(settings.bind): name the networks whose \
            clients need no key in auth.trusted_networks, such as 192.168.1.0/24, or leave auth.required out and make keys \
            with antiphon keys add NAME.
            """,
            status: Problem.usage
        )
    }

    /// Checks that the database can be where it is to be, without making anything.
    private static func checkStorage(_ path: String) throws(Problem) {
        let files = FileManager.default
        var isFolder: ObjCBool = false
        if files.fileExists(atPath: path, isDirectory: &isFolder) {
            guard !isFolder.boolValue else {
                throw Problem("storage.path: \(path) is a folder; name a file in it.", status: Problem.usage)
            }
            guard files.isReadableFile(atPath: path), files.isWritableFile(atPath: path) else {
                throw Problem("storage.path: \(path) may not be read and written by this user.", status: Problem.usage)
            }
        }
        var folder = URL(filePath: path).deletingLastPathComponent()
        while !files.fileExists(atPath: folder.path, isDirectory: &isFolder), folder.path != "/" {
            folder = folder.deletingLastPathComponent()
        }
        guard isFolder.boolValue else {
            throw Problem("storage.path: \(folder.path) is a file, not a folder.", status: Problem.usage)
        }
        guard files.isWritableFile(atPath: folder.path) else {
            throw Problem("storage.path: nothing may be written in \(folder.path) by this user.", status: Problem.usage)
        }
    }

    /// Checks that this machine has an address, by opening a port that the system chooses for a moment.
    private static func checkAddress(_ address: String) async throws(Problem) {
        do {
            let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.autoRead, value: false)
                .bind(host: address, port: 0).get()
            try await channel.close()
        } catch let error as IOError where error.errnoCode == EADDRNOTAVAIL {
            throw Problem(
                "This machine does not have the address \(address); choose another with --host or the setting bind.",
                status: Problem.usage
            )
        } catch let error as IOError {
            let reason = String(cString: strerror(error.errnoCode))
            throw Problem("bind: the address \(address) cannot be listened on (\(reason)).", status: Problem.usage)
        } catch {
            throw Problem("bind: there is no address for the name \(address).", status: Problem.usage)
        }
    }

    /// Checks that the usual voice is one of those on offer.
    static func checkVoice(_ settings: Settings, _ voices: VoiceRegistry) throws(Problem) {
        guard let name = settings.speech.voice else { return }
        do {
            _ = try voices.voice(named: settings.speech.voiceMap[name] ?? name)
        } catch {
            throw Problem("speech.voice: \(error)", status: Problem.usage)
        }
    }

    private static func isLoopback(_ address: String) -> Bool {
        // A name such as 127.example.org may stand for any address.
        if address == "localhost" { return true }
        guard let text = IPAddress(address)?.description else { return false }
        return text == "::1" || text.hasPrefix("127.")
    }
}
