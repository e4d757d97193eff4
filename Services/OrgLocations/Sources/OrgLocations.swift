import Bus
import Crypto
import EventLoop
import Postgres
import ServiceRuntime

/// The service but for its process: the same for `main` and for the tests.
@Loop struct OrgLocations {
    let sessions: SessionStore
    let usage: KeyUsage
    let resets: PasswordResets
    let attempts: LoginAttemptStore
    private let pool: PostgresPool
    private let bus: Bus
    private let tokens: JSONWebTokens
    private let passwords: Passwords
    private let links: MailedLinks

    init(
        pool: PostgresPool, bus: Bus, tokens: JSONWebTokens, links: MailedLinks, limits: LoginLimits,
        metrics: Metrics
    ) {
        self.pool = pool
        self.bus = bus
        self.tokens = tokens
        self.links = links
        passwords = Passwords(metrics: metrics)
        sessions = SessionStore(pool: pool)
        attempts = LoginAttemptStore(pool: pool, limits: limits)
        usage = KeyUsage(CredentialStore(pool: pool))
        resets = PasswordResets(store: PasswordResetStore(pool: pool), bus: bus)
    }

    func mount() {
        AuthHandlers(
            store: sessions, attempts: attempts, passwords: passwords, tokens: tokens, bus: bus
        ).mount()
        RegistrationHandlers(
            store: RegistrationStore(pool: pool), passwords: passwords, tokens: tokens, bus: bus
        ).mount()
        InvitationHandlers(
            store: InvitationStore(pool: pool), passwords: passwords, links: links, tokens: tokens, bus: bus
        ).mount()
        PasswordResetHandlers(
            store: PasswordResetStore(pool: pool), resets: resets, passwords: passwords, links: links, bus: bus
        ).mount()
        ProfileHandlers(
            store: ProfileStore(pool: pool), attempts: attempts, passwords: passwords, bus: bus
        ).mount()
        OrganizationHandlers(store: OrganizationStore(pool: pool), bus: bus).mount()
        LocationHandlers(store: LocationStore(pool: pool), bus: bus).mount()
        MemberHandlers(store: MemberStore(pool: pool), bus: bus).mount()
        AuditHandlers(store: AuditStore(pool: pool), bus: bus).mount()
        APIKeyHandlers(store: APIKeyStore(pool: pool), bus: bus).mount()
        DeviceHandlers(store: DeviceStore(pool: pool), bus: bus).mount()
        CredentialHandlers(store: CredentialStore(pool: pool), usage: usage, bus: bus).mount()
    }

    /// What can do nothing any more and that nobody asks about.
    func forgetExpired() async throws {
        try await sessions.forgetExpired()
        try await attempts.forgetOld()
        _ = try await pool.atomically(MailedLink.forgetExpired)
    }
}
