import Models

/// Names the kind of ``SessionID``.
enum Session {}

/// `sid` of the portal's tokens, `ses_…`.
typealias SessionID = Identifier<Session>
