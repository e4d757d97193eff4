/// The bounds of one WebSocket.
package struct WebSocketLimits: Sendable {
    /// Bytes of one message, all fragments together; a longer one closes with 1009.
    package var messageBytes = 256 * 1024
    /// Bytes that may wait for a peer that does not read; more cut the connection. Owners who want to say goodbye watch
    /// ``WebSocket/bufferedBytes`` and close earlier.
    package var bufferedBytes = 4 << 20
    /// How long the peer may take to answer a close frame; then the connection is cut.
    package var closeDeadline = Duration.seconds(5)

    /// The bounds as stated.
    package init() {}

    /// The bounds as stated, but for the length of a message.
    package init(messageBytes: Int) { self.messageBytes = messageBytes }
}
