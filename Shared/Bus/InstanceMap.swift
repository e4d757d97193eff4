import EventLoop
import Models

/// Another instance in the local map, with what this process knows about it.
@Loop final class Peer {
    var instance: Instance
    var lastSeen: LoopInstant
    /// This process' requests to it that wait for their reply.
    var inFlight = 0
    /// It let a deadline pass and has not spoken since.
    var isSuspect = false

    init(_ instance: Instance, lastSeen: LoopInstant) {
        self.instance = instance
        self.lastSeen = lastSeen
    }

    var pressure: Int { inFlight + instance.load + (isSuspect ? 1 << 20 : 0) }
}

/// Which instances are alive, as far as their announcements tell.
@Loop final class InstanceMap {
    static let lifetime = Duration.seconds(3)
    /// A map that grows beyond this is fed by something that is no instance.
    static let limit = 4096

    private var peers: [ServiceName: [Peer]] = [:]
    private var count = 0

    func seen(_ instance: Instance, at now: LoopInstant) {
        if let peer = peer(instance.service, instance.id) {
            peer.instance = instance
            peer.lastSeen = now
            peer.isSuspect = false
        } else if count < Self.limit {
            peers[instance.service, default: []].append(Peer(instance, lastSeen: now))
            count += 1
        }
    }

    /// False when the one who says that it is alive is not known, or not at that address.
    func heard(_ instance: Instance, at now: LoopInstant) -> Bool {
        guard let known = peer(instance.service, instance.id), known.instance.address == instance.address else {
            return false
        }
        seen(instance, at: now)
        return true
    }

    func forget(_ service: ServiceName, _ id: String) {
        guard let index = peers[service]?.firstIndex(where: { $0.instance.id == id }) else { return }
        peers[service]?.remove(at: index)
        count -= 1
    }

    /// Forgets who has been silent for longer than ``lifetime``.
    /// - Returns: whether there was any.
    func expire(at now: LoopInstant) -> Bool {
        let before = count
        for service in peers.keys {
            peers[service]?.removeAll { now - $0.lastSeen > Self.lifetime }
        }
        count = peers.values.reduce(0) { $0 + $1.count }
        return count < before
    }

    func peer(_ service: ServiceName, _ id: String) -> Peer? { peers[service]?.first { $0.instance.id == id } }

    func contains(_ peer: Peer) -> Bool { self.peer(peer.instance.service, peer.instance.id) === peer }

    func instances(of service: ServiceName) -> [Instance] { peers[service, default: []].map(\.instance) }

    /// The less busy of two that chance picks: nearly as even as asking all, and a stale figure attracts no herd.
    func pick(
        _ service: ServiceName, except: String? = nil, using generator: inout some RandomNumberGenerator
    ) -> Peer? {
        var candidates = peers[service, default: []]
        if let except { candidates.removeAll { $0.instance.id == except } }
        guard candidates.count > 1 else { return candidates.first }
        let first = Int.random(in: 0..<candidates.count, using: &generator)
        let second = (first + Int.random(in: 1..<candidates.count, using: &generator)) % candidates.count
        return candidates[first].pressure <= candidates[second].pressure ? candidates[first] : candidates[second]
    }
}
