/// How many frames a device may send: 50 a second on average over 10 seconds, control frames included.
struct FrameBudget {
    private var seconds = InlineArray<10, UInt16>(repeating: 0)
    private var newest: Int64 = 0
    private var total = 0

    /// Counts one frame at `second` (of any monotonic clock); false when it is one too many.
    mutating func spend(at second: Int64) -> Bool {
        if second > newest {
            for passed in max(newest + 1, second - 9)...second {
                let slot = Int(passed % 10)
                total -= Int(seconds[slot])
                seconds[slot] = 0
            }
            newest = second
        }
        total += 1
        seconds[Int(newest % 10)] &+= 1
        return total <= 500
    }
}
