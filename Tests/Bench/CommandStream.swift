import EventLoop
import HTTP
import JSON
import Models

/// Orders receipts at a steady rate, from one device after the other, and follows each one to its end.
@Loop final class CommandStream {
    private static let pollInterval = Duration.milliseconds(5)
    private static let patience = Duration.seconds(10)
    private let client: HTTPClient
    private let devices: [String]
    private let rate: Int
    private let seconds: Int
    /// From the first byte of the order to the answer that says `completed`.
    private var seen = Latencies()
    /// Between the two moments that the database has.
    private var stored = Latencies()
    private var ordered = Latencies()
    private var failures: [String: Int] = [:]
    private var running = 0

    /// `url key devices rate seconds`; the devices as ``Order/devices(_:)`` has them.
    init(_ arguments: [String]) throws {
        client = try HTTPClient(arguments[0])
        client.headers = ["x-api-key": arguments[1], "Content-Type": "application/json"]
        devices = try Order.devices(arguments[2])
        rate = try number(arguments[3])
        seconds = try number(arguments[4])
    }

    func run() async throws -> JSON {
        let begin = LoopInstant.current
        for index in 0..<(rate * seconds) {
            let moment = begin + .nanoseconds(Int64(index) * 1_000_000_000 / Int64(rate))
            if moment > LoopInstant.current { try await Loop.sleep(for: moment - LoopInstant.current) }
            running += 1
            Task.immediate { @Loop in
                await order(devices[index % devices.count])
                running -= 1
            }
        }
        while running > 0 { try await Loop.sleep(for: .milliseconds(10)) }
        return [
            "completed": .number(JSONNumber(seen.count)), "failures": .object(counts),
            "post": ordered.figures(over: .seconds(seconds)), "stored": stored.figures(over: .seconds(seconds)),
            "seen": seen.figures(over: .seconds(seconds)),
        ]
    }

    private var counts: JSONObject {
        JSONObject(failures.sorted { $0.key < $1.key }.map { ($0.key, .number(JSONNumber($0.value))) })
    }

    private func order(_ device: String) async {
        let start = LoopInstant.current
        do {
            let answer = try await client.request(
                .post, "/api/v1/devices/\(device)/commands", body: Order.receipt, within: Self.patience)
            guard answer.status == 201 else { return fail("status \(answer.status.rawValue)") }
            ordered.add(LoopInstant.current - start)
            var command = try JSON(parsing: answer.body).decode(Command.self)
            while !command.status.isFinal {
                guard LoopInstant.current - start < Self.patience else { return fail("not final") }
                try await Loop.sleep(for: Self.pollInterval)
                let answer = try await client.request(.get, "/api/v1/commands/\(command.id)", within: Self.patience)
                guard answer.status == 200 else { return fail("status \(answer.status.rawValue)") }
                command = try JSON(parsing: answer.body).decode(Command.self)
            }
            guard command.status == .completed, let finished = command.finishedAt else {
                return fail(command.error?.code ?? "not completed")
            }
            seen.add(LoopInstant.current - start)
            stored.add(.milliseconds(finished.milliseconds - command.createdAt.milliseconds))
        } catch {
            fail("\(error)")
        }
    }

    private func fail(_ reason: String) { failures[reason, default: 0] += 1 }
}
