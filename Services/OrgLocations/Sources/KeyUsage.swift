import EventLoop
import Models
import ServiceRuntime

/// When each key was last used: gathered here and written every few seconds, because a write per request would cost
/// more than the request.
@Loop final class KeyUsage {
    /// More keys than are used between two writes; the rest is recorded at its next use.
    private static let limit = 10_000

    private let store: CredentialStore
    private var uses: [APIKeyID: Timestamp] = [:]

    init(_ store: CredentialStore) { self.store = store }

    func record(_ key: APIKeyID, at moment: Timestamp) {
        if uses.count < Self.limit || uses[key] != nil { uses[key] = moment }
    }

    func write() async throws {
        guard !uses.isEmpty else { return }
        let written = uses
        uses = [:]
        do {
            try await store.recordUse(of: written)
        } catch {
            uses.merge(written) { newer, _ in newer }
            throw error
        }
    }
}
