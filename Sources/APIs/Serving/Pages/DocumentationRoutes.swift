import HTTPTypes
import Hummingbird
import NIOCore

/// What every listener has for people: `/docs`, a page that lists its routes and sends requests, and `/openapi.json`, from
/// which the page is made. `/` leads to the page where nothing else is there.
public struct DocumentationRoutes: Sendable {
    /// The modules of the pages, by the names that they import each other by.
    static let modules = PageModules([
        "form.js": PackageResources.form_js, "markup.js": PackageResources.markup_js,
        "request.js": PackageResources.request_js, "send.js": PackageResources.send_js,
        "voices.js": PackageResources.voices_js,
    ])

    private let document: OpenAPIDocument

    /// The routes for a description.
    public init(_ document: OpenAPIDocument) {
        self.document = document
    }

    /// The description of the routes that every listener has: these, `/health` and `/metrics`. Throws when it is malformed.
    public static func document() throws -> OpenAPIDocument { try OpenAPIDocument(yaml: PackageResources.openapi_yaml) }

    /// Adds the routes. To be called when the APIs of the listener have theirs.
    public func addRoutes(to routes: ListenerRoutes) {
        let hasHome = routes.router.routes.contains { $0.method == .get && $0.path.description == "/" }
        let router = routes.open
        let page = Page(PackageResources.docs_html)
        let description = document.json
        if !hasHome {
            router.get("/") { _, _ in
                // Relative, so that it also holds behind a proxy that serves this below a path.
                Response(status: .temporaryRedirect, headers: [.location: "./docs"])
            }
        }
        router.get("/docs") { _, _ in page.response() }
        router.get("/docs/{module}") { _, context in
            try Self.modules.response(try context.parameters.require("module"))
        }
        router.get("/openapi.json") { _, _ in
            var response = Response(json: description)
            response.headers[.xContentTypeOptions] = "nosniff"
            return response
        }
    }
}
