import EventLoop
import Models

/// What a credential turned out to be, for at most four seconds: a revoked one must stop working within five.
///
/// Two generations instead of a queue: the older one is dropped whole, which bounds both age and number.
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

    /// Grows whenever something is forgotten: an answer to a question of before may be outdated.
    private(set) var epoch = 0
    private let capacity: Int
    private var young: [Key: Entry] = [:]
    private var old: [Key: Entry] = [:]
    private var rotatedAt = LoopInstant(nanoseconds: 0)

    init(capacity: Int = 10_000) { self.capacity = capacity }

    var count: Int { young.count + old.count }

    func entry(_ key: Key, at now: LoopInstant) -> Entry? {
        guard let entry = young[key] ?? old[key], now - entry.askedAt < Self.lifetime else { return nil }
        return entry
    }

    func store(_ entry: Entry, for key: Key, at now: LoopInstant) {
        if young.count >= capacity || now - rotatedAt >= Self.lifetime {
            old = young
            young = [:]
            rotatedAt = now
        }
        old[key] = nil
        young[key] = entry
    }

    /// Forgets an organization, and every refusal: one of them may have become a credential of it.
    func forget(_ organization: OrgID) {
        epoch += 1
        let isKept = { (entry: Entry) in entry.credential.map { $0.caller.orgId != organization } ?? false }
        young = young.filter { isKept($0.value) }
        old = old.filter { isKept($0.value) }
    }

    func forgetAll() {
        epoch += 1
        young = [:]
        old = [:]
    }
}
