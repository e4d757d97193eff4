import EventLoop

/// The statements that a connection has prepared, under which names.
@Loop struct PreparedStatements {
    private static let limit = 512
    private var names: [String: String] = [:]
    private var pending: [String: (name: String, exchange: ObjectIdentifier)] = [:]
    private var counter = 0

    /// The name under which `text` can be executed, and whether it has to be prepared for that first.
    ///
    /// A name counts only once the server has confirmed it, since an earlier error in the same exchange voids it; until
    /// then other exchanges use the unnamed statement.
    mutating func name(of text: String, for exchange: Exchange) -> (name: String, isNew: Bool) {
        if let name = names[text] { return (name, false) }
        if let (name, owner) = pending[text] {
            return owner == ObjectIdentifier(exchange) ? (name, false) : ("", true)
        }
        guard names.count + pending.count < Self.limit else { return ("", true) }
        counter += 1
        let name = "s\(counter)"
        pending[text] = (name, ObjectIdentifier(exchange))
        return (name, true)
    }

    mutating func succeeded(_ text: String, name: String) {
        guard !name.isEmpty else { return }
        names[text] = name
        pending[text] = nil
    }

    /// Forgets what the exchange has announced and the server has not confirmed.
    mutating func finished(_ exchange: Exchange) {
        guard !pending.isEmpty else { return }
        pending = pending.filter { $0.value.exchange != ObjectIdentifier(exchange) }
    }
}
