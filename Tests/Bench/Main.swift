import EventLoop
import Glibc
import JSON

/// What `make bench` measures with programs of its own: each mode prints one line of JSON.
@main struct Bench {
    static func main() async {
        await Task { @Loop in await run(Array(CommandLine.arguments.dropFirst())) }.value
    }

    @Loop private static func run(_ arguments: [String]) async {
        do {
            switch (arguments.first, arguments.dropFirst().map { $0 }) {
            case ("echo", let rest) where rest.count == 1: try await PublishedEcho.serve(rest[0])
            case ("ask", let rest) where rest.count == 2: try await report(PublishedEcho.ask(rest[0], seconds: rest[1]))
            case ("serve", let rest) where rest.count == 1: try await BusCalls.serve(rest[0])
            case ("call", let rest) where rest.count == 3:
                try await report(BusCalls.call(rest[0], outstanding: rest[1], seconds: rest[2]))
            case ("commands", let rest) where rest.count == 5: try await report(CommandStream(rest).run())
            case ("submit", let rest) where rest.count == 5: try await report(CommandFlood(rest).run())
            case ("listen", let rest) where rest.count >= 6: try await report(Listeners(rest).run())
            default: fail("usage: Bench echo|ask|serve|call|commands|submit|listen …")
            }
        } catch {
            fail("\(error)")
        }
    }

    private static func report(_ figures: JSON) { print(figures.text) }
}

/// What the other end of a measurement prints once it is there.
@Loop func announceReadiness() async throws {
    print("ready")
    // The output is a pipe: without this the line waits for the end.
    fflush(nil)
    while true { try await Loop.sleep(for: .seconds(3600)) }
}

struct UsageError: Error, CustomStringConvertible {
    let description: String
}

func number(_ text: String) throws -> Int {
    guard let number = Int(text), number > 0 else { throw UsageError(description: "\(text) is no positive number") }
    return number
}

private func fail(_ reason: String) -> Never {
    let text = Array("Bench: \(reason)\n".utf8)
    _ = write(STDERR_FILENO, text, text.count)
    exit(1)
}
