/// The bounds of an ``HTTPServer``.
package struct HTTPServerConfiguration: Sendable {
    /// How much of a request is taken.
    package var limits = HTTPParserLimits()
    /// From the first byte of a request (of a new connection: from its acceptance) to the end of its header fields,
    /// however steadily bytes trickle in; beyond 408.
    package var headerDeadline = Duration.seconds(10)
    /// From the end of the header fields to the end of the body; beyond 408.
    package var bodyDeadline = Duration.seconds(30)
    /// How long a kept connection may stay silent; then it is closed without a word.
    package var idleDeadline = Duration.seconds(75)
    /// How long a client may take no byte of an answer; then the connection is cut.
    package var stalledWriteDeadline = Duration.seconds(30)
    /// After a closing answer, how long what the client still sends is read and dropped.
    package var lingering = Duration.seconds(2)
    /// Connections at a time, without those given away. Beyond, who has kept the server waiting longest is cut; only
    /// while all of them are being answered do more wait in the system's queue.
    package var maximumConnections = 10_000
    /// Bytes of answers, of all connections together, that may wait for clients who do not take them as fast; beyond, who
    /// has been taking longest is cut.
    package var maximumUnsentBytes = 512 << 20

    /// The bounds as stated.
    package init() {}
}
