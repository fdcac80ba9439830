import Audio
import Foundation
import HTTPTypes
import Hummingbird
import Serving
import Testing

@testable import SpeechAPI

@Suite(.timeLimit(.minutes(5))) struct PageTests {
    @Test(arguments: ["/", "/docs"]) func `pages bring all they need and may load nothing`(path: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.get(path)
            #expect(answer.status == 200)
            #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
            #expect(answer.headers[.xContentTypeOptions] == "nosniff")
            let policy = try #require(answer.headers[.contentSecurityPolicy])
            #expect(policy.contains("default-src 'none'"))
            #expect(!policy.contains("unsafe"))
            let nonce = try #require(policy.firstMatch(of: #/script-src 'nonce-([0-9a-z]+)'/#)).1
            #expect(answer.text.contains("<script nonce=\"\(nonce)\" type=\"module\""))
            #expect(!answer.text.contains(Page.placeholder))
            #expect(!answer.text.contains("src=\"http"))
            #expect(!answer.text.contains("//cdn"))
            #expect(try await server.get(path).headers[.contentSecurityPolicy] != policy)
        }
    }

    @Test func `the page's scripts are looked up by name, and run by its policy alone`() async throws {
        try await TestServer.run { server in
            let policy = try #require(try await server.get("/").headers[.contentSecurityPolicy])
            #expect(policy.contains("'self'; worker-src 'self';"))
            let script = try await server.get("/page/line.js")
            #expect(script.status == 200)
            #expect(script.headers[.contentType] == "text/javascript; charset=utf-8")
            for name in ["none.js", "..%2Fhome.html", "home.html"] {
                #expect(try await server.get("/page/\(name)").status == 404)
            }
        }
    }

    @Test func `the description is OpenAPI 3.1 with the version of the program`() async throws {
        try await TestServer.run { server in
            let answer = try await server.get("/openapi.json")
            #expect(answer.headers[.contentType] == "application/json")
            #expect(answer.json["openapi"].string?.hasPrefix("3.1") == true)
            #expect(answer.json["info"]["version"] == "9.8.7")
            #expect(answer.json["info"]["title"] == "Antiphon")
        }
    }

    @Test func `every route is described, and every described route is there`() async throws {
        try await TestServer.run { server in
            let described = try TestServer.document().json["paths"].members ?? [:]
            let documented = described.filter { !$0.key.contains("/v1/") }.flatMap { path, item in
                (item.members ?? [:]).keys.map { "\($0.uppercased()) \(path)" }
            }
            #expect(Set(documented) == Set(server.routes))
        }
    }

    @Test func `every reference of the description leads somewhere, and every operation has an id of its own`() throws {
        let document = try SpeechAPI.document().json
        var references: [String] = []
        var operations: [String] = []
        func walk(_ value: JSONValue) {
            switch value {
            case .object(let members):
                if let reference = members["$ref"]?.string { references.append(reference) }
                if let operation = members["operationId"]?.string { operations.append(operation) }
                members.values.forEach(walk)
            case .array(let elements): elements.forEach(walk)
            default: break
            }
        }
        walk(document)
        #expect(references.count > 50)
        for reference in references {
            let target = reference.dropFirst(2).split(separator: "/").reduce(document) { $0[String($1)] }
            #expect(target != .null, "\(reference)")
        }
        #expect(operations.count == Set(operations).count)
    }

    @Test func `the description has the formats that there are`() throws {
        let fields = try SpeechAPI.document().json["components"]["schemas"]["SpeakingFields"]["properties"]
        let formats = fields["output_format"]["enum"].elements?.compactMap(\.string) ?? []
        #expect(Set(formats) == Set(AudioFormat.allCases.map(\.rawValue)))
    }

    @Test func `the document in docs is the one that is served`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = try Data(contentsOf: root.appending(path: "docs/openapi.yaml"))
        #expect(Array(file) == PackageResources.openapi_yaml)
    }
}
