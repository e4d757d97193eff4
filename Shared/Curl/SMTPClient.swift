import EventLoop

/// Hands mails in to one server (RFC 5321), over TLS and with a login where that is configured.
///
/// A connection serves the next mail too, and is ended when there was none for ten seconds. At most four mails are on
/// their way at once; more wait for those.
@Loop package final class SMTPClient {
    private nonisolated static let longestAddress = 254
    private static let longestRest = Duration.seconds(10)
    nonisolated static let deadlinePassed = "the deadline has passed"
    private let server: SMTPServer
    /// The one that rests shortest is the last, and the first to be used again.
    private var idle: [(session: SMTPSession, until: LoopInstant)] = []
    private var timer: LoopTimer?

    /// A client of `server`; no connection is made yet.
    package nonisolated init(server: SMTPServer) { self.server = server }

    /// Hands one mail in, for all of `recipients` or none.
    ///
    /// - Parameters:
    ///   - message: header and body (RFC 5322); bare line feeds and carriage returns are made CRLF, dots are stuffed.
    ///   - sender: the envelope's address for bounces.
    ///   - deadline: after which the attempt counts as `connectionFailed`. Twelve minutes let a slow server answer.
    ///   - proceed: asked on another thread before the first byte of the message leaves; false ends the attempt as
    ///     `connectionFailed`, and the server has taken nothing.
    package func send(
        _ message: [UInt8], from sender: String, to recipients: [String], deadline: LoopInstant,
        proceed: @escaping @Sendable () -> Bool = { true }
    ) async -> SMTPOutcome {
        guard !recipients.isEmpty, ([sender] + recipients).allSatisfy(Self.isAddress) else {
            return .permanentFailure(code: 553, text: "the address cannot be written in an envelope")
        }
        let message = Self.canonical(message)
        let session = idle.popLast()?.session ?? SMTPSession(server: server)
        do {
            // Off the loop, because libcurl blocks when it ends an SMTP connection.
            let outcome = try await Loop.offload {
                let remaining = LoopInstant.current.duration(to: deadline).milliseconds
                guard remaining > 0 else { return SMTPOutcome.connectionFailed(Self.deadlinePassed) }
                return session.send(message, from: sender, to: recipients, within: Int(remaining), proceed: proceed)
            }
            rest(session)
            return outcome
        } catch {
            rest(session)
            return .connectionFailed("too many mails at once")
        }
    }

    /// Ends the connections that are idle, until `deadline`; those in use end with the process.
    package func close(by deadline: LoopInstant) async {
        let sessions = idle.map(\.session)
        idle = []
        timer?.cancel()
        guard !sessions.isEmpty else { return }
        let ended = Promise<Void, DeadlinePassed>(deadline: deadline, failure: DeadlinePassed())
        Task.immediate(executorPreference: Loop.executor) { @Loop in
            for session in sessions { await Self.end(session) }
            ended.succeed(())
        }
        try? await ended.value()
    }

    private func rest(_ session: SMTPSession) {
        idle.append((session, LoopInstant.current + Self.longestRest))
        arm()
    }

    private func arm() {
        guard timer == nil, let first = idle.first else { return }
        timer = Loop.schedule(at: first.until) { [weak self] in
            guard let self else { return }
            timer = nil
            let tired = idle.prefix { $0.until <= LoopInstant.current }.map(\.session)
            idle.removeFirst(tired.count)
            for session in tired {
                Task.immediate(executorPreference: Loop.executor) { @Loop in await Self.end(session) }
            }
            arm()
        }
    }

    private static func end(_ session: SMTPSession) async {
        do {
            try await Loop.offload { session.end() }
        } catch {
            // Nobody can be waited for now: the connection stays until the process ends.
        }
    }

    /// Whether an address can stand between `<` and `>` without changing the command.
    nonisolated static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts.contains("") && text.utf8.count <= longestAddress
            && text.unicodeScalars.allSatisfy {
                $0.value > 0x20 && !(0x7f...0x9f).contains($0.value) && !"<>\"\\".unicodeScalars.contains($0)
            }
    }

    /// Line ends as SMTP wants them: servers disagree on a bare one, which is how a second mail is smuggled in.
    nonisolated static func canonical(_ message: [UInt8]) -> [UInt8] {
        let (carriageReturn, lineFeed) = (UInt8(ascii: "\r"), UInt8(ascii: "\n"))
        var canonical: [UInt8] = []
        canonical.reserveCapacity(message.count + message.count / 64)
        for (index, byte) in message.enumerated() {
            switch byte {
            case lineFeed where index == 0 || message[index - 1] != carriageReturn:
                canonical += [carriageReturn, lineFeed]
            case carriageReturn where index + 1 == message.count || message[index + 1] != lineFeed:
                canonical += [carriageReturn, lineFeed]
            default:
                canonical.append(byte)
            }
        }
        return canonical
    }
}

private struct DeadlinePassed: Error {}
