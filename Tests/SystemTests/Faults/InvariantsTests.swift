import EventLoop
import JSON
import Models
import Testing

@Suite("The judge of the fault tests") @Loop struct InvariantsTests {
    static let now = Timestamp.now()

    static func command(
        _ status: String = "completed", _ outcome: String? = "executed", receipts: Int = 1,
        events: [String] = ["command.completed"], expires: Duration = .seconds(60)
    ) -> Books.Entry {
        Books.Entry(
            id: "cmd_1", device: "dev_1", type: "print_receipt", status: status, outcome: outcome,
            result: ["receiptNumber": "7"], error: nil, expiresAt: now + expires,
            finishedAt: status == "sent" ? nil : now, receiptNumber: receipts > 0 ? "7" : nil, receipts: receipts,
            events: events)
    }

    static func device(prints: Int = 1, number: String = "7", state: String = "acked") -> ShopFloor.Device {
        let entry: JSON = ["state": .string(state), "ok": true, "data": ["receiptNumber": .string(number)]]
        return ShopFloor.Device([
            "connected": true, "prints": prints > 0 ? ["cmd_1": .number(prints)] : [:],
            "journal": prints > 0 ? ["cmd_1": entry] : [:], "unacked": [],
        ])
    }

    func judge(_ command: Books.Entry, _ device: ShopFloor.Device, stuck: [String] = []) -> [String] {
        Invariants.violations([command], ["dev_1": device], stuck: stuck, at: Self.now)
    }

    @Test("has nothing against a receipt that was printed once") func innocent() {
        #expect(judge(Self.command(), Self.device()) == [])
    }

    @Test("notices whatever must never happen") func guilty() {
        #expect(judge(Self.command(), Self.device(prints: 2)).contains { $0.contains("printed cmd_1 2 times") })
        #expect(judge(Self.command(), Self.device(prints: 0)).contains { $0.contains("was never printed") })
        #expect(judge(Self.command(receipts: 0), Self.device()).contains { $0.contains("0 receipts") })
        #expect(judge(Self.command("timeout", "unknown"), Self.device()).contains { $0.contains("does not know") })
        #expect(judge(Self.command(), Self.device(number: "8")).contains { $0.contains("another result") })
        #expect(judge(Self.command(events: []), Self.device()).contains { $0.contains("events") })
        let twice = ["command.completed", "command.completed"]
        #expect(judge(Self.command(events: twice), Self.device()).contains { $0.contains("events") })
        let overdue = Self.command("sent", "unknown", receipts: 0, events: [], expires: .seconds(-60))
        #expect(judge(overdue, Self.device(prints: 0)).contains { $0.contains("past its deadline") })
        #expect(judge(Self.command(), Self.device(), stuck: ["dev_1"]).contains { $0.contains("is held") })
        #expect(Invariants.violations([Self.command()], [:], stuck: [], at: Self.now) == [])
        #expect(Invariants.violations([Self.command(events: [])], [:], stuck: [], at: Self.now).count == 1)
        #expect(Invariants.violations([], ["dev_1": Self.device()], stuck: [], at: Self.now).count == 1)
    }
}
