/// Asks who presents a credential that the edge does not know, or knows from too long ago.
package struct ResolveCredential: BusRequestMessage, Equatable {
    /// `org.resolve-credential`.
    package static let subject = "org.resolve-credential"
    /// Any instance of the organization service.
    package static let service = ServiceName.orgLocations

    /// The SHA-256 of an API key, 64 lowercase hex digits; nil when a session is asked for.
    package let keySHA256: String?
    /// The session of a verified access token; nil when an API key is asked for.
    package let sessionId: String?

    /// A question about an API key.
    package init(keySHA256: String) {
        self.keySHA256 = keySHA256
        sessionId = nil
    }

    /// A question about the session (`sid`) of an access token whose signature was verified.
    package init(sessionId: String) {
        keySHA256 = nil
        self.sessionId = sessionId
    }

    /// The caller, or that there is none.
    package struct Reply: Codable, Sendable, Equatable {
        /// The caller; nil for a credential that is unknown, revoked or inactive.
        package let caller: Caller?

        /// All members.
        package init(caller: Caller?) { self.caller = caller }
    }

    /// An API key.
    package static var example: ResolveCredential {
        ResolveCredential(keySHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
    }
}
