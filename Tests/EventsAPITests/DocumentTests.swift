import Events
import Foundation
import Serving
import Testing

@testable import EventsAPI

@Suite struct DocumentTests {
    /// All objects of a document.
    private func objects(_ value: JSONValue) -> [[String: JSONValue]] {
        switch value {
        case .object(let members): [members] + members.values.flatMap(objects)
        case .array(let elements): elements.flatMap(objects)
        default: []
        }
    }

    private func texts(_ key: String, in value: JSONValue) -> [String] {
        objects(value).compactMap { if case .string(let text)? = $0[key] { text } else { nil } }
    }

    private func isThere(_ reference: String, in document: JSONValue) -> Bool {
        reference.dropFirst(2).split(separator: "/").reduce(document as JSONValue?) { $0?.members?[String($1)] } != nil
    }

    @Test func `every reference leads somewhere, and every operation has an id of its own`() throws {
        let document = try EventsAPI.document().json
        let references = texts("$ref", in: document)
        #expect(references.count > 30)
        for reference in references { #expect(isThere(reference, in: document), "\(reference)") }
        let operations = texts("operationId", in: document)
        #expect(operations.count == Set(operations).count)
    }

    @Test func `the types are those that may be published`() throws {
        let schemas = try EventsAPI.document().json.members?["components"]?.members?["schemas"]?.members
        guard case .array(let types)? = schemas?["EventType"]?.members?["enum"] else {
            Issue.record("no types")
            return
        }
        let names = types.compactMap { if case .string(let name) = $0 { name } else { nil } }
        #expect(Set(names) == Set(EventType.published.map(\.rawValue)))
    }

    @Test func `the document in docs is the one that is served`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = try Data(contentsOf: root.appending(path: "docs/openapi-events.yaml"))
        #expect(Array(file) == PackageResources.openapi_yaml)
    }

    @Test func `documents are joined, and the first counts where both have something`() throws {
        let first = try OpenAPIDocument(
            yaml: Array("{info: {title: a}, tags: [{name: x}], paths: {/a: {get: {tags: [x]}}, /b: {get: 1}}}".utf8)
        )
        let second = try OpenAPIDocument(
            yaml: Array(
                "{info: {title: b}, tags: [{name: x}, {name: y}], paths: {/b: {get: 2, put: 3}, /c: {}}, components: {s: {t: 1}}}"
                    .utf8
            )
        )
        let joined = first.joined(with: second).of(version: "7").json.members
        #expect(joined?["info"] == ["title": "a", "version": "7"])
        #expect(joined?["paths"] == ["/a": ["get": ["tags": ["x"]]], "/b": ["get": 1, "put": 3], "/c": [:]])
        #expect(joined?["tags"] == [["name": "x"], ["name": "y"]])
        #expect(joined?["components"] == ["s": ["t": 1]])
        #expect(first.only(tag: "x").json.members?["paths"] == ["/a": ["get": ["tags": ["x"]]]])
        #expect(first.without(tag: "y").json == first.json)
        #expect(first.without(tag: "x").without(path: "/b").json.members?["paths"] == [:])
        #expect(throws: OpenAPIDocument.Malformed.self) { try OpenAPIDocument(yaml: Array("a: 1".utf8)) }
    }
}
