import EventLoop
import JSON
import Models
import TestSupport
import Testing

/// What must hold whatever has happened to any process: the registers' memory, the apps' journals and the database
/// tell the same story, no command is without its end, and no service has tried what Redis does not let it do.
@Loop enum Invariants {
    /// A deadline is noticed by the next sweep; this is how late that may be.
    static let sweep = Duration.seconds(10)

    /// Waits until nothing is under way any more, then compares; an issue for everything that does not hold.
    static func check(
        _ stack: Stack, within limit: Duration = .seconds(60), sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let books = Books(stack)
        let floor = ShopFloor(stack: stack)
        let calm: Bool? = await eventually(within: limit) { (try? await isCalm(books, floor)) == true ? true : nil }
        let violations = violations(
            try await books.commands(), try await floor.devices(), stuck: try await books.stuckDevices(), at: .now())
        await books.close()
        #expect(calm == true, "nothing may be under way any more", sourceLocation: sourceLocation)
        #expect(try await stack.refusals() == [], "no service may be refused anything", sourceLocation: sourceLocation)
        for violation in violations { Issue.record(Comment(rawValue: violation), sourceLocation: sourceLocation) }
    }

    private static func isCalm(_ books: Books, _ floor: ShopFloor) async throws -> Bool {
        // What was ordered of a device that nobody has connected waits until its time is over.
        let devices = try await floor.devices()
        guard try await books.open(of: Array(devices.keys)).isEmpty else { return false }
        return devices.values.allSatisfy { $0.isConnected && $0.unacked.isEmpty && $0.running == nil }
    }

    static func violations(
        _ commands: [Books.Entry], _ devices: [String: ShopFloor.Device], stuck: [String], at now: Timestamp
    ) -> [String] {
        let known = Dictionary(uniqueKeysWithValues: commands.map { ($0.id, $0) })
        var found = stuck.map { "\($0) is held by a command that has ended" }
        for command in commands {
            var problems = problems(of: command, at: now)
            // What a test itself has answered in a device's name is in no journal, and on no paper.
            if let device = devices[command.device] { problems += disagreements(command, device) }
            for problem in problems {
                found.append(
                    "\(command.id) on \(command.device), \(command.status), \(command.outcome ?? "-"): \(problem)")
            }
        }
        for (id, device) in devices {
            for (command, count) in device.prints where count > 1 {
                found.append("\(id) printed \(command) \(count) times")
            }
            for command in device.journal.keys where known[command]?.device != id {
                found.append("\(id) has \(command), which was never ordered of it")
            }
        }
        return found
    }

    private static func problems(of command: Books.Entry, at now: Timestamp) -> [String] {
        var problems: [String] = []
        if !command.isFinal, command.expiresAt + sweep < now {
            problems.append("is past its deadline and has no final state")
        }
        let endings = command.events.filter { ["command.completed", "command.failed", "command.timeout"].contains($0) }
        let wanted = command.isFinal && command.status != "cancelled" ? 1 : 0
        if endings.count != wanted { problems.append("has the events \(command.events)") }
        return problems
    }

    private static func disagreements(_ command: Books.Entry, _ device: ShopFloor.Device) -> [String] {
        var problems: [String] = []
        let prints = device.prints[command.id] ?? 0
        if prints > 0, command.outcome != "executed" { problems.append("was printed, and the cloud does not know") }
        if prints > 0, command.type == "print_receipt", command.receipts != 1 {
            problems.append("was printed and has \(command.receipts) receipts")
        }
        if prints == 0, command.receipts > 0 { problems.append("has a receipt and was never printed") }
        return problems + disagreements(command, device.journal[command.id])
    }

    /// An answer that the cloud has acknowledged is in the database, as it was given.
    private static func disagreements(_ command: Books.Entry, _ entry: JSON?) -> [String] {
        switch (entry?["state"]?.string, entry?["ok"]?.bool) {
        case ("acked", true):
            let agrees = command.outcome == "executed" && command.result == entry?["data"]
            let number = entry?["data"]?["receiptNumber"]?.string
            return (agrees ? [] : ["was acknowledged as done, with another result: \(entry?.text ?? "")"])
                + (command.receipts == 0 || command.receiptNumber == number ? [] : ["has the receipt of another"])
        case ("acked", _):
            let agrees = command.outcome == "not_executed" && command.error?["code"] == entry?["error"]?["code"]
            return agrees ? [] : ["was acknowledged as refused, with another result: \(entry?.text ?? "")"]
        case (nil, _):
            return command.outcome == "executed" ? ["was never in the journal of the app"] : []
        default:
            return []
        }
    }
}
