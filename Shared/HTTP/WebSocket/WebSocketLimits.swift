/// The bounds of one WebSocket.
package struct WebSocketLimits: Sendable {
    /// Bytes of one message, all fragments together; a longer one closes with 1009.
    package var messageBytes = 256 * 1024
    /// Bytes that may wait for a peer that does not read; more cut the connection. Owners who want to say goodbye watch
    /// ``WebSocket/bufferedBytes`` and close earlier.
    package var bufferedBytes = 4 << 20
    /// Bytes that the system keeps on their way to the peer, besides; nil leaves it to the system, which takes megabytes.
    /// Few make ``WebSocket/bufferedBytes`` tell how far a peer is behind.
    package var systemBufferBytes: Int?
    /// How long the peer may take to answer a close frame; then the connection is cut.
    package var closeDeadline = Duration.seconds(5)

    /// What a peer is told that ends its stream (TCP half-close) without a close frame; nil: nothing. Behind a tunnel it is
    /// the tunnel that ends, and the word reaches the client. ``WebSocket/onClose`` reports 1006 all the same.
    package var farewell: WebSocketCloseCode?

    /// The bounds as stated.
    package init() {}

    /// The bounds as stated, but for these.
    package init(messageBytes: Int, systemBufferBytes: Int? = nil, farewell: WebSocketCloseCode? = nil) {
        self.messageBytes = messageBytes
        self.systemBufferBytes = systemBufferBytes
        self.farewell = farewell
    }
}
