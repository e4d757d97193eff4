import EventLoop
import Glibc
import HTTP
import TestSupport
import Testing

@Suite("Byte streams") @Loop struct StreamTests {
    @Test("carry bytes both ways over a unix socket, and pass on the end of one direction")
    func unixHalfClose() async throws {
        let path = "/tmp/ebon-stream-\(getpid()).sock"
        let listener = try TCPListener(on: .unix(path: path)) { stream in
            var received: [UInt8] = []
            stream.handler = { event in
                if case .bytes(let bytes) = event { received += bytes }
                if case .end = event {
                    stream.write(received.reversed())
                    stream.close()
                }
            }
        }
        let stream = try await TCPStream.connect(to: .unix(path: path), within: .seconds(5))
        let answer = Collector(stream)
        stream.write("abc".utf8)
        stream.finishWriting()
        #expect(await eventually { answer.hasEnded ? true : nil } != nil)
        #expect(answer.bytes == Array("cba".utf8))
        listener.close()
        #expect(access(path, F_OK) != 0)
    }

    @Test("join into a tunnel that loses nothing when one end is slow")
    func relay() async throws {
        let payload = (0..<6_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let origin = try TCPListener(on: .tcp(host: "127.0.0.1", port: 0)) { stream in
            stream.handler = { if case .end = $0 { stream.close() } }
            stream.write(payload)
            stream.finishWriting()
        }
        let ended = Promise<Void, Never>()
        let tunnel = try TCPListener(on: .tcp(host: "::1", port: 0)) { left in
            left.pauseReading()
            left.handler = { _ in }
            Task.immediate { @Loop in
                let target = StreamEndpoint.tcp(host: "127.0.0.1", port: origin.address.port)
                guard let right = try? await TCPStream.connect(to: target, within: .seconds(5)) else { return }
                StreamRelay.join(left, right) { ended.succeed(()) }
            }
        }
        let stream = try await TCPStream.connect(
            to: .tcp(host: "::1", port: tunnel.address.port), within: .seconds(5))
        let answer = Collector(stream)
        stream.pauseReading()
        for _ in 0..<20 {
            stream.resumeReading()
            try await Loop.sleep(for: .zero)
            stream.pauseReading()
        }
        stream.resumeReading()
        stream.finishWriting()
        #expect(await eventually { answer.hasEnded ? true : nil } != nil)
        #expect(answer.bytes == payload)
        await ended.value()
        origin.close()
        tunnel.close()
    }

    @Test("resolve names off the loop, and say why they cannot connect")
    func connecting() async throws {
        let listener = try TCPListener(on: .tcp(host: "127.0.0.1", port: 0)) { $0.close() }
        let port = listener.address.port
        try await TCPStream.connect(to: .tcp(host: "localhost", port: port), within: .seconds(5)).abort()
        listener.close()
        await #expect(throws: StreamError.system(SystemCallError("connect", code: ECONNREFUSED))) {
            try await TCPStream.connect(to: .tcp(host: "127.0.0.1", port: port), within: .seconds(5))
        }
        await #expect(throws: StreamError.self) {
            try await TCPStream.connect(to: .tcp(host: "no.such.host.invalid", port: 1), within: .seconds(5))
        }
        let long = StreamEndpoint.unix(path: String(repeating: "x", count: 200))
        await #expect(throws: StreamError.self) { try await TCPStream.connect(to: long, within: .seconds(5)) }
    }

    @Test("report a reset once, also while nobody reads")
    func reset() async throws {
        var accepted: TCPStream?
        let listener = try TCPListener(on: .tcp(host: "127.0.0.1", port: 0)) { stream in
            stream.pauseReading()
            stream.handler = { _ in }
            accepted = stream
        }
        let endpoint = StreamEndpoint.tcp(host: "127.0.0.1", port: listener.address.port)
        let stream = try await TCPStream.connect(to: endpoint, within: .seconds(5))
        var failures = 0
        stream.pauseReading()
        stream.handler = { if case .failed = $0 { failures += 1 } }
        stream.write("never read".utf8)
        let other = try #require(await eventually { accepted })
        #expect(await eventually { stream.bufferedBytes == 0 ? true : nil } != nil)
        other.abort()
        #expect(await eventually { failures == 1 && !stream.isOpen ? true : nil } != nil)
        listener.close()
    }
}

@Loop private final class Collector {
    private(set) var bytes: [UInt8] = []
    private(set) var hasEnded = false

    init(_ stream: TCPStream) {
        stream.handler = { event in
            switch event {
            case .bytes(let bytes): self.bytes += bytes
            case .end, .failed:
                self.hasEnded = true
                stream.close()
            case .drained: break
            }
        }
    }
}
