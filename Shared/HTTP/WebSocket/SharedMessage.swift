/// A text message as it goes to any number of clients: the frame is written once, and each socket sends the same bytes.
package final class SharedMessage {
    let frame: SharedBytes

    /// The size on the wire.
    package var count: Int { frame.count }

    /// A message of UTF-8 bytes, which are not checked.
    package init(text: [UInt8]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count + 10)
        WebSocketFrameWriter.append(.text, text, role: .server, to: &bytes)
        frame = SharedBytes(bytes)
    }
}
