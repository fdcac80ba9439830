import Hummingbird
public import Serving

extension SpeechAPI {
    /// The modules of the page at `/`.
    static let modules = PageModules([
        "conversation.js": PackageResources.conversation_js, "line.js": PackageResources.line_js,
        "microphone.js": PackageResources.microphone_js, "page.js": PackageResources.page_js,
        "playback.js": PackageResources.playback_js, "sessions.js": PackageResources.sessions_js,
        "speak.js": PackageResources.speak_js, "turns.js": PackageResources.turns_js,
    ])

    /// The description of the routes, those of OpenAI's clients included. Throws when it is malformed.
    public static func document() throws -> OpenAPIDocument { try OpenAPIDocument(yaml: PackageResources.openapi_yaml) }

    func addPages(to router: AccessRoutes) {
        let home = Page(PackageResources.home_html, hasModules: true)
        router.get("/") { _, _ in home.response() }
        router.get("/page/{module}") { _, context in
            try Self.modules.response(try context.parameters.require("module"))
        }
    }
}
