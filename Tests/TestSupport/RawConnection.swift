import EventLoop
import HTTP

/// A client that sends bytes as they are and collects what comes back.
@Loop package final class RawConnection {
    /// Everything that has come back.
    package private(set) var received: [UInt8] = []
    /// True when the other side has ended the connection.
    package private(set) var hasEnded = false
    private let stream: TCPStream

    /// Connects within 5 s and sends `text`.
    package init(to endpoint: StreamEndpoint, _ text: String = "") async throws {
        stream = try await TCPStream.connect(to: endpoint, within: .seconds(5))
        stream.handler = { event in
            switch event {
            case .bytes(let bytes): self.received += bytes
            case .end:
                self.hasEnded = true
                self.stream.close()
            case .failed: self.hasEnded = true
            case .drained: break
            }
        }
        send(text)
    }

    /// Sends text.
    package func send(_ text: String) { stream.write(text.utf8) }

    /// Sends bytes.
    package func send(bytes: [UInt8]) { stream.write(bytes) }

    /// Sends the end of the stream; what comes back is still collected.
    package func finishWriting() { stream.finishWriting() }

    /// Ends the connection.
    package func close() { stream.close() }

    /// What has come back, as text.
    package var text: String { String(decoding: received, as: UTF8.self) }

    /// The status codes of all answers so far.
    package var statuses: [Int] {
        text.split(separator: "HTTP/1.1 ").compactMap { Int($0.prefix(3)) }
    }
}
