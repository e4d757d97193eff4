import Dispatch
import Synchronization
import Testing

@testable import ServiceRuntime

@Suite("Writing the log") struct LogWriterTests {
    @Test("lines arrive whole and in order")
    func order() {
        let output = Output()
        let writer = LogWriter { output.append($0) }
        for number in 0..<1000 { writer.append(Array("\(number)\n".utf8)) }
        writer.flush(timeout: .seconds(10))
        #expect(output.text == (0..<1000).map { "\($0)\n" }.joined())
        #expect(writer.dropped == 0)
    }

    @Test("while the reader stalls, a mebibyte waits and the rest is dropped and counted")
    func stalled() {
        let gate = DispatchSemaphore(value: 0)
        let entered = DispatchSemaphore(value: 0)
        let output = Output()
        let writer = LogWriter { bytes in
            entered.signal()
            gate.wait()
            output.append(bytes)
        }
        writer.append([0])
        entered.wait()
        let line = [UInt8](repeating: 1, count: 1024)
        for _ in 0..<1030 { writer.append(line) }
        #expect(writer.dropped == 6)
        gate.signal()
        gate.signal()
        writer.flush(timeout: .seconds(10))
        #expect(output.count == 1 + 1_048_576)
    }
}

private final class Output: Sendable {
    private let bytes = Mutex<[UInt8]>([])
    func append(_ more: [UInt8]) { bytes.withLock { $0 += more } }
    var count: Int { bytes.withLock { $0.count } }
    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
}
