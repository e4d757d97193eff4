import EventLoop

/// The serving side's long replies, which their callers fetch piece by piece: each until its last piece has been asked
/// for, until the caller's deadline at the latest.
@Loop final class HeldReplies {
    /// What a caller asks for a piece by.
    static let endpoint = "bus.piece"
    static let bytesLimit = 128 << 20

    private struct Held {
        let body: [UInt8]
        let timer: LoopTimer
        let onEnd: @Loop () -> Void
    }

    private var replies: [String: Held] = [:]
    private var bytes = 0

    /// False when too much is held already. `onEnd` is called once the body is not needed any more.
    func hold(_ body: [UInt8], of id: String, until deadline: LoopInstant, onEnd: @escaping @Loop () -> Void) -> Bool {
        guard bytes + body.count <= Self.bytesLimit, replies[id] == nil else { return false }
        bytes += body.count
        let timer = Loop.schedule(at: deadline) { [weak self] in self?.drop(id) }
        replies[id] = Held(body: body, timer: timer, onEnd: onEnd)
        return true
    }

    /// The piece that a request asks for.
    func piece(_ request: BusRequest) -> BusReply {
        guard let id = request.path["id"], let held = replies[id], let start = request.path["start"].flatMap(Int.init),
            held.body.indices.contains(start)
        else { return BusReply(status: 404) }
        let end = min(start + Message.pieceSize, held.body.count)
        if end == held.body.count { drop(id) }
        return BusReply(status: 200, body: Array(held.body[start..<end]))
    }

    /// Gives a reply up, if it is held.
    func drop(_ id: String) {
        guard let held = replies.removeValue(forKey: id) else { return }
        bytes -= held.body.count
        held.timer.cancel()
        held.onEnd()
    }
}
