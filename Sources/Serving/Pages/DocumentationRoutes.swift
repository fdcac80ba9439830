import HTTPTypes
import Hummingbird

/// `/docs`, a page that lists the routes of a listener, and `/openapi.json`, from which it is made.
public struct DocumentationRoutes: Sendable {
    private let document: OpenAPIDocument

    /// The routes for a description.
    public init(_ document: OpenAPIDocument) {
        self.document = document
    }

    /// Adds the routes.
    public func addRoutes(to routes: ListenerRoutes) {
        let router = routes.open
        let page = Page(PackageResources.docs_html)
        let description = document.json
        router.get("/docs") { _, _ in page.response() }
        router.get("/openapi.json") { _, _ in
            var response = Response(json: description)
            response.headers[.xContentTypeOptions] = "nosniff"
            return response
        }
    }
}
