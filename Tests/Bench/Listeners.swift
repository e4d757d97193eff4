import EventLoop
import HTTP
import JSON

/// A thousand WebSockets that all get the same events, and whoever makes the events happen: how many deliveries a second
/// there are when events follow each other closely, and how long each takes when they come at a steady rate.
@Loop final class Listeners {
    private static let patience = Duration.seconds(60)
    private static let warmUp = 10
    private static let steadyRate = 10
    private static let steadySeconds = 10

    private let url: String
    private let count: Int
    private let events: Int
    private let outstanding: Int
    private let publisher: any EventPublisher
    private var sockets: [WebSocket] = []
    /// By the number of the event: when it was published, and how many have got it.
    private var published: [LoopInstant] = []
    private var arrived: [Int] = []
    private var complete = 0
    private var latencies = Latencies()
    private var lost = 0

    /// `socket-url count events outstanding`, then who publishes: `nchan url`, or `claims url key devices`.
    init(_ arguments: [String]) throws {
        url = arguments[0]
        count = try number(arguments[1])
        events = try number(arguments[2])
        outstanding = try number(arguments[3])
        switch arguments[4] {
        case "nchan": publisher = try PostedEvents(arguments[5])
        default: publisher = try Claims(arguments[5], key: arguments[6], devices: arguments[7])
        }
    }

    func run() async throws -> JSON {
        try await open()
        try await flood(Self.warmUp)
        let begin = LoopInstant.current
        try await flood(events)
        let elapsed = LoopInstant.current - begin
        latencies = Latencies()
        try await stream()
        let steady = latencies.figures(over: .seconds(Self.steadySeconds))
        return [
            "rate": .figure(Double(count * events) * 1e9 / Double(elapsed.nanoseconds)),
            "p50": steady["p50"] ?? .null, "p99": steady["p99"] ?? .null, "lost": .number(JSONNumber(lost)),
        ]
    }

    private func open() async throws {
        while sockets.count < count {
            let socket = try await WebSocketClient.connect(url) { [self] socket in
                socket.onText = { [self] in received($0) }
                socket.onClose = { [self] _ in lost += 1 }
            }
            sockets.append(socket)
        }
    }

    /// So many events one after the other, `outstanding` of them on their way at a time.
    private func flood(_ number: Int) async throws {
        let target = published.count + number
        while published.count < target {
            guard published.count - complete < outstanding else {
                try await wait { published.count - complete < outstanding }
                continue
            }
            publish()
        }
        try await wait { complete == published.count }
    }

    private func stream() async throws {
        let begin = LoopInstant.current
        for index in 0..<(Self.steadyRate * Self.steadySeconds) {
            let moment = begin + .milliseconds(index * 1000 / Self.steadyRate)
            if moment > LoopInstant.current { try await Loop.sleep(for: moment - LoopInstant.current) }
            publish()
        }
        try await wait { complete == published.count }
    }

    private func publish() {
        let number = published.count
        published.append(.current)
        arrived.append(0)
        Task.immediate { @Loop in await publisher.publish(number) }
    }

    private func received(_ text: [UInt8]) {
        guard let number = EventMark.number(in: text), number < arrived.count else { return }
        latencies.add(LoopInstant.current - published[number])
        arrived[number] += 1
        if arrived[number] == count { complete += 1 }
    }

    private func wait(_ condition: () -> Bool) async throws {
        let end = LoopInstant.current + Self.patience
        while !condition() {
            guard LoopInstant.current < end, lost == 0 else {
                throw UsageError(
                    description: "\(complete) of \(published.count) events arrived, \(lost) sockets closed")
            }
            try await Loop.sleep(for: .milliseconds(1))
        }
    }
}
