import Curl
import EventLoop
import Models
import ServiceRuntime

/// Hands in the mails that are due, a few at a time.
///
/// A mail is recorded as sent after the server has accepted it, so none is lost. Whether a mail whose connection broke
/// after its last byte was accepted cannot be known: it is sent once more, under the same Message-ID, by which the
/// mailbox can tell. The same goes for what a process that died was sending; one that only stood still looks, before the
/// first byte leaves, whether it may have been taken for dead.
@Loop final class Courier {
    static let mostAtOnce = 4
    /// As long as a server may take to answer for a whole mail: who gives up earlier makes two mails of one.
    static let patience = Duration.seconds(12 * 60)

    private let store: JobStore
    private let liveness: Liveness
    private let portal: PortalLinks
    private let client: SMTPClient
    private let sender: Mailbox
    private let unsubscribe: String
    private var inFlight = 0
    private var isClaiming = false
    private var isWanted = false
    private var isStopped = false
    private var idle: Promise<Void, Never>?
    private let outcomes: [String: Counter]
    private let delivery: Histogram

    init(
        store: JobStore, liveness: Liveness, portal: PortalLinks, client: SMTPClient, sender: Mailbox,
        unsubscribe: String, metrics: Metrics
    ) {
        self.store = store
        self.liveness = liveness
        self.portal = portal
        self.client = client
        self.sender = sender
        self.unsubscribe = unsubscribe
        delivery = metrics.histogram(
            "ebon_mailer_delivery_seconds", "From the moment at which a mail was wanted to the server's acceptance.",
            buckets: [0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 3600, 21_600, 86_400])
        outcomes = ["sent", "again", "given_up", "withdrawn"].reduce(into: [:]) {
            $0[$1] = metrics.counter("ebon_mailer_attempts_total", "Mails handed in, by outcome.", ["outcome": $1])
        }
    }

    /// Looks for mails that are due; call it every second, and when there are new ones.
    func wake() {
        isWanted = true
        guard !isClaiming, !isStopped else { return }
        isClaiming = true
        Task.immediate(executorPreference: Loop.executor) { @Loop in await claim() }
    }

    /// Claims no more, and returns when the mails on their way are recorded. What is not by `deadline` is due again
    /// when its claim has run out.
    func stop(deadline: LoopInstant) async {
        isStopped = true
        if inFlight > 0 || isClaiming {
            let idle = Promise<Void, Never>()
            self.idle = idle
            let timer = Loop.schedule(at: deadline) { idle.succeed(()) }
            await idle.value()
            timer.cancel()
        }
        await client.close(by: min(deadline, LoopInstant.current + .seconds(2)))
    }

    private func claim() async {
        while isWanted, !isStopped, inFlight < Self.mostAtOnce {
            isWanted = false
            do {
                let claimedAt = LoopInstant.current
                let claimed = try await store.claim(Self.mostAtOnce - inFlight, at: .now())
                report(claimed)
                for job in claimed.jobs {
                    inFlight += 1
                    Task.immediate(executorPreference: Loop.executor) { @Loop in
                        await work(on: job, claimedAt: claimedAt)
                    }
                }
                if claimed.isMore { isWanted = true }
            } catch {
                Log.warning("no mails could be claimed", ["error": "\(error)"])
            }
        }
        isClaiming = false
        settle()
    }

    private func work(on job: Job, claimedAt: LoopInstant) async {
        if liveness.isUnbroken(since: claimedAt) {
            let attempt = await attempt(job) { [liveness] in liveness.isUnbroken(since: claimedAt) }
            report(attempt, of: job)
            await record(attempt, of: job)
        } else {
            try? await store.giveBack(job)
        }
        inFlight -= 1
        settle()
        if isWanted { wake() }
    }

    /// What the server has accepted must not be sent again because the database was away for a moment.
    private func record(_ attempt: Attempt, of job: Job) async {
        let deadline = LoopInstant.current + JobStore.lease
        while true {
            do {
                return try await store.record(attempt, of: job, at: .now())
            } catch {
                Log.error(
                    "an attempt could not be recorded", ["jobId": job.id, "error": "\(error)"],
                    requestId: job.requestId)
            }
            guard LoopInstant.current < deadline, !isStopped else { return }
            try? await Loop.sleep(for: .seconds(1))
        }
    }

    private func settle() {
        if inFlight == 0, !isClaiming { idle?.succeed(()) }
    }

    private func attempt(_ job: Job, proceed: @escaping @Sendable () -> Bool) async -> Attempt {
        let content: MailContent
        do {
            guard let template = MailCatalogue.templates[job.kind] else {
                // A newer release has written it: one of its replicas will know it.
                return Attempt(
                    .connectionFailed("unknown kind"), attempts: job.attempts, expiresAt: job.expiresAt, now: .now())
            }
            content = try template.write(
                MailSubject(
                    data: job.data, organization: job.organization, device: job.device, date: job.wantedAt,
                    portal: portal))
        } catch {
            return .givenUp(reason: "the data does not fit the kind")
        }
        let message = Message(
            id: job.id, date: job.wantedAt, from: sender, to: Mailbox(address: job.recipient),
            unsubscribe: unsubscribe, content: content)
        let outcome = await client.send(
            Array(message.text.utf8), from: sender.address, to: [job.recipient],
            deadline: LoopInstant.current + Self.patience, proceed: proceed)
        return Attempt(outcome, attempts: job.attempts, expiresAt: job.expiresAt, now: .now())
    }

    private func report(_ claimed: Claimed) {
        outcomes["withdrawn"]?.increment(by: UInt64(claimed.withdrawn))
        for job in claimed.expired {
            outcomes["given_up"]?.increment()
            Log.error(
                "a mail was given up", ["jobId": job.jobId, "reason": "too late: \(job.reason)"],
                requestId: job.requestId)
        }
    }

    private func report(_ attempt: Attempt, of job: Job) {
        switch attempt {
        case .sent:
            outcomes["sent"]?.increment()
            delivery.observe(max(.zero, .now() - job.wantedAt))
            Log.info("a mail was sent", ["jobId": job.id, "attempts": job.attempts], requestId: job.requestId)
        case .again(let moment, let reason):
            outcomes["again"]?.increment()
            Log.warning(
                "a mail has to wait",
                ["jobId": job.id, "attempts": job.attempts, "until": moment, "reason": reason],
                requestId: job.requestId)
        case .givenUp(let reason):
            outcomes["given_up"]?.increment()
            Log.error(
                "a mail was given up", ["jobId": job.id, "attempts": job.attempts, "reason": reason],
                requestId: job.requestId)
        }
    }
}
