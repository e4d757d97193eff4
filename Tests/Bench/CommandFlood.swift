import EventLoop
import HTTP
import JSON

/// Orders receipts as fast as they are taken, so many at a time, from one device after the other; when they are
/// printed is for others to see.
@Loop final class CommandFlood {
    private let client: HTTPClient
    private let devices: [String]
    private let count: Int
    private let outstanding: Int
    private var ordered = 0
    private var latencies = Latencies()
    private var failures: [String: Int] = [:]

    /// `url key devices count outstanding`.
    init(_ arguments: [String]) throws {
        client = try HTTPClient(arguments[0])
        client.headers = ["x-api-key": arguments[1], "Content-Type": "application/json"]
        devices = try Order.devices(arguments[2])
        count = try number(arguments[3])
        outstanding = try number(arguments[4])
    }

    func run() async throws -> JSON {
        let begin = LoopInstant.current
        var running = outstanding
        for _ in 0..<outstanding {
            Task.immediate { @Loop in
                while ordered < count {
                    ordered += 1
                    await order(devices[ordered % devices.count])
                }
                running -= 1
            }
        }
        while running > 0 { try await Loop.sleep(for: .milliseconds(10)) }
        let failed = failures.sorted { $0.key < $1.key }.map { ($0.key, JSON.number($0.value)) }
        return ["failures": .object(JSONObject(failed)), "post": latencies.figures(over: .current - begin)]
    }

    private func order(_ device: String) async {
        let start = LoopInstant.current
        do {
            let answer = try await client.request(
                .post, "/api/v1/devices/\(device)/commands", body: Order.receipt, within: .seconds(10))
            guard answer.status == 201 else { return fail("status \(answer.status.rawValue)") }
            latencies.add(.current - start)
        } catch {
            fail("\(error)")
        }
    }

    private func fail(_ reason: String) { failures[reason, default: 0] += 1 }
}
