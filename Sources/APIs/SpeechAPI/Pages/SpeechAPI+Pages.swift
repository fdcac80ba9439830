import Hummingbird
public import Serving

extension SpeechAPI {
    /// The description of the routes, those of OpenAI's clients included. Throws when it is malformed.
    public static func document() throws -> OpenAPIDocument { try OpenAPIDocument(yaml: PackageResources.openapi_yaml) }

    func addPages(to router: AccessRoutes) {
        let home = Page(PackageResources.home_html)
        router.get("/") { _, _ in home.response() }
    }
}
