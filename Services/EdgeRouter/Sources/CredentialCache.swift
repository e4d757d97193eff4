import EventLoop
import Models

/// What a credential turned out to be, for at most four seconds: a revoked one must stop working within five.
///
/// Credentials and refusals have room of their own, so that no flood of made-up keys drives out those that are used.
@Loop final class CredentialCache {
    /// What an answer is remembered by; secrets themselves are not kept.
    enum Key: Hashable, Sendable {
        case apiKey(digest: [UInt8])
        case session(String)
    }

    struct Entry {
        /// Nil for a credential that is none.
        let credential: Credential?
        /// When the question was asked: the answer may be as old as this.
        let askedAt: LoopInstant
    }

    nonisolated static let lifetime = Duration.seconds(4)
    /// For how long, at least, it is remembered that something was genuine.
    private static let familiarity = Duration.seconds(600)

    /// Grows whenever something is forgotten: an answer to a question of before may be outdated.
    private(set) var epoch = 0
    private var holders: Generations<Entry>
    private var refusals: Generations<Entry>
    private var familiar: Generations<Void>

    init(capacity: Int = 10_000, refusals: Int = 1000) {
        holders = Generations(capacity: capacity, lifetime: Self.lifetime)
        self.refusals = Generations(capacity: refusals, lifetime: Self.lifetime)
        familiar = Generations(capacity: capacity, lifetime: Self.familiarity)
    }

    var count: Int { holders.count + refusals.count }

    func entry(_ key: Key, at now: LoopInstant) -> Entry? {
        guard let entry = holders[key] ?? refusals[key], now - entry.askedAt < Self.lifetime else { return nil }
        return entry
    }

    /// Whether this was a credential the last time that somebody asked, not long ago.
    func isFamiliar(_ key: Key) -> Bool { familiar[key] != nil }

    func store(_ entry: Entry, for key: Key, at now: LoopInstant) {
        holders.remove(key)
        refusals.remove(key)
        familiar.remove(key)
        if entry.credential == nil {
            refusals.store(entry, for: key, at: now)
        } else {
            holders.store(entry, for: key, at: now)
            familiar.store((), for: key, at: now)
        }
    }

    /// Forgets an organization, and every refusal: one of them may have become a credential of it.
    func forget(_ organization: OrgID) {
        epoch += 1
        holders.keep { $0.credential?.caller.orgId != organization }
        refusals.removeAll()
    }

    func forgetAll() {
        epoch += 1
        holders.removeAll()
        refusals.removeAll()
    }
}

/// Two generations instead of a queue: the older one is dropped whole, which bounds both age and number.
private struct Generations<Value> {
    private let capacity: Int
    private let lifetime: Duration
    private var young: [CredentialCache.Key: Value] = [:]
    private var old: [CredentialCache.Key: Value] = [:]
    private var rotatedAt = LoopInstant(nanoseconds: 0)

    init(capacity: Int, lifetime: Duration) {
        self.capacity = capacity
        self.lifetime = lifetime
    }

    var count: Int { young.count + old.count }

    subscript(key: CredentialCache.Key) -> Value? { young[key] ?? old[key] }

    mutating func store(_ value: Value, for key: CredentialCache.Key, at now: LoopInstant) {
        if young.count >= capacity || now - rotatedAt >= lifetime {
            old = young
            young = [:]
            rotatedAt = now
        }
        young[key] = value
    }

    mutating func remove(_ key: CredentialCache.Key) {
        young[key] = nil
        old[key] = nil
    }

    mutating func keep(_ isKept: (Value) -> Bool) {
        young = young.filter { isKept($0.value) }
        old = old.filter { isKept($0.value) }
    }

    mutating func removeAll() {
        young = [:]
        old = [:]
    }
}
