import EventLoop
import Foundation
import JSON
import Models
import TestSupport
import Testing

@testable import VirtualDevice

@Suite("The journal") @Loop struct JournalTests {
    nonisolated private static let order = Order(
        id: "cmd_1", type: "cash_in", payload: ["amount": 10], expiresAt: "2026-04-09T08:13:00.000Z")
    nonisolated private static let refusal = Answer.refused(
        CommandError(code: "E301", message: "Out of paper", retryable: true))

    nonisolated private static let lines: [JournalLine] = [
        .accepted(order), .started("cmd_1"), .executed("cmd_1", .done(["a": 1])), .executed("cmd_1", refusal),
        .acked("cmd_1"),
    ]

    @Test("reads every line as it was written", arguments: lines)
    func roundTrip(_ line: JournalLine) throws {
        #expect(JournalLine(try JSON(parsing: JSON.object(line.members).serialized())) == line)
    }

    @Test("keeps its state through lines that come twice or out of order")
    func nonsense() {
        var journal = Journal()
        for line in [.acked("cmd_1"), .started("cmd_1"), .executed("cmd_1", Self.refusal)] as [JournalLine] {
            journal.apply(line)
        }
        #expect(journal == Journal())
        for line in [.accepted(Self.order), .executed("cmd_1", Self.refusal)] as [JournalLine] { journal.apply(line) }
        let executed = journal
        for line in [.accepted(Self.order), .started("cmd_1"), .executed("cmd_1", .expired)] as [JournalLine] {
            journal.apply(line)
        }
        #expect(journal == executed)
        #expect(journal.unacked == ["cmd_1"])
    }

    @Test("ignores and cuts off a last line that was not written to its end")
    func tornLine() async throws {
        let file = TemporaryFile(content: "{\"n\":1}\n{\"n\":2}\n{\"n\":")
        var log: DurableLog? = try file.log { _ in }
        #expect(file.text == "{\"n\":1}\n{\"n\":2}\n")
        let written = Promise<Void, Never>()
        log?.append(["n": 3]) { written.succeed(()) }
        await written.value()
        await log?.settle()
        // What has written last may still hold the file for a moment.
        weak let released = log
        log = nil
        _ = await eventually { released == nil ? true : nil }
        var numbers: [Int64?] = []
        _ = try file.log { numbers.append($0["n"]?.integer) }
        #expect(numbers == [1, 2, 3])
    }

    @Test("refuses a file that is damaged in the middle, rather than forget")
    func damage() {
        let file = TemporaryFile(content: "{\"n\":1}\n{\"n\"\n{\"n\":3}\n")
        #expect(throws: DurableLog.Damage.unreadable(path: file.path, line: 2)) { try file.log { _ in } }
    }

    @Test("belongs to one process at a time")
    func lock() throws {
        let file = TemporaryFile(content: "")
        let log = try file.log { _ in }
        #expect(throws: DurableLog.Damage.inUse(path: file.path)) { try file.log { _ in } }
        withExtendedLifetime(log) {}
    }

    @Test("says that lines are durable in the order in which they were appended, and only when the file has them")
    func order() async throws {
        let file = TemporaryFile(content: "")
        let log = try file.log { _ in }
        var heard: [Int] = []
        for number in 0..<100 {
            log.append(["n": .number(number)]) {
                #expect(file.text.contains("{\"n\":\(number)}\n"))
                heard.append(number)
            }
        }
        #expect(heard.isEmpty)
        await log.settle()
        #expect(heard == Array(0..<100))
    }
}

/// A file that goes away with the test.
@Loop final class TemporaryFile {
    nonisolated let path = "/tmp/ebon-journal-\(UUID().uuidString)"

    init(content: String) { #expect(FileManager.default.createFile(atPath: path, contents: Data(content.utf8))) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var text: String { String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self) }

    func log(_ replay: (JSON) -> Void) throws -> DurableLog {
        try DurableLog(path) {
            Issue.record("\($0)")
        } replay: { line in
            replay(line)
            return true
        }
    }
}
