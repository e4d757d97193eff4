import CCurl

/// A conversation with one mail server that may outlive a mail: libcurl keeps the connection with the easy handle.
///
/// Unchecked because one piece of offloaded work at a time has it: it is taken from the idle ones before, and put back
/// after. All of it blocks.
final class SMTPSession: @unchecked Sendable {
    /// The greeting, TLS and the login. A server that makes a client wait on purpose waits for less.
    private static let connectLimit = 60_000
    /// In seconds, the wait for each reply; for the one to the message as RFC 5321 (section 4.5.3.2) asks, because giving
    /// up there makes two mails of one; and for the one to QUIT, which libcurl says in the end and nobody needs.
    private static let replyLimits = (ordinary: 60, message: 600, last: 5)

    private let server: SMTPServer
    private let easy: UnsafeMutableRawPointer

    init(server: SMTPServer) {
        self.server = server
        easy = Transfer.newHandle()
    }

    /// Hands one mail in within so many milliseconds. What a kept connection has lost or had enough of is tried once
    /// more on a new one, as long as nothing of the message has left.
    func send(
        _ message: [UInt8], from sender: String, to recipients: [String], within limit: Int, proceed: () -> Bool
    ) -> SMTPOutcome {
        let started = ContinuousClock.now
        let first = attempt(message, sender, recipients, limit, isFresh: false, proceed)
        let left = limit - Int((ContinuousClock.now - started) / .milliseconds(1))
        guard first.wasKept, !first.hasBegunUpload, left > 0 else { return first.outcome }
        switch first.outcome {
        case .connectionFailed, .temporaryFailure(code: 421, _):
            return attempt(message, sender, recipients, left, isFresh: true, proceed).outcome
        default: return first.outcome
        }
    }

    /// Says QUIT and releases everything; the session is not to be used again.
    func end() { curl_easy_cleanup(easy) }

    private struct Attempt {
        let outcome: SMTPOutcome
        /// Whether the connection was there before.
        let wasKept: Bool
        let hasBegunUpload: Bool
    }

    private func attempt(
        _ message: [UInt8], _ sender: String, _ recipients: [String], _ limit: Int, isFresh: Bool,
        _ proceed: () -> Bool
    ) -> Attempt {
        let transfer = Transfer(url: server.url, upload: message, bodyLimit: 64 * 1024, on: easy)
        defer { transfer.detach() }
        prepare(transfer, sender, recipients)
        transfer.set(CURLOPT_TIMEOUT_MS, limit)
        transfer.set(CURLOPT_FRESH_CONNECT, isFresh ? 1 : 0)
        let result = withoutActuallyEscaping(proceed) { proceed in
            transfer.proceed = proceed
            defer { transfer.proceed = { true } }
            return transfer.result(curl_easy_perform(easy))
        }
        return Attempt(
            outcome: SMTPOutcome(result, of: transfer), wasKept: result.connections == 0,
            hasBegunUpload: transfer.hasBegunUpload)
    }

    private func prepare(_ transfer: Transfer, _ sender: String, _ recipients: [String]) {
        transfer.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        transfer.set(CURLOPT_UPLOAD, 1)
        transfer.set(CURLOPT_INFILESIZE_LARGE, size: transfer.uploadSize)
        transfer.set(CURLOPT_MAIL_FROM, "<\(sender)>")
        transfer.set(CURLOPT_MAIL_RCPT, list: recipients.map { "<\($0)>" })
        transfer.set(CURLOPT_USE_SSL, Int(server.startTLS.level.rawValue))
        if let authorities = server.authorities { transfer.set(CURLOPT_CAINFO, authorities) }
        if !server.user.isEmpty {
            transfer.set(CURLOPT_USERNAME, server.user)
            transfer.set(CURLOPT_PASSWORD, server.password)
        }
        transfer.set(CURLOPT_CONNECTTIMEOUT_MS, Self.connectLimit)
        transfer.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, Self.replyLimits.ordinary)
        transfer.onUploaded = { $0.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, Self.replyLimits.message) }
        transfer.onLine = { transfer, line in
            let isRefusal = line.utf8.first.map { (UInt8(ascii: "4")...UInt8(ascii: "5")).contains($0) } ?? false
            if isRefusal || transfer.hasUploaded {
                transfer.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, Self.replyLimits.last)
            }
        }
    }
}

extension SMTPOutcome {
    /// A refusal counts against the mail only if it answers the envelope or the message: a server that refuses the
    /// greeting, the login or TLS has not seen the mail, and giving it up would lose it.
    fileprivate init(_ result: TransferResult, of transfer: Transfer) {
        // The last reply but the one to QUIT, which libcurl says in the end whatever has happened.
        let reply = transfer.lines.last { !$0.hasPrefix("221") } ?? ""
        switch result.code {
        case CURLE_OK: self = .accepted
        case CURLE_OPERATION_TIMEDOUT: self = .connectionFailed(SMTPClient.deadlinePassed)
        default:
            guard let code = Int(reply.prefix(3)), (400..<600).contains(code) else {
                self = .connectionFailed(result.text.printable)
                return
            }
            let refusesEnvelope = result.code == CURLE_SEND_ERROR && result.text.contains("failed: \(code)")
            let refusesMessage = result.code == CURLE_WEIRD_SERVER_REPLY && transfer.hasBegunUpload
            if !refusesEnvelope && !refusesMessage {
                self = .connectionFailed(reply.printable)
            } else if code < 500 {
                self = .temporaryFailure(code: code, text: reply.printable)
            } else {
                self = .permanentFailure(code: code, text: reply.printable)
            }
        }
    }
}

extension String {
    fileprivate var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.filter { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }
            ).prefix(500))
    }
}

extension SMTPServer.StartTLS {
    fileprivate var level: curl_usessl {
        switch self {
        case .required: CURLUSESSL_ALL
        case .optional: CURLUSESSL_TRY
        case .never: CURLUSESSL_NONE
        }
    }
}
