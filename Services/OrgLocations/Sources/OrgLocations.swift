import Bus
import Crypto
import EventLoop
import Postgres

/// The service but for its process: the same for `main` and for the tests.
@Loop struct OrgLocations {
    let sessions: SessionStore
    let usage: KeyUsage
    private let pool: PostgresPool
    private let bus: Bus
    private let tokens: JSONWebTokens

    init(pool: PostgresPool, bus: Bus, tokens: JSONWebTokens) {
        self.pool = pool
        self.bus = bus
        self.tokens = tokens
        sessions = SessionStore(pool: pool)
        usage = KeyUsage(CredentialStore(pool: pool))
    }

    func mount() {
        AuthHandlers(store: sessions, tokens: tokens, bus: bus).mount()
        OrganizationHandlers(store: OrganizationStore(pool: pool), bus: bus).mount()
        DeviceHandlers(store: DeviceStore(pool: pool), bus: bus).mount()
        CredentialHandlers(store: CredentialStore(pool: pool), usage: usage, bus: bus).mount()
    }
}
