import EventLoop

/// The calling side's long replies, fetched piece by piece: few at a time, so that what is under way stays small
/// whatever is asked for at once.
@Loop final class ReplyFetches {
    private static let atATime = 8

    private var running = 0
    private var waiting: [Promise<Void, Never>] = []

    /// The body of `size` bytes whose pieces `piece` brings, by their start; nil once nobody wants it any more.
    func body(
        of size: Int, while isWanted: @Loop () -> Bool, piece: @Loop (_ start: Int) async throws(BusError) -> BusReply
    ) async throws(BusError) -> [UInt8]? {
        await enter()
        defer { leave() }
        var body: [UInt8] = []
        while body.count < size {
            guard isWanted() else { return nil }
            let piece = try await piece(body.count)
            guard piece.status == 200, !piece.body.isEmpty, body.count + piece.body.count <= size else {
                throw .noAnswer
            }
            if body.isEmpty { body.reserveCapacity(size) }
            body += piece.body
        }
        return body
    }

    private func enter() async {
        guard running >= Self.atATime else {
            running += 1
            return
        }
        let turn = Promise<Void, Never>()
        waiting.append(turn)
        await turn.value()
    }

    private func leave() {
        if waiting.isEmpty {
            running -= 1
        } else {
            waiting.removeFirst().succeed(())
        }
    }
}
