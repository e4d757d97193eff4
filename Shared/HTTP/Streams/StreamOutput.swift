import CLinux
import EventLoop
import Glibc

/// What a stream has still to send: bytes of its own, and before them others that it shares with more streams.
@Loop struct StreamOutput {
    private static let mostPieces = 64

    private var shared: [SharedBytes] = []
    /// How many of `shared` have gone out.
    private var gone = 0
    private var sharedCount = 0
    private var own: [UInt8] = []
    /// How much has gone out of what comes first.
    private var sent = 0

    /// How many bytes are left.
    var count: Int { sharedCount + own.count - sent }

    /// Lets `body` append to the end.
    mutating func append(_ body: (inout [UInt8]) -> Void) {
        if own.isEmpty { swap(&own, &SpareBuffer.bytes) }
        body(&own)
    }

    mutating func append(_ bytes: SharedBytes) {
        if !own.isEmpty {
            push(SharedBytes(own))
            SpareBuffer.recycle(&own)
        }
        push(bytes)
    }

    private mutating func push(_ bytes: SharedBytes) {
        guard bytes.count > 0 else { return }
        shared.append(bytes)
        sharedCount += bytes.count
    }

    /// Forgets the shared pieces of which nothing has gone out.
    mutating func dropUnbegun() {
        let kept = gone + (sent > 0 ? 1 : 0)
        guard kept < shared.count else { return }
        for piece in shared[kept...] { sharedCount -= piece.count }
        shared.removeLast(shared.count - kept)
    }

    /// Sends as much as the system takes at once; the number of bytes, or -1 with `errno`.
    mutating func send(to fileDescriptor: Int32) -> Int {
        var total = 0
        while count > 0 {
            let sent = sharedCount > 0 ? sendPieces(to: fileDescriptor) : sendOwn(to: fileDescriptor)
            guard sent > 0 else { return total > 0 ? total : sent }
            total += sent
            // What is one's own goes out in one piece: what is left of it now does not fit.
            if sharedCount == 0, self.sent > 0 { break }
        }
        return total
    }

    private mutating func sendOwn(to fileDescriptor: Int32) -> Int {
        let count = own.withUnsafeBufferPointer { bytes in
            Glibc.send(fileDescriptor, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return count }
        sent += count
        if sent == own.count {
            sent = 0
            SpareBuffer.recycle(&own)
        } else if sent > 64 * 1024, sent > own.count / 2 {
            own.removeFirst(sent)
            sent = 0
        }
        return count
    }

    private mutating func sendPieces(to fileDescriptor: Int32) -> Int {
        let pieces = shared[gone...].prefix(Self.mostPieces)
        let skipped = sent
        let count = withUnsafeTemporaryAllocation(of: iovec.self, capacity: Self.mostPieces) { vectors in
            var number = 0
            for piece in pieces {
                let bytes = number == 0 ? piece.bytes.view(from: skipped) : piece.bytes
                vectors[number] = iovec(
                    iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
                number += 1
            }
            var message = msghdr()
            message.msg_iov = vectors.baseAddress
            message.msg_iovlen = number
            return sendmsg(fileDescriptor, &message, Int32(MSG_NOSIGNAL))
        }
        if count > 0 { advance(by: count) }
        return count
    }

    private mutating func advance(by count: Int) {
        sent += count
        while sharedCount > 0, sent >= shared[gone].count {
            sent -= shared[gone].count
            sharedCount -= shared[gone].count
            gone += 1
        }
        if sharedCount == 0 {
            shared = []
            gone = 0
        } else if gone > 256, gone > shared.count / 2 {
            shared.removeFirst(gone)
            gone = 0
        }
    }
}

/// One buffer that any stream with an empty output borrows, so that an idle stream holds none.
@Loop private enum SpareBuffer {
    static var bytes: [UInt8] = []

    static func recycle(_ output: inout [UInt8]) {
        if output.capacity > bytes.capacity, output.capacity <= 64 * 1024 {
            output.removeAll(keepingCapacity: true)
            swap(&output, &bytes)
        }
        output = []
    }
}
