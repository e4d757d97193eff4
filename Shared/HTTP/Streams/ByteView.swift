import EventLoop

/// The only place that speaks HTTP/1.1 and WebSocket on the wire.
///
/// Bytes lent for the length of a call, usually out of the loop's shared read buffer. Keeping the view beyond the call
/// reads somebody else's bytes: copy what is needed with `Array(view)`.
package typealias ByteView = UnsafeBufferPointer<UInt8>

extension UnsafeBufferPointer<UInt8> {
    /// The bytes from `start` up to, not including, `end`.
    func view(_ start: Int, _ end: Int) -> ByteView { ByteView(rebasing: self[start..<end]) }

    /// The bytes from `start` to the end.
    func view(from start: Int) -> ByteView { view(start, count) }
}

/// One read buffer serves every stream of the loop: whatever outlives the callback is copied out of it.
@Loop enum ReadBuffer {
    static let shared = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 64 * 1024)
}
