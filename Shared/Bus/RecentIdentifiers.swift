/// The ids that were seen lately, so that none is executed twice: at least the last `capacity`, at most twice as many.
struct RecentIdentifiers {
    private var newer: Set<String> = []
    private var older: Set<String> = []
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        newer.reserveCapacity(capacity)
    }

    /// False when the id is known.
    mutating func insert(_ id: String) -> Bool {
        guard !older.contains(id), newer.insert(id).inserted else { return false }
        if newer.count == capacity {
            swap(&newer, &older)
            newer.removeAll(keepingCapacity: true)
        }
        return true
    }

    /// Makes it one that was not seen.
    mutating func remove(_ id: String) {
        if newer.remove(id) == nil { older.remove(id) }
    }
}
