import CCurl

/// Where mail is handed in: `smtp://user:password@host:port` or `smtps://…`. Prints without the credentials.
package struct SMTPServer: Sendable, CustomStringConvertible, CustomReflectable {
    /// What a plain `smtp` connection does before it says anything confidential.
    package enum StartTLS: String, Sendable, CaseIterable {
        /// No TLS, no mail.
        case required
        /// TLS if the server offers it; somebody on the way can pretend that it does not.
        case optional
        /// None even if the server offers it: for a server on this machine whose certificate nobody vouches for.
        case never
    }

    let url: String
    let user: String
    let password: String
    let startTLS: StartTLS
    let authorities: String?

    /// Reads a URL with percent-encoded credentials; nil if it is none, or of another scheme.
    ///
    /// - Parameters:
    ///   - startTLS: nil requires it for a URL with credentials, and takes it if it is there for one without.
    ///   - authorities: a file of certificates (PEM) to trust instead of the system's. A certificate that none of them
    ///     vouches for, or that names another host, ends the connection.
    package init?(_ text: String, startTLS: StartTLS? = nil, authorities: String? = nil) {
        guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }), let url = curl_url() else { return nil }
        defer { curl_url_cleanup(url) }
        guard curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK else { return nil }
        func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            guard curl_url_get(url, part, &value, UInt32(flags)) == CURLUE_OK, let value else { return nil }
            defer { curl_free(value) }
            return String(cString: value)
        }
        guard let scheme = part(CURLUPART_SCHEME), ["smtp", "smtps"].contains(scheme),
            let host = part(CURLUPART_HOST), !host.isEmpty
        else { return nil }
        self.url = "\(scheme)://\(host)" + (part(CURLUPART_PORT).map { ":\($0)" } ?? "")
        user = part(CURLUPART_USER, CURLU_URLDECODE) ?? ""
        password = part(CURLUPART_PASSWORD, CURLU_URLDECODE) ?? ""
        self.authorities = authorities
        self.startTLS = startTLS ?? (user.isEmpty ? .optional : .required)
    }

    /// Scheme, host and port.
    package var description: String { url }
    /// Hides the credentials from `dump`.
    package var customMirror: Mirror { Mirror(self, children: ["url": url]) }
}
