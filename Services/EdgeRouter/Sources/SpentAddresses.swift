import EventLoop

/// Addresses whose allowance for made-up credentials is spent.
///
/// What they present is looked up a few times a second only, unless it has been genuine of late: keys in use behind the
/// same address do not notice, a new one gets in soon, and a flood does not reach the bus.
@Loop final class SpentAddresses {
    static let questionsPerSecond = 10
    private static let limit = 10_000

    private struct Spent {
        var until: LoopInstant
        var second: LoopInstant
        var questions = 0
    }

    private var addresses: [String: Spent] = [:]

    var isEmpty: Bool { addresses.isEmpty }
    var count: Int { addresses.count }

    func note(_ address: String, until end: LoopInstant, at now: LoopInstant) {
        if addresses.count >= Self.limit, addresses[address] == nil {
            addresses = addresses.filter { $0.value.until > now }
            // Whoever has so many addresses is bounded by the number of questions at a time.
            if addresses.count >= Self.limit { addresses = [:] }
        }
        addresses[address, default: Spent(until: end, second: now)].until = end
    }

    /// Whether a credential from this address may be looked up now, which is counted.
    func mayAsk(_ address: String, at now: LoopInstant) -> Bool {
        guard var spent = addresses[address] else { return true }
        guard now < spent.until else {
            addresses[address] = nil
            return true
        }
        if now - spent.second >= .seconds(1) { (spent.second, spent.questions) = (now, 0) }
        spent.questions += 1
        addresses[address] = spent
        return spent.questions <= Self.questionsPerSecond
    }
}
