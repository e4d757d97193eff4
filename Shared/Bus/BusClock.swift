import EventLoop
import Models
import Redis

/// The clock that crosses hosts: Redis', which all instances ask. Deadlines on the wire are read by it, so that a host
/// whose own clock is wrong neither drops every request nor executes those that were given up long ago.
@Loop final class BusClock {
    /// An answer that took longer says too little about the moment at which it was given; it is taken only where
    /// nothing better has come for a while.
    private static let shortRoundTrip = Duration.milliseconds(20)
    private static let longestRoundTrip = Duration.milliseconds(500)
    private static let lifetime = Duration.seconds(30)

    private let local: @Loop () -> Timestamp
    private var difference = Duration.zero
    private var learnedAt: LoopInstant?

    init(local: @escaping @Loop () -> Timestamp) { self.local = local }

    var now: Timestamp { local() + difference }

    /// Asks Redis; without an answer what was learned before holds.
    func synchronize(with redis: RedisConnection) async {
        let asked = LoopInstant.current
        guard let reply = try? await redis.send("TIME").array, reply.count == 2, let seconds = reply[0].integer,
            let microseconds = reply[1].integer
        else { return }
        let roundTrip = LoopInstant.current - asked
        let isOld = learnedAt.map { asked - $0 > Self.lifetime } ?? true
        guard roundTrip <= (isOld ? Self.longestRoundTrip : Self.shortRoundTrip) else { return }
        learnedAt = asked
        let time = Timestamp(milliseconds: seconds * 1000 + microseconds / 1000)
        difference = time + roundTrip / 2 - local()
    }
}
