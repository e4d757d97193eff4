import Models
import Testing

@testable import AlertsEngine

@Suite("An alert") struct RuleTests {
    private static let created: Timestamp = "2026-04-01T08:00:00.000Z"
    private static let healthy = DeviceFacts(
        deviceId: "dev_1", orgId: "acme_corp", name: "POS 1", createdAt: created, isConnected: true,
        lastSeen: "2026-04-09T08:00:00.000Z", lastZReport: "2026-04-09T07:00:00.000Z")

    private static func device(_ change: (inout DeviceFacts) -> Void) -> DeviceFacts {
        var device = healthy
        change(&device)
        return device
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let device: DeviceFacts
        let now: Timestamp
        let expected: [String]
    }

    @Test(
        "follows from the state of the device and the time, and from nothing else",
        arguments: [
            Case(
                testDescription: "a healthy device has none", device: healthy, now: "2026-04-09T08:00:00.000Z",
                expected: []),
            Case(
                testDescription: "paper low, since it was reported",
                device: device { $0.paperSince = "2026-04-09T07:30:00.000Z" }, now: "2026-04-09T08:00:00.000Z",
                expected: ["paper_low warning 2026-04-09T07:30:00.000Z"]),
            Case(
                testDescription: "a Z report is not overdue a moment before 24 hours", device: healthy,
                now: "2026-04-10T06:59:59.999Z", expected: []),
            Case(
                testDescription: "a Z report is overdue after 24 hours", device: healthy,
                now: "2026-04-10T07:00:00.001Z", expected: ["z_report_overdue warning 2026-04-10T07:00:00.000Z"]),
            Case(
                testDescription: "without any Z report it is overdue from the creation on",
                device: device { $0.lastZReport = nil }, now: "2026-04-09T08:00:00.000Z",
                expected: ["z_report_overdue warning 2026-04-01T08:00:00.000Z"]),
            Case(
                testDescription: "an hour offline is not too long yet", device: device { $0.isConnected = false },
                now: "2026-04-09T08:59:59.999Z", expected: []),
            Case(
                testDescription: "more than an hour offline is", device: device { $0.isConnected = false },
                now: "2026-04-09T09:00:00.001Z", expected: ["disconnected error 2026-04-09T09:00:00.000Z"]),
            Case(
                testDescription: "a device never seen is disconnected an hour after its creation",
                device: device {
                    $0.isConnected = false
                    $0.lastSeen = nil
                    $0.lastZReport = "2026-04-09T07:00:00.000Z"
                }, now: "2026-04-09T08:00:00.000Z", expected: ["disconnected error 2026-04-01T09:00:00.000Z"]),
            Case(
                testDescription: "a flag holds though the clock that took it down is ahead",
                device: device {
                    $0.paperSince = "2026-04-09T09:00:00.000Z"
                    $0.coverOpenSince = "2026-04-09T08:00:00.001Z"
                    $0.fiscalMemoryAlmostFullSince = "2026-04-10T08:00:00.000Z"
                }, now: "2026-04-09T08:00:00.000Z",
                expected: [
                    "cover_open error 2026-04-09T08:00:00.001Z",
                    "fiscal_memory_almost_full warning 2026-04-10T08:00:00.000Z",
                    "paper_low warning 2026-04-09T09:00:00.000Z",
                ]),
            Case(
                testDescription: "a device that is new lacks its first Z report",
                device: DeviceFacts(
                    deviceId: "dev_1", orgId: "acme_corp", name: "POS 1", createdAt: "2026-04-09T08:00:00.001Z"),
                now: "2026-04-09T08:00:00.000Z", expected: ["z_report_overdue warning 2026-04-09T08:00:00.001Z"]),
            Case(
                testDescription: "a device whose socket is open is not disconnected, however silent",
                device: device {
                    $0.lastSeen = "2026-04-01T08:00:00.000Z"
                    $0.lastZReport = "2026-04-09T07:00:00.000Z"
                }, now: "2026-04-09T08:00:00.000Z", expected: []),
            Case(
                testDescription: "a device that was seen just now is not, though its Z report is late",
                device: device {
                    $0.isConnected = false
                    $0.lastZReport = "2026-04-08T07:59:59.999Z"
                }, now: "2026-04-09T08:00:00.000Z",
                expected: ["z_report_overdue warning 2026-04-09T07:59:59.999Z"]),
            Case(
                testDescription: "all at once come errors first, then by type",
                device: device {
                    $0.isConnected = false
                    $0.paperSince = "2026-04-09T07:30:00.000Z"
                    $0.coverOpenSince = "2026-04-09T07:31:00.000Z"
                    $0.fiscalMemoryAlmostFullSince = "2026-04-09T07:32:00.000Z"
                }, now: "2026-04-12T08:00:00.000Z",
                expected: [
                    "cover_open error 2026-04-09T07:31:00.000Z", "disconnected error 2026-04-09T09:00:00.000Z",
                    "fiscal_memory_almost_full warning 2026-04-09T07:32:00.000Z",
                    "paper_low warning 2026-04-09T07:30:00.000Z", "z_report_overdue warning 2026-04-10T07:00:00.000Z",
                ]),
        ])
    func derived(sample: Case) {
        let found = alerts(of: sample.device, at: sample.now)
        #expect(found.map { "\($0.type.rawValue) \($0.severity.rawValue) \($0.detectedAt)" } == sample.expected)
    }

    @Test("is due at the next moment at which time alone changes something")
    func due() {
        let offline = Self.device { $0.isConnected = false }
        #expect(nextDueTime(of: offline, after: "2026-04-09T08:00:00.000Z") == "2026-04-09T09:00:00.000Z")
        #expect(nextDueTime(of: offline, after: "2026-04-09T09:00:00.000Z") == "2026-04-10T07:00:00.000Z")
        #expect(nextDueTime(of: offline, after: "2026-04-10T07:00:00.000Z") == nil)
    }

    @Test("that was announced for a moment goes on when the clock is set back behind it, and no other does")
    func clockSetBack() {
        let late = Self.device {
            $0.isConnected = false
            $0.lastSeen = "2026-04-09T08:30:00.000Z"
        }
        let announced = alerts(of: late, at: "2026-04-10T07:00:00.000Z")
        func after(_ change: (inout DeviceFacts) -> Void) -> [String] {
            var device = late
            change(&device)
            return alerts(of: device, at: "2026-04-09T08:45:00.000Z", announced: announced).map(\.type.rawValue)
        }
        #expect(announced.map(\.type) == ["disconnected", "z_report_overdue"])
        #expect(after { _ in } == ["disconnected", "z_report_overdue"])
        #expect(after { $0.isConnected = true } == ["z_report_overdue"])
        #expect(after { $0.lastSeen = "2026-04-09T08:40:00.000Z" } == ["z_report_overdue"])
        #expect(after { $0.lastZReport = "2026-04-09T08:44:00.000Z" } == ["disconnected"])
    }
}
