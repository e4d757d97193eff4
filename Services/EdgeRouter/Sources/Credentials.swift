import Bus
import Crypto
import Endpoints
import EventLoop
import Models
import ServiceRuntime

/// Finds out whose a presented credential is: verified here as far as that goes, then asked of the organization
/// service, at most one question at a time per credential.
@Loop final class Credentials {
    /// Asks the owner of the credentials; fails when it is away.
    typealias Resolver = @Loop (ResolveCredential, _ requestId: String) async throws(BusError) -> Caller?
    /// Signs a caller for the bus.
    typealias Voucher = @Loop (Caller) throws -> String

    private typealias Outcome = Result<Credential?, BusError>

    private static let deadline = Duration.seconds(2)
    /// From this age on an answer in use is asked for again before it is needed.
    private static let refreshAge = Duration.seconds(3)
    private static let questionLimit = 1024

    private let tokens: JSONWebTokens
    private let resolver: Resolver
    private let vouch: Voucher
    private let cache: CredentialCache
    private let hits: Counter
    private let misses: Counter
    private var questions: [CredentialCache.Key: [Promise<Credential?, BusError>]] = [:]

    init(
        tokens: JSONWebTokens, metrics: Metrics, cache: CredentialCache = CredentialCache(),
        vouch: @escaping Voucher, resolver: @escaping Resolver
    ) {
        self.tokens = tokens
        self.resolver = resolver
        self.vouch = vouch
        self.cache = cache
        hits = metrics.counter("ebon_edge_credential_cache_hits_total", "Credentials found in the cache.")
        misses = metrics.counter("ebon_edge_credential_cache_misses_total", "Credentials that had to be asked for.")
        metrics.gauge("ebon_edge_credential_cache_entries", "Credentials in the cache.") { Double(cache.count) }
    }

    /// Resolves over the bus, and forgets what the bus says has changed.
    convenience init(tokens: JSONWebTokens, signature: SignedCaller, metrics: Metrics, bus: Bus) {
        let cache = CredentialCache()
        self.init(
            tokens: tokens, metrics: metrics, cache: cache, vouch: { try signature.vouch(for: $0, at: bus.time) },
            resolver: { question, requestId throws(BusError) in
                try await bus.call(question, deadline: Self.deadline, requestId: requestId, isRepeatable: true).caller
            })
        bus.subscribe(CredentialsChanged.self) { cache.forget($0.orgId) }
        bus.onReconnect { cache.forgetAll() }
    }

    /// The credential's holder, and when the credential ends by itself.
    /// - Throws: 401, or 503 when it cannot be found out.
    func identify(
        _ presented: PresentedCredential, requestId: String
    ) async throws(APIError) -> (credential: Credential, expiresAt: Timestamp?) {
        switch presented {
        case .apiKey(let key):
            let digest = SHA256.hash(Array(key.utf8))
            guard let credential = try await find(.apiKey(digest: digest), requestId) else {
                throw .unauthorized("The API key is unknown, inactive or revoked")
            }
            return (credential, nil)
        case .token(let text):
            let token = try verify(text)
            guard let credential = try await find(.session(token.session), requestId),
                credential.caller.userId?.rawValue == token.subject,
                credential.caller.orgId.rawValue == token.organization
            else { throw .unauthorized("The session has ended") }
            return (credential, Timestamp(milliseconds: min(token.expiresAt, 1 << 42) * 1000))
        }
    }

    /// Whether finding out who presents this takes a question to the owner about something of which nothing is known.
    func isStrange(_ presented: PresentedCredential) -> Bool {
        switch presented {
        case .apiKey(let key): isStrange(.apiKey(digest: SHA256.hash(Array(key.utf8))))
        case .token(let text): (try? verify(text)).map { isStrange(.session($0.session)) } ?? false
        }
    }

    private func isStrange(_ key: CredentialCache.Key) -> Bool {
        cache.entry(key, at: Loop.now) == nil && !cache.isFamiliar(key)
    }

    private func verify(_ text: String) throws(APIError) -> JSONWebToken {
        do throws(SignatureError) {
            return try tokens.verify(text, now: Timestamp.now().milliseconds / 1000)
        } catch {
            switch error {
            case .expired: throw .unauthorized("The access token has expired")
            case .malformed: throw .unauthorized("The access token is malformed")
            case .invalidSignature, .wrongParty, .notYetValid: throw .unauthorized("The access token is not valid")
            }
        }
    }

    private func find(_ key: CredentialCache.Key, _ requestId: String) async throws(APIError) -> Credential? {
        let now = Loop.now
        if let entry = cache.entry(key, at: now) {
            hits.increment()
            if now - entry.askedAt >= Self.refreshAge, questions[key] == nil { ask(key, requestId) }
            return entry.credential
        }
        misses.increment()
        do throws(BusError) {
            return try await answer(key, requestId)
        } catch {
            throw .unavailable("Credentials cannot be checked at the moment", retryAfter: 1)
        }
    }

    private func answer(_ key: CredentialCache.Key, _ requestId: String) async throws(BusError) -> Credential? {
        let promise = Promise<Credential?, BusError>()
        if questions[key] == nil {
            guard questions.count < Self.questionLimit else { throw .notDelivered }
            questions[key] = [promise]
            start(key, requestId)
        } else {
            questions[key]?.append(promise)
        }
        return try await promise.value()
    }

    private func ask(_ key: CredentialCache.Key, _ requestId: String) {
        guard questions.count < Self.questionLimit else { return }
        questions[key] = []
        start(key, requestId)
    }

    private func start(_ key: CredentialCache.Key, _ requestId: String) {
        Task.immediate(executorPreference: Loop.executor) { @Loop in
            let askedAt = Loop.now
            let epoch = cache.epoch
            let outcome = await resolve(key, requestId)
            // Something has changed since the question: the answer serves those who wait, nobody else.
            if case .success(let credential) = outcome, epoch == cache.epoch {
                cache.store(CredentialCache.Entry(credential: credential, askedAt: askedAt), for: key, at: Loop.now)
            }
            for waiting in questions.removeValue(forKey: key) ?? [] {
                switch outcome {
                case .success(let credential): waiting.succeed(credential)
                case .failure(let error): waiting.fail(error)
                }
            }
        }
    }

    private func resolve(_ key: CredentialCache.Key, _ requestId: String) async -> Outcome {
        let question: ResolveCredential
        switch key {
        case .apiKey(let digest): question = ResolveCredential(keySHA256: Hex.encode(digest))
        case .session(let session): question = ResolveCredential(sessionId: session)
        }
        do throws(BusError) {
            guard let caller = try await resolver(question, requestId) else { return .success(nil) }
            guard let vouched = try? vouch(caller) else { return .failure(.noAnswer) }
            return .success(Credential(caller, vouched: vouched))
        } catch {
            Log.warning("credential not resolved", ["error": String(describing: error)], requestId: requestId)
            return .failure(error)
        }
    }
}
