public import Serving

extension EventsAPI {
    /// The description of the routes. Throws when it is malformed.
    public static func document() throws -> OpenAPIDocument { try OpenAPIDocument(yaml: PackageResources.openapi_yaml) }
}
