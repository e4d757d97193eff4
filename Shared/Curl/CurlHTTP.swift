import CCurl
import EventLoop

/// The only place that speaks to foreign HTTP and SMTP servers; this type speaks HTTP.
@Loop package enum CurlHTTP {
    /// Sends a request to an `http` or `https` URL and waits for the whole answer, whatever its status.
    ///
    /// Certificates are verified against the system's authorities; redirects are not followed; connections are kept
    /// for the next request to the same host.
    /// - Parameters:
    ///   - headers: sent as they are; a name or value that could break the message is refused.
    ///   - body: sent with its length, also when it is empty; nil sends none.
    ///   - bodyLimit: the longest body of an answer that is taken, in bytes.
    package static func request(
        _ method: String, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        bodyLimit: Int = 4 << 20, deadline: LoopInstant
    ) async throws(CurlError) -> CurlResponse {
        guard isToken(method) else { throw .invalidRequest("method") }
        guard !url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else { throw .invalidRequest("URL") }
        for (name, value) in headers where !isToken(name) || !isFieldValue(value) {
            throw .invalidRequest("header \(isToken(name) ? name : "name")")
        }
        let transfer = Transfer(url: url, bodyLimit: bodyLimit)
        transfer.set(CURLOPT_PROTOCOLS_STR, "http,https")
        transfer.set(CURLOPT_USERAGENT, "e-bon")
        if method == "HEAD" { transfer.set(CURLOPT_NOBODY, 1) }
        if let body { transfer.setBody(body) }
        transfer.set(CURLOPT_CUSTOMREQUEST, method)
        transfer.set(CURLOPT_HTTPHEADER, list: lines(of: headers))
        let result = try await CurlMulti.shared.run(transfer, deadline: deadline)
        if transfer.isBodyTooLarge { throw .bodyTooLarge }
        switch result.code {
        case CURLE_OK: return CurlResponse(lines: transfer.lines, status: result.status, body: transfer.body)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: throw .invalidRequest("URL")
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION:
            throw .unreachable(result.text)
        default: throw .interrupted(result.text)
        }
    }

    /// libcurl's form of header lines: `Name;` sends an empty value, and `Name:` suppresses what it would add itself.
    private static func lines(of headers: [(name: String, value: String)]) -> [String] {
        let names = Set(headers.map { $0.name.lowercased() })
        let suppressed = ["Expect", "Content-Type"].filter { !names.contains($0.lowercased()) }
        return headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
            + suppressed.map { "\($0):" }
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"()<>@,;:\\\"/[]?={}".utf8.contains($0) }
    }

    private static func isFieldValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
    }
}
