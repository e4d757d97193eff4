/// The ids that were seen lately, so that none is executed twice; the oldest is forgotten for the newest.
struct RecentIdentifiers {
    private var ring: [String] = []
    private var next = 0
    private var known: Set<String> = []
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    /// False when the id is known.
    mutating func insert(_ id: String) -> Bool {
        guard known.insert(id).inserted else { return false }
        if ring.count < capacity {
            ring.append(id)
        } else {
            known.remove(ring[next])
            ring[next] = id
            next = (next + 1) % capacity
        }
        return true
    }
}
