/// The ids that were seen lately, so that none is executed twice: at least the last `capacity`, at most twice as many.
struct RecentIdentifiers {
    private var newer: Set<String> = []
    private var older: Set<String> = []
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        newer.reserveCapacity(capacity)
    }

    func contains(_ id: String) -> Bool { newer.contains(id) || older.contains(id) }

    mutating func insert(_ id: String) {
        newer.insert(id)
        if newer.count == capacity {
            swap(&newer, &older)
            newer.removeAll(keepingCapacity: true)
        }
    }
}
