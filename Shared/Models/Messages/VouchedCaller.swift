/// The caller of a socket, as the edge vouches for it to the gateway in a signed header.
package struct VouchedCaller: Codable, Sendable, Equatable {
    /// Who opens the socket.
    package let caller: Caller
    /// When the credential ends by itself; nil for an API key.
    package let expiresAt: Timestamp?

    /// All members.
    package init(caller: Caller, expiresAt: Timestamp?) {
        self.caller = caller
        self.expiresAt = expiresAt
    }
}
