import EventLoop
import HTTP

/// A client that sends bytes as they are and collects what comes back.
@Loop final class RawConnection {
    private(set) var received: [UInt8] = []
    private(set) var hasEnded = false
    private let stream: TCPStream

    init(to server: LiveServer, _ text: String = "") async throws {
        stream = try await TCPStream.connect(to: server.endpoint, within: .seconds(5))
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

    func send(_ text: String) { stream.write(text.utf8) }

    func send(bytes: [UInt8]) { stream.write(bytes) }

    func finishWriting() { stream.finishWriting() }

    func close() { stream.close() }

    var text: String { String(decoding: received, as: UTF8.self) }

    /// The status codes of all answers so far.
    var statuses: [Int] {
        text.split(separator: "HTTP/1.1 ").compactMap { Int($0.prefix(3)) }
    }
}
