import Models

/// A mail to one recipient, and its text (RFC 5322, RFC 2045).
struct Message {
    /// Makes the Message-ID: a mail that is sent a second time after a crash is recognised by it.
    let id: String
    let date: Timestamp
    let from: Mailbox
    let to: Mailbox
    /// A URL of printable ASCII.
    let unsubscribe: String
    let content: MailContent

    var text: String {
        // No line of quoted-printable can hold it: "=_" is no escape.
        let boundary = "=_\(id)"
        let header = [
            "From: \(HeaderText.mailbox(from))",
            "To: \(HeaderText.mailbox(to))",
            "Subject: \(HeaderText.unstructured(content.subject))",
            "Date: \(CivilTime.inHeader(date))",
            "Message-ID: <\(id)@\(from.domain)>",
        ]
        // Most addresses fit beside the name of the field; a URL cannot be divided.
        let fold = unsubscribe.utf8.count > 58 ? "\r\n" : ""
        let list = content.isSubscription ? ["List-Unsubscribe:\(fold) <\(unsubscribe)>"] : []
        let form = [
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\"",
        ]
        let parts = [("plain", content.text), ("html", content.html)].flatMap { type, body in
            [
                "--\(boundary)",
                "Content-Type: text/\(type); charset=utf-8",
                "Content-Transfer-Encoding: quoted-printable",
                "",
                QuotedPrintable.encode(body),
            ]
        }
        return (header + list + form + [""] + parts + ["--\(boundary)--", ""]).joined(separator: "\r\n")
    }
}

/// What a mail says, twice: for programs that show HTML and for those that do not.
struct MailContent: Equatable {
    let subject: String
    let text: String
    let html: String
    /// Whether it comes because somebody has subscribed; such a mail says how to end that.
    var isSubscription = true
}
