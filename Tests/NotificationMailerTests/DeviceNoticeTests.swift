import Bus
import EventLoop
import Models
import TestSupport
import Testing

@testable import NotificationMailer

@Suite("A device that goes offline") @Loop struct DeviceNoticeTests {
    private static let start: Timestamp = "2026-04-26T15:30:00.000Z"

    private func status(_ status: DeviceStatus, after seconds: Int, in fixture: MailerFixture) throws -> OutboxEvent {
        let moment = Self.start + .seconds(seconds)
        return try fixture.event(
            DeviceStatusChanged(deviceId: "dev_1", status: status, timestamp: moment), id: EventID("evt_\(seconds)"),
            at: moment)
    }

    @Test("is news after five minutes, and so is then its return")
    func awayAndBack() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(status(.offline, after: 0, in: fixture))
            try await fixture.tell(at: Self.start + .seconds(299))
            #expect(try await fixture.kinds() == [])
            try await fixture.tell(at: Self.start + .seconds(300))
            #expect(try await fixture.kinds() == ["device_offline pending"])
            let job = try #require(try await fixture.store.claim(1, at: Self.start + .seconds(301)).jobs.first)
            try await fixture.store.record(.sent, of: job, at: Self.start + .seconds(301))
            try await fixture.handle(
                status(.online, after: 720, in: fixture), status(.busy, after: 721, in: fixture))
            #expect(try await fixture.kinds() == ["device_offline sent", "device_back pending"])
            let back = try #require(try await fixture.store.claim(9, at: Self.start + .seconds(722)).jobs.first)
            let content = try #require(MailCatalogue.templates[back.kind]).write(
                MailSubject(
                    data: back.data, organization: back.organization, device: back.device, date: back.wantedAt,
                    portal: MailerFixture.portal))
            #expect(content.text.contains("Deconectată: 26.04.2026, 18:30\nReconectată: 26.04.2026, 18:42"))
        }
    }

    @Test("and is back within five minutes has not been away, whatever else it does")
    func brief() async throws {
        try await MailerFixture.run { fixture in
            for minute in 0..<30 {
                try await fixture.handle(
                    status(.offline, after: minute * 60, in: fixture),
                    status(minute.isMultiple(of: 2) ? .online : .error, after: minute * 60 + 50, in: fixture))
                try await fixture.tell(at: Self.start + .seconds(minute * 60 + 59))
            }
            #expect(try await fixture.kinds() == [])
        }
    }

    @Test("again and again for longer is news once in 15 minutes")
    func flapping() async throws {
        try await MailerFixture.run { fixture in
            for round in 0..<5 {
                try await fixture.handle(status(.offline, after: round * 360, in: fixture))
                try await fixture.tell(at: Self.start + .seconds(round * 360 + 300))
                try await fixture.handle(status(.online, after: round * 360 + 330, in: fixture))
            }
            #expect(try await fixture.kinds().filter { $0.hasPrefix("device_offline") }.count == 2)
        }
    }

    @Test("says its fault after five minutes, and once, whatever else it reports meanwhile")
    func fault() async throws {
        try await MailerFixture.run { fixture in
            @Loop func report(_ fault: String?, cover: Bool = false, after seconds: Int) async throws {
                let moment = Self.start + .seconds(seconds)
                let flags = DeviceFlagsReported(
                    deviceId: "dev_1", paperEnd: false, paperNearEnd: false, coverOpen: cover,
                    fiscalMemoryAlmostFull: false, fault: fault, timestamp: moment)
                try await fixture.handle(fixture.event(flags, id: EventID("evt_\(seconds)"), at: moment))
                try await fixture.tell(at: moment)
            }
            try await report("E42", after: 0)
            try await report(nil, after: 200)
            try await report("E43", after: 210)
            try await report("E43", cover: true, after: 300)
            #expect(try await fixture.kinds() == [])
            try await report("E43", after: 510)
            try await report("E43", cover: true, after: 2000)
            #expect(try await fixture.kinds() == ["device_faulty pending"])
            try await report(nil, after: 2100)
            #expect(try await fixture.kinds() == ["device_faulty withdrawn"])
        }
    }
}
