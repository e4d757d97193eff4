import Models

/// Names the kind of ``SessionID``.
enum Session: IdentifiedKind {
    static let meaning = "a session"
    static let example = "ses_abc123"
}

/// `sid` of the portal's tokens, `ses_…`.
typealias SessionID = Identifier<Session>
