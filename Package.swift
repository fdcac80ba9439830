// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// The folders of the modules, each below the ones after it.
enum Floor: String {
    case base = "Base"
    case links = "Links"
    case core = "Core"
    case apis = "APIs"
}

/// A module of the server. It may depend only on modules of the floors below its own (see ARCHITECTURE.md).
func module(
    _ name: String,
    on floor: Floor,
    dependsOn dependencies: [Target.Dependency] = [],
    resources: [Resource] = []
) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        path: "Sources/\(floor.rawValue)/\(name)",
        resources: resources,
        swiftSettings: settings
    )
}

/// A C library that is linked, with the package of Debian that has its headers.
func linked(_ name: String, as pkgConfig: String, from package: String) -> Target {
    .systemLibrary(name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

func tests(of name: String, using dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.byName(name: name), "TestRandom"] + dependencies,
        swiftSettings: settings
    )
}

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let deque = product(name: "DequeModule", package: "swift-collections")
    static let coreMetrics = product(name: "CoreMetrics", package: "swift-metrics")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let httpClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbirdTesting = product(name: "HummingbirdTesting", package: "hummingbird")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let logging = product(name: "Logging", package: "swift-log")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioFoundation = product(name: "NIOFoundationCompat", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioHTTPTypes = product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let nioConcurrency = product(name: "NIOConcurrencyHelpers", package: "swift-nio")
    static let nioEmbedded = product(name: "NIOEmbedded", package: "swift-nio")
    static let nioTLS = product(name: "NIOTLS", package: "swift-nio")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioHTTPTypesHTTP1 = product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let yams = product(name: "Yams", package: "Yams")
}

