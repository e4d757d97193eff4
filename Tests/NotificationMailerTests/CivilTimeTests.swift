import Models
import Testing

@testable import NotificationMailer

@Suite("Civil time") struct CivilTimeTests {
    @Test(
        "in Bucharest is two hours ahead, three in summer",
        arguments: [
            ("2026-04-26T15:30:00.000Z", "26.04.2026, 18:30"),
            ("2026-03-29T00:59:59.999Z", "29.03.2026, 02:59"), ("2026-03-29T01:00:00.000Z", "29.03.2026, 04:00"),
            ("2026-03-28T12:00:00.000Z", "28.03.2026, 14:00"), ("2026-03-30T12:00:00.000Z", "30.03.2026, 15:00"),
            ("2026-10-25T00:59:59.999Z", "25.10.2026, 03:59"), ("2026-10-25T01:00:00.000Z", "25.10.2026, 03:00"),
            ("2024-03-31T01:00:00.000Z", "31.03.2024, 04:00"), ("2024-10-27T00:59:00.000Z", "27.10.2024, 03:59"),
            ("2027-03-27T23:00:00.000Z", "28.03.2027, 01:00"), ("2026-10-31T10:00:00.000Z", "31.10.2026, 12:00"),
            ("2026-12-31T22:30:00.000Z", "01.01.2027, 00:30"), ("2024-02-28T22:00:00.000Z", "29.02.2024, 00:00"),
            ("1969-12-31T21:59:59.000Z", "31.12.1969, 23:59"),
        ] as [(Timestamp, String)])
    func bucharest(moment: Timestamp, expected: String) {
        #expect(CivilTime.inBucharest(moment) == expected)
    }

    @Test(
        "in a header names the day and the offset",
        arguments: [
            ("2026-04-26T15:30:05.999Z", "Sun, 26 Apr 2026 15:30:05 +0000"),
            ("1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 +0000"),
            ("2000-02-29T23:59:59.000Z", "Tue, 29 Feb 2000 23:59:59 +0000"),
        ] as [(Timestamp, String)])
    func header(moment: Timestamp, expected: String) {
        #expect(CivilTime.inHeader(moment) == expected)
    }

    @Test(
        "has weeks that begin at midnight of Monday in Bucharest, and are told at eight the Monday after",
        arguments: [
            ("2026-04-27T04:59:59.999Z", "2026-04-20", "2026-04-12T21:00:00.000Z", "2026-04-19T21:00:00.000Z"),
            ("2026-04-27T05:00:00.000Z", "2026-04-27", "2026-04-19T21:00:00.000Z", "2026-04-26T21:00:00.000Z"),
            ("2026-05-03T23:00:00.000Z", "2026-04-27", "2026-04-19T21:00:00.000Z", "2026-04-26T21:00:00.000Z"),
            ("2026-03-30T04:59:59.000Z", "2026-03-23", "2026-03-15T22:00:00.000Z", "2026-03-22T22:00:00.000Z"),
            ("2026-03-30T05:00:00.000Z", "2026-03-30", "2026-03-22T22:00:00.000Z", "2026-03-29T21:00:00.000Z"),
            ("2026-10-26T05:59:59.000Z", "2026-10-19", "2026-10-11T21:00:00.000Z", "2026-10-18T21:00:00.000Z"),
            ("2026-10-26T06:00:00.000Z", "2026-10-26", "2026-10-18T21:00:00.000Z", "2026-10-25T22:00:00.000Z"),
            ("2027-01-04T06:00:00.000Z", "2027-01-04", "2026-12-27T22:00:00.000Z", "2027-01-03T22:00:00.000Z"),
        ] as [(Timestamp, String, Timestamp, Timestamp)])
    func weeks(moment: Timestamp, monday: String, from: Timestamp, to: Timestamp) {
        let week = DigestWeek(dueAt: moment)
        #expect(week.monday == monday)
        #expect(week.from == from)
        #expect(week.to == to)
        #expect(CivilTime.inBucharest(week.before).hasSuffix(", 00:00"))
    }
}
