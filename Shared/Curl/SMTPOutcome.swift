/// What became of a mail that was handed in. Texts are the server's, printable and at most 500 characters.
package enum SMTPOutcome: Sendable, Equatable {
    /// The server has taken responsibility for it, for every recipient.
    case accepted
    /// The server refused it for now (4xx): try again later.
    case temporaryFailure(code: Int, text: String)
    /// The server refuses this mail for good (5xx to the envelope or to the message): trying again is no use.
    case permanentFailure(code: Int, text: String)
    /// There was no verdict on the mail: no connection, no trust, no login, no answer. Try again later; if the
    /// connection broke after the whole message was sent, it may have been accepted nevertheless.
    case connectionFailed(String)
}