let package = Package(
    name: "antiphon",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "antiphon", targets: ["antiphon"]),
        // For programs of others; Examples/Embedding uses most. Each has what its interface names besides.
        .library(name: "Audio", targets: ["Audio"]),
        .library(name: "WebSocket", targets: ["WebSocket"]),
        .library(name: "Events", targets: ["Events", "Redis"]),
        .library(name: "Speech", targets: ["Speech", "Audio"]),
        .library(name: "Conversation", targets: ["Conversation", "Audio", "Dialogue", "Events", "Speech", "Storage"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries: codecs are linked, speech engines are only declared and loaded at run time.
        linked("CSndfile", as: "sndfile", from: "libsndfile1-dev"),
        linked("CSoxr", as: "soxr", from: "libsoxr-dev"),
        linked("CLame", as: "lame", from: "libmp3lame-dev"),
        linked("CMpg123", as: "libmpg123", from: "libmpg123-dev"),
        linked("COpusEnc", as: "libopusenc", from: "libopusenc-dev"),
        linked("CVOAACEnc", as: "vo-aacenc", from: "libvo-aacenc-dev"),
        linked("CZlib", as: "zlib", from: "zlib1g-dev"),
        .target(name: "CSpeechEngines", path: "Sources/System/CSpeechEngines"),
        .systemLibrary(name: "CSpawn", path: "Sources/System/CSpawn"),
        .systemLibrary(name: "CEpoll", path: "Sources/System/CEpoll"),
        .systemLibrary(name: "CDescriptors", path: "Sources/System/CDescriptors"),

        module(
            "Audio",
            on: .base,
            dependsOn: ["CSndfile", "CSoxr", "CLame", "CMpg123", "COpusEnc", "CVOAACEnc", "CSpawn"]
        ),
        module("Resilience", on: .base),
        module("Settings", on: .base, dependsOn: [.logging, .yams]),
        module("SpokenText", on: .base),
        module("Telemetry", on: .base, dependsOn: [.logging, .coreMetrics]),
        module(
            "WebSocket",
            on: .links,
            dependsOn: ["CZlib", "Resilience", .crypto, .deque, .nioCore, .nioHTTP1, .nioPosix, .nioSSL]
        ),
        module("Redis", on: .links, dependsOn: ["Resilience", .logging, .nioCore, .nioPosix, .nioSSL]),

        module(
            "Speech",
            on: .core,
            dependsOn: [
                "Audio", "Resilience", "SpokenText", "Telemetry", "CDescriptors", "CSpeechEngines", .coreMetrics,
                .crypto,
                .httpClient, .logging, .nioCore, .nioFoundation, .nioHTTP1,
            ]
        ),
        module(
            "Dialogue",
            on: .core,
            dependsOn: ["Resilience", "SpokenText", "Telemetry", .httpClient, .nioCore, .nioHTTP1, .nioPosix, .yams],
            resources: [.embedInCode("Resources/assistant.yaml")]
        ),

        module("Storage", on: .core, dependsOn: [.crypto, .grdb, .logging]),
        module("Events", on: .core, dependsOn: ["Redis", "WebSocket", .deque, .logging, .nioCore, .nioPosix]),

        module(
            "Conversation",
            on: .core,
            dependsOn: ["Audio", "Speech", "Dialogue", "Events", "Storage", .deque, .logging, .nioCore]
        ),

        module(
            "Serving",
            on: .apis,
            dependsOn: [
                "Audio", "Speech", "Dialogue", "Conversation", "Events", "Settings", "Storage", "Telemetry",
                "WebSocket", .coreMetrics,
                .crypto, .httpTypes, .hummingbird, .hummingbirdCore, .lifecycle, .logging, .nioCore, .nioHTTP1,
                .nioHTTPTypes, .nioHTTPTypesHTTP1, .nioPosix, .nioSSL, .nioTLS, .yams,
            ],
            resources: [.embedInCode("Resources")]
        ),

        module(
            "SpeechAPI",
            on: .apis,
            dependsOn: [
                "Audio", "Speech", "Dialogue", "Conversation", "Settings", "Storage", "Telemetry", "Serving",
                "WebSocket",
                .coreMetrics, .httpTypes, .hummingbird, .logging, .nioCore,
            ],
            resources: [.embedInCode("Resources")]
        ),
        module(
            "OpenAIAPI",
            on: .apis,
            dependsOn: [
                "Audio", "Speech", "Dialogue", "Settings", "Telemetry", "Serving", .httpClient, .httpTypes,
                .hummingbird, .logging, .nioCore, .nioHTTP1,
            ]
        ),

        module(
            "EventsAPI",
            on: .apis,
            dependsOn: [
                "Events", "Resilience", "Settings", "Storage", "Telemetry", "Serving", "WebSocket", .coreMetrics,
                .httpTypes, .hummingbird, .lifecycle, .logging, .nioCore, .nioFoundation,
            ],
            resources: [.embedInCode("Resources")]
        ),

        .executableTarget(
            name: "antiphon",
            dependencies: [
                "Audio", "Speech", "Dialogue", "Conversation", "Settings", "Storage", "Telemetry", "Serving",
                "SpeechAPI", "OpenAIAPI", "EventsAPI", "Events", "Redis", "WebSocket", .argumentParser, .httpClient,
                .hummingbird,
                .lifecycle, .logging, .nioCore, .nioPosix, .nioSSL, .unixSignals,
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "training-progress",
            dependencies: [
                "Events", "EventsAPI", "Serving", "Settings", "Telemetry", "WebSocket", .argumentParser, .hummingbird,
                .lifecycle, .logging, .nioPosix, .unixSignals,
            ],
            path: "Examples/TrainingProgress",
            resources: [.embedInCode("Resources")],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "embedding",
            dependencies: ["Audio", "Conversation", "Dialogue", "Events", "Speech", "Storage", .nioCore, .nioPosix],
            path: "Examples/Embedding",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "Audio", "Speech", "Dialogue", "Conversation", "Storage", "CEpoll", .argumentParser, .logging,
            ],
            path: "Benchmarks",
            exclude: [
                "allocations.py", "thresholds.json", "Fanout/allocations.c", "serving.py", "fanout.py", "soak.py",
                "load.py", "rivals",
            ],
            swiftSettings: settings
        ),

        // Random numbers for tests.
        .target(name: "TestRandom", path: "Tests/TestRandom", swiftSettings: settings),
        // Other programs that tests run.
        .target(name: "TestProcess", dependencies: ["CSpawn"], path: "Tests/TestProcess", swiftSettings: settings),
        tests(of: "Audio", using: ["TestProcess"]),
        tests(of: "Resilience"),
        tests(of: "SpokenText"),
        tests(of: "Speech", using: ["CSpeechEngines", "SpokenText", "TestProcess", .crypto]),
        tests(of: "Dialogue", using: ["Resilience", "Telemetry", .httpClient, .nioCore, .nioHTTP1, .nioPosix]),
        tests(
            of: "Conversation",
            using: ["Events", "Storage", "TestProcess", "TestRedis", .logging, .nioCore, .nioPosix]
        ),
        tests(of: "Settings", using: [.logging]),
        tests(of: "Telemetry", using: ["TestProcess", .logging, .coreMetrics]),
        tests(of: "Storage", using: [.grdb, .logging]),
        // A WebSocket server for tests, and a client that does what no client should.
        .target(
            name: "TestWebSocket",
            dependencies: ["TestRedis", "WebSocket", .nioCore, .nioPosix],
            path: "Tests/TestWebSocket",
            swiftSettings: settings
        ),
        tests(of: "WebSocket", using: ["Resilience", "TestRedis", "TestWebSocket", .nioCore, .nioEmbedded, .nioPosix]),
        // A Redis server for tests.
        .target(name: "TestRedis", dependencies: ["TestProcess"], path: "Tests/TestRedis", swiftSettings: settings),
        tests(of: "Redis", using: ["TestProcess", "TestRedis", .logging, .nioCore, .nioEmbedded, .nioPosix, .nioSSL]),
        tests(
            of: "Events",
            using: ["Redis", "TestRedis", "TestWebSocket", "WebSocket", .deque, .logging, .nioCore, .nioPosix]
        ),
        tests(
            of: "EventsAPI",
            using: ["Events", "Settings", "Storage", "Serving", "WebSocket", .logging, .nioCore, .nioPosix]
        ),
        tests(
            of: "SpeechAPI",
            using: [
                "Audio", "Speech", "Dialogue", "Conversation", "Settings", "Storage", "Telemetry", "Serving",
                "WebSocket",
                .httpTypes, .hummingbird, .hummingbirdTesting, .logging, .nioCore, .nioEmbedded, .nioPosix,
            ]
        ),
        tests(
            of: "OpenAIAPI",
            using: [
                "Audio", "Speech", "Dialogue", "Resilience", "Settings", "Storage", "Telemetry", "Serving", .httpClient,
                .httpTypes, .hummingbird, .hummingbirdTesting, .logging, .nioCore, .nioHTTP1, .nioPosix,
            ]
        ),
        tests(
            of: "Serving",
            using: [
                "Audio", "Dialogue", "Events", "Settings", "Speech", "Storage", "Telemetry", "WebSocket", .crypto,
                .httpTypes, .hummingbird, .hummingbirdTesting, .lifecycle, .logging, .nioCore, .nioEmbedded,
                .nioHTTPTypes,
                .nioPosix, .nioTLS,
            ]
        ),
    ]
)
