import Endpoints
import EventLoop
import HTTP
import Models
import ServiceRuntime

/// Who makes a request and whether it may go on, as far as that does not depend on what it wants.
struct Admission {
    var credential: Credential?
    var expiresAt: Timestamp?
    var limits: RateLimiter.Answer?
    var refusal: APIError?
}

/// Checks credential and rate limit, in this order.
@Loop final class Admissions {
    private let settings: LimitSettings
    private let proxies: TrustedProxies
    private let credentials: Credentials
    private let limiter: RateLimiter
    private let spent = SpentAddresses()
    private let refusals: Counter

    init(
        settings: LimitSettings, proxies: TrustedProxies, credentials: Credentials, limiter: RateLimiter,
        metrics: Metrics
    ) {
        self.settings = settings
        self.proxies = proxies
        self.credentials = credentials
        self.limiter = limiter
        refusals = metrics.counter("ebon_edge_rate_limited_total", "Requests refused by a rate limit.")
    }

    /// Credential, then rate limit: who cannot say who they are is counted by address before being told so.
    func admit(
        _ request: HTTPRequest, buckets: [Bucket], wantsCredential: Bool, isSocket: Bool, needsExactLimits: Bool,
        _ requestId: String
    ) async -> Admission {
        var admission = Admission()
        let client = { [proxies] in proxies.client(of: request).network }
        var count: Count?
        if wantsCredential {
            do throws(APIError) {
                let presented = try presented(by: request, isSocket)
                if !spent.isEmpty, credentials.isStrange(presented), await !spent.mayAskSoon(client()) {
                    count = await self.count(buckets, of: nil, client: client())
                    if let refusal = count?.refusal { throw refusal }
                }
                (admission.credential, admission.expiresAt) = try await credentials.identify(
                    presented, requestId: requestId)
            } catch {
                admission.refusal = error
            }
        }
        if count == nil || admission.credential != nil {
            count = await self.count(buckets, of: admission.credential, client: client())
            if wantsCredential, admission.credential == nil, count?.refusal != nil, let answer = count?.answer {
                let end = Loop.now + .seconds(answer.verdict.tightest.resetSeconds)
                spent.note(client(), until: end, at: Loop.now)
            }
        }
        admission.limits = count?.answer
        if let refusal = count?.refusal {
            admission.refusal = refusal
        } else if count?.answer?.isDegraded == true, needsExactLimits {
            admission.refusal = .temporarilyUnavailable
        }
        return admission
    }

    typealias Count = (answer: RateLimiter.Answer?, refusal: APIError?)

    /// Counts a request by its credential or, where there is none, by its client's address.
    func count(_ buckets: [Bucket], of credential: Credential?, client: @autoclosure () -> String) async -> Count {
        let rules = LimitRule.rules(for: buckets, credential: credential, client: client(), settings: settings)
        guard let answer = await limiter.check(rules) else { return (nil, nil) }
        guard !answer.verdict.isAllowed else { return (answer, nil) }
        refusals.increment()
        return (answer, .rateLimited(retryAfter: answer.verdict.tightest.resetSeconds))
    }

    private func presented(by request: HTTPRequest, _ isSocket: Bool) throws(APIError) -> PresentedCredential {
        do throws(PresentedCredential.Absence) {
            return try PresentedCredential.of(request, in: isSocket ? .headersOrQuery : .headers)
        } catch {
            throw error.refusal
        }
    }
}
