import EventLoop

/// Addresses whose allowance for made-up credentials is spent.
///
/// What they present is looked up a few times in a moment only, unless it has been genuine of late, and what comes too
/// early waits for the next moment: a flood does not reach the bus, and a new key from behind the same address gets in.
@Loop final class SpentAddresses {
    nonisolated static let window = Duration.milliseconds(100)
    nonisolated static let questionsInWindow = 10
    private static let limit = 10_000
    /// Requests that wait at a time; more are refused at once.
    private static let waitingLimit = 256

    private struct Spent {
        var until: LoopInstant
        var windowBegan: LoopInstant
        var questions = 0
    }

    private var addresses: [String: Spent] = [:]
    private var waiting = 0

    var isEmpty: Bool { addresses.isEmpty }
    var count: Int { addresses.count }

    func note(_ address: String, until end: LoopInstant, at now: LoopInstant) {
        if addresses.count >= Self.limit, addresses[address] == nil {
            addresses = addresses.filter { $0.value.until > now }
            // Whoever has so many addresses is bounded by the number of questions at a time.
            if addresses.count >= Self.limit { addresses = [:] }
        }
        addresses[address, default: Spent(until: end, windowBegan: now)].until = end
    }

    /// Whether a credential from this address may be looked up now or in a moment, which is waited for.
    func mayAskSoon(_ address: String) async -> Bool {
        if mayAsk(address, at: Loop.now) { return true }
        guard waiting < Self.waitingLimit else { return false }
        waiting += 1
        defer { waiting -= 1 }
        try? await Loop.sleep(for: Self.window)
        return mayAsk(address, at: Loop.now)
    }

    /// Whether a credential from this address may be looked up now, which is counted.
    func mayAsk(_ address: String, at now: LoopInstant) -> Bool {
        guard var spent = addresses[address] else { return true }
        guard now < spent.until else {
            addresses[address] = nil
            return true
        }
        if now - spent.windowBegan >= Self.window { (spent.windowBegan, spent.questions) = (now, 0) }
        spent.questions += 1
        addresses[address] = spent
        return spent.questions <= Self.questionsInWindow
    }
}
