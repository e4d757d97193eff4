import CCurl
import EventLoop

/// Hands mails in to one server (RFC 5321), over TLS and with a login where that is configured.
@Loop package struct SMTPClient {
    private nonisolated static let longestAddress = 254
    private let server: SMTPServer

    /// A client of `server`; connections are kept between mails.
    package nonisolated init(server: SMTPServer) { self.server = server }

    /// Hands one mail in, for all of `recipients` or none.
    ///
    /// - Parameters:
    ///   - message: header and body (RFC 5322); bare line feeds and carriage returns are made CRLF, dots are stuffed.
    ///   - sender: the envelope's address for bounces.
    ///   - deadline: after which the attempt counts as `connectionFailed`.
    package func send(
        _ message: [UInt8], from sender: String, to recipients: [String], deadline: LoopInstant
    ) async -> SMTPOutcome {
        guard !recipients.isEmpty, ([sender] + recipients).allSatisfy(Self.isAddress) else {
            return .permanentFailure(code: 553, text: "the address cannot be written in an envelope")
        }
        let outcome = Promise<SMTPOutcome, DeadlinePassed>(deadline: deadline, failure: DeadlinePassed())
        Task.immediate(executorPreference: Loop.executor) { @Loop in
            outcome.succeed(await attempt(Self.canonical(message), sender, recipients, deadline))
        }
        do {
            return try await outcome.value()
        } catch {
            return .connectionFailed("the deadline has passed")
        }
    }

    /// Off the loop, because libcurl blocks when it ends an SMTP connection.
    private func attempt(
        _ message: [UInt8], _ sender: String, _ recipients: [String], _ deadline: LoopInstant
    ) async -> SMTPOutcome {
        do {
            return try await Loop.offload {
                let remaining = LoopInstant.current.duration(to: deadline).milliseconds
                guard remaining > 0 else { return .connectionFailed("the deadline has passed") }
                let transfer = prepare(message, sender, recipients)
                defer { transfer.release() }
                transfer.set(CURLOPT_TIMEOUT_MS, Int(remaining))
                // What bounds the wait for the reply to QUIT, after all is over.
                transfer.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, Int(remaining / 1000) + 1)
                return Self.outcome(of: transfer.result(curl_easy_perform(transfer.easy)), in: transfer)
            }
        } catch {
            return .connectionFailed("too many mails at once")
        }
    }

    private nonisolated func prepare(_ message: [UInt8], _ sender: String, _ recipients: [String]) -> Transfer {
        let transfer = Transfer(url: server.url, upload: message, bodyLimit: 64 * 1024)
        transfer.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        transfer.set(CURLOPT_UPLOAD, 1)
        transfer.set(CURLOPT_INFILESIZE_LARGE, size: message.count)
        transfer.set(CURLOPT_MAIL_FROM, "<\(sender)>")
        transfer.set(CURLOPT_MAIL_RCPT, list: recipients.map { "<\($0)>" })
        let ssl = server.startTLS == .required ? CURLUSESSL_ALL : CURLUSESSL_TRY
        transfer.set(CURLOPT_USE_SSL, Int(ssl.rawValue))
        if !server.user.isEmpty {
            transfer.set(CURLOPT_USERNAME, server.user)
            transfer.set(CURLOPT_PASSWORD, server.password)
        }
        return transfer
    }

    /// A refusal counts against the mail only if it answers the envelope or the message: a server that refuses the
    /// greeting, the login or TLS has not seen the mail, and giving it up would lose it.
    private nonisolated static func outcome(of result: TransferResult, in transfer: Transfer) -> SMTPOutcome {
        if result.code == CURLE_OK { return .accepted }
        if result.code == CURLE_OPERATION_TIMEDOUT { return .connectionFailed("the deadline has passed") }
        // The last reply but the one to QUIT, which libcurl says in the end whatever has happened.
        let reply = transfer.lines.last { !$0.hasPrefix("221") } ?? ""
        guard let code = Int(reply.prefix(3)), (400..<600).contains(code) else {
            return .connectionFailed(printable(result.text))
        }
        let refusesEnvelope = result.code == CURLE_SEND_ERROR && result.text.contains("failed: \(code)")
        let refusesMessage = result.code == CURLE_WEIRD_SERVER_REPLY && transfer.hasBegunUpload
        guard refusesEnvelope || refusesMessage else { return .connectionFailed(printable(reply)) }
        return code < 500
            ? .temporaryFailure(code: code, text: printable(reply))
            : .permanentFailure(code: code, text: printable(reply))
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

    private nonisolated static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }
            ).prefix(500))
    }
}

private struct DeadlinePassed: Error {}
