import Foundation
import Testing

@testable import Settings

@Suite struct DocumentationFileTests {
    @Test func `the file in docs is what the table of keys says`() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/settings.md").standardizedFileURL
        // Renew it with: antiphon config docs > docs/settings.md
        #expect(try String(contentsOf: file, encoding: .utf8) == Settings.documentation())
    }
}
