import EventLoop
import Foundation

/// A real SMTP server (Debian's aiosmtpd) that misbehaves in one way, for the time of one test.
@Loop package struct SMTPFixture {
    /// Where it listens on 127.0.0.1.
    package let port: Int
    private let directory: URL

    /// Starts a server in one of the modes of `Fixtures/smtp_server.py`, runs `body`, and stops it.
    package static func run(_ mode: String, _ body: @Loop (SMTPFixture) async throws -> Void) async throws {
        let directory = URL(filePath: NSTemporaryDirectory()).appending(path: "smtp-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/smtp_server.py")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/setpriv")
        process.arguments = ["--pdeathsig", "KILL", "/usr/bin/python3", script.path(), mode, directory.path()]
        try process.run()
        defer { kill(process.processIdentifier, SIGKILL) }
        let port = await eventually { try? String(contentsOf: directory.appending(path: "port"), encoding: .utf8) }
        guard let port = port.flatMap(Int.init) else { throw NotStarted() }
        try await body(SMTPFixture(port: port, directory: directory))
    }

    /// The file of the certificate that it shows, in the modes that have one.
    package var certificate: String { directory.appending(path: "certificate").path() }

    /// How many connections were made so far.
    package var connections: Int { accepted("connections").flatMap(Int.init) ?? 0 }

    /// Lets the server go on, in the modes in which it waits.
    package func openGate() throws { try Data().write(to: directory.appending(path: "gate")) }

    /// What the server has accepted, line ends and all.
    package func accepted(_ name: String) -> String? {
        try? String(contentsOf: directory.appending(path: name), encoding: .utf8)
    }

    private struct NotStarted: Error {}
}
