import ServiceRuntime
import Testing

@Suite("Reading the environment") struct EnvironmentReaderTests {
    private struct Sample: Configuration {
        let url: Secret
        let name: String
        let port: Int
        let patience: Duration
        let limit: RateLimit
        let proxies: [String]
        let verbose: Bool

        init(from environment: inout EnvironmentReader) {
            url = environment.secret("DATABASE_URL")
            name = environment.string("NAME", default: "nobody")
            port = environment.port("PORT", default: 8080)
            patience = environment.duration("PATIENCE", default: .seconds(10))
            limit = environment.rateLimit("LIMIT", default: RateLimit(count: 150, window: .seconds(600)))
            proxies = environment.list("PROXIES")
            verbose = environment.flag("VERBOSE", default: false)
        }
    }

    @Test("unset and empty variables take their defaults")
    func defaults() throws {
        let sample = try Sample.read(["DATABASE_URL": "postgres:///", "NAME": "", "PORT": ""])
        #expect(sample.url.revealed == "postgres:///")
        #expect(sample.name == "nobody")
        #expect(sample.port == 8080)
        #expect(sample.patience == .seconds(10))
        #expect(sample.limit.count == 150)
        #expect(sample.proxies == [])
        #expect(!sample.verbose)
    }

    @Test("set variables are read by their types")
    func values() throws {
        let sample = try Sample.read([
            "DATABASE_URL": "x", "NAME": "n", "PORT": "0", "PATIENCE": "250ms", "LIMIT": "5/1",
            "PROXIES": "10.0.0.0/8, ::1", "VERBOSE": "true",
        ])
        #expect(sample.name == "n")
        #expect(sample.port == 0)
        #expect(sample.patience == .milliseconds(250))
        #expect(sample.limit == RateLimit(count: 5, window: .seconds(1)))
        #expect(sample.proxies == ["10.0.0.0/8", "::1"])
        #expect(sample.verbose)
    }

    @Test("all problems come in one error, by name and never by value")
    func allProblems() {
        let variables = [
            "PORT": "leaked-1", "PATIENCE": "leaked-2", "LIMIT": "leaked-3", "PROXIES": "leaked-4,,",
            "VERBOSE": "leaked-5",
        ]
        let error = #expect(throws: ConfigurationError.self) { try Sample.read(variables) }
        #expect(
            error?.problems.map(\.name) == ["DATABASE_URL", "PORT", "PATIENCE", "LIMIT", "PROXIES", "VERBOSE"])
        #expect(error?.description.contains("leaked") == false)
        #expect(error?.description.hasPrefix("DATABASE_URL is missing; PORT must be a whole number") == true)
    }

    @Test(
        "ports outside 0 to 65535 are refused",
        arguments: ["-1", "65536", "80.0", " 80", "0x50", "99999999999999999999"])
    func ports(text: String) {
        #expect(problems(of: "X", text) { _ = $0.port("X", default: 0) } == 1)
    }

    @Test(
        "durations take a unit, seconds by default",
        arguments: [
            ("250ms", Duration.milliseconds(250)), ("30", .seconds(30)), ("30s", .seconds(30)), ("10m", .seconds(600)),
            ("24h", .seconds(86400)),
        ])
    func durations(text: String, expected: Duration) {
        var reader = EnvironmentReader(["X": text])
        #expect(reader.duration("X", default: .zero) == expected)
    }

    @Test("anything else is no duration", arguments: ["0", "-1s", "1.5s", "s", "1 s", "1d", "99999999999h", "1ss"])
    func notDurations(text: String) {
        #expect(problems(of: "X", text) { _ = $0.duration("X", default: .zero) } == 1)
    }

    @Test(
        "anything but count/seconds is no limit",
        arguments: ["150", "150/", "/600", "0/600", "150/0", "1/2/3", "-1/600"])
    func notLimits(text: String) {
        #expect(
            problems(of: "X", text) { _ = $0.rateLimit("X", default: RateLimit(count: 1, window: .seconds(1))) } == 1)
    }

    @Test("a rotating secret is one or two, each long enough")
    func rotatingSecrets() throws {
        let (long, longer) = (String(repeating: "a", count: 32), String(repeating: "b", count: 33))
        var reader = EnvironmentReader(["ONE": long, "TWO": "\(long),\(longer)"])
        #expect(reader.rotatingSecret("ONE").previous == nil)
        let two = reader.rotatingSecret("TWO")
        #expect(two.current.revealed == long)
        #expect(two.previous?.revealed == longer)
        try reader.finish()
        for wrong in ["short", "\(long),", "\(long),\(longer),\(long)"] {
            #expect(problems(of: "X", wrong) { _ = $0.rotatingSecret("X") } == 1)
        }
    }

    @Test("a secret prints as dots, however it is printed")
    func secretsAreHidden() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(["password": secret], to: &dumped)
        #expect("\(secret)" == "•••")
        #expect(String(reflecting: secret) == "•••")
        #expect(!dumped.contains("hunter2"))
    }

    private func problems(of name: String, _ text: String, _ read: (inout EnvironmentReader) -> Void) -> Int {
        var reader = EnvironmentReader([name: text])
        read(&reader)
        do throws(ConfigurationError) {
            try reader.finish()
            return 0
        } catch {
            return error.problems.count
        }
    }
}
