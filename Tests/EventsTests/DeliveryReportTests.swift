import Events
import Testing

@Suite struct DeliveryReportTests {
    @Test func `reports add up`() {
        var report = DeliveryReport(targeted: 3, queued: 2, dropped: 1)
        report += DeliveryReport(targeted: 1, queued: 1)
        #expect(report == DeliveryReport(targeted: 4, queued: 3, dropped: 1))
        #expect(report + DeliveryReport() == report)
    }
}
