import Bus
import Crypto
import EventLoop
import Postgres
import ServiceRuntime

/// The service but for its process: the same for `main` and for the tests.
@Loop struct OrgLocations {
    let sessions: SessionStore
    let usage: KeyUsage
    private let pool: PostgresPool
    private let bus: Bus
    private let tokens: JSONWebTokens
    private let passwords: Passwords

    init(pool: PostgresPool, bus: Bus, tokens: JSONWebTokens, metrics: Metrics) {
        self.pool = pool
        self.bus = bus
        self.tokens = tokens
        passwords = Passwords(metrics: metrics)
        sessions = SessionStore(pool: pool)
        usage = KeyUsage(CredentialStore(pool: pool))
    }

    func mount() {
        AuthHandlers(store: sessions, passwords: passwords, tokens: tokens, bus: bus).mount()
        RegistrationHandlers(
            store: RegistrationStore(pool: pool), passwords: passwords, tokens: tokens, bus: bus
        ).mount()
        ProfileHandlers(store: ProfileStore(pool: pool), passwords: passwords, bus: bus).mount()
        OrganizationHandlers(store: OrganizationStore(pool: pool), bus: bus).mount()
        LocationHandlers(store: LocationStore(pool: pool), bus: bus).mount()
        MemberHandlers(store: MemberStore(pool: pool), bus: bus).mount()
        AuditHandlers(store: AuditStore(pool: pool), bus: bus).mount()
        APIKeyHandlers(store: APIKeyStore(pool: pool), bus: bus).mount()
        DeviceHandlers(store: DeviceStore(pool: pool), bus: bus).mount()
        CredentialHandlers(store: CredentialStore(pool: pool), usage: usage, bus: bus).mount()
    }
}
