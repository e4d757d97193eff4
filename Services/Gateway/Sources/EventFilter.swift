import Models

/// Which events a caller may see: what a key's scopes allow, everything with a session.
struct EventFilter: Equatable {
    private let scopes: Set<Scope>

    init(_ caller: Caller) {
        scopes = Set(EventCatalogue.listeningScopes.filter(caller.holds))
    }

    var isEmpty: Bool { scopes.isEmpty }

    /// What the callers may see, by name.
    var types: [EventType] {
        EventCatalogue.publicScopes.filter { scopes.contains($0.value) }.map(\.key).sorted { $0.rawValue < $1.rawValue }
    }

    func lets(_ event: LiveEvent) -> Bool { scopes.contains(event.scope) }
}
