import HTTPTypes
import Hummingbird
import Serving

extension SpeechAPI {
    func addPages(to router: Router<ServingContext>) {
        let home = Page(PackageResources.home_html)
        let docs = Page(PackageResources.docs_html)
        let description = Result { try OpenAPIDocument.json(version: version) }
        router.get("/") { _, _ in home.response() }
        router.get("/docs") { _, _ in docs.response() }
        router.get("/openapi.json") { _, _ in
            var response = Response(json: try description.get())
            response.headers[.xContentTypeOptions] = "nosniff"
            return response
        }
    }
}
