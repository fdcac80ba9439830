// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// A module of the server. It may depend only on modules of the floors below its own (see ARCHITECTURE.md).
func module(
    _ name: String,
    dependsOn dependencies: [Target.Dependency] = [],
    resources: [Resource] = []
) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func tests(of name: String, using dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.byName(name: name)] + dependencies,
        swiftSettings: settings
    )
}

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let deque = product(name: "DequeModule", package: "swift-collections")
    static let httpClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let logging = product(name: "Logging", package: "swift-log")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioFoundation = product(name: "NIOFoundationCompat", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let yams = product(name: "Yams", package: "Yams")
}

let package = Package(
    name: "antiphon",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "antiphon", targets: ["antiphon"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        // C libraries: codecs are linked, speech engines are only declared and loaded at run time.
        .systemLibrary(name: "CSndfile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
        .systemLibrary(name: "CSoxr", pkgConfig: "soxr", providers: [.apt(["libsoxr-dev"])]),
        .systemLibrary(name: "CLame", pkgConfig: "lame", providers: [.apt(["libmp3lame-dev"])]),
        .systemLibrary(name: "COpusEnc", pkgConfig: "libopusenc", providers: [.apt(["libopusenc-dev"])]),
        .target(name: "CSpeechEngines"),
        .systemLibrary(name: "CSpawn"),

        // Floor 0
        module("Audio", dependsOn: ["CSndfile", "CSoxr", "CLame", "COpusEnc", "CSpawn"]),
        module("Resilience"),

        // Floor 1
        module(
            "Speech",
            dependsOn: [
                "Audio", "Resilience", "CSpeechEngines", .crypto, .httpClient, .nioCore, .nioFoundation, .nioHTTP1,
            ]
        ),
        module(
            "Dialogue",
            dependsOn: ["Resilience", .httpClient, .nioCore, .nioHTTP1, .nioPosix, .yams],
            resources: [.embedInCode("Resources/assistant.yaml")]
        ),

        // Floor 2
        module("Conversation", dependsOn: ["Audio", "Speech", "Dialogue", .deque, .logging]),

        // Floor 4
        .executableTarget(
            name: "antiphon",
            dependencies: ["Audio", "Speech", "Dialogue", "Conversation", .argumentParser, .logging],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "benchmarks",
            dependencies: ["Audio", "Speech", "Dialogue", "Conversation", .argumentParser],
            path: "Benchmarks",
            swiftSettings: settings
        ),

        tests(of: "Audio"),
        tests(of: "Resilience"),
        tests(of: "Speech"),
        tests(of: "Dialogue", using: ["Resilience", .httpClient, .nioCore, .nioHTTP1, .nioPosix]),
        tests(of: "Conversation"),
    ]
)
