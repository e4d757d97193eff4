import Crypto
import Testing

@testable import NotificationMailer

@Suite("The text of a mail") struct MailTextTests {
    @Test("keeps a plain subject as it is")
    func plain() { #expect(HeaderText.unstructured("[e-bon] Capac deschis") == "[e-bon] Capac deschis") }

    @Test("encodes other subjects in words that leave room for the field, and divide no character")
    func encoded() throws {
        let text = String(repeating: "ăîșț 👩‍👩‍👧 ", count: 12)
        let words = HeaderText.unstructured(text).split(separator: "\r\n ")
        #expect(words.count > 1)
        var decoded = ""
        for word in words {
            #expect(word.utf8.count + "Subject: ".count <= 76)
            let bytes = try #require(Base64.decode(word.dropFirst("=?UTF-8?B?".count).dropLast(2)))
            decoded += try #require(String(validating: bytes, as: UTF8.self))
        }
        #expect(decoded == text)
    }

    @Test(
        "lets nobody add a header field",
        arguments: ["a\r\nBcc: x@y", "a\nBcc: x@y", "a\rBcc: x@y", "ă\r\n\r\nbody", "a\u{85}b"])
    func injection(text: String) {
        let header = HeaderText.unstructured(text) + HeaderText.mailbox(Mailbox(name: text, address: text))
        #expect(!header.replacing("\r\n =?", with: "").contains { $0.isNewline })
        #expect(!header.contains("\u{85}"))
    }

    @Test(
        "is quoted where it is not plain",
        arguments: [
            ("abc", "abc"), ("a=b", "a=3Db"), ("ă", "=C4=83"), ("end ", "end=20"), ("a\nb\n", "a\r\nb\r\n"),
            ("tab\t", "tab=09"), ("-- ", "--=20"), ("\r", "=0D"),
            (String(repeating: "x", count: 76), String(repeating: "x", count: 76)),
            (String(repeating: "x", count: 77), String(repeating: "x", count: 75) + "=\r\nxx"),
            (String(repeating: "x", count: 74) + "ă", String(repeating: "x", count: 74) + "=\r\n=C4=83"),
        ])
    func quoted(text: String, expected: String) { #expect(QuotedPrintable.encode(text) == expected) }

    @Test("has no line over 76 characters, whatever is in it")
    func lines() {
        let text = String(repeating: "Hârtia este pe terminate = ", count: 40)
        #expect(QuotedPrintable.encode(text).split(separator: "\r\n").allSatisfy { $0.utf8.count <= 76 })
    }

    @Test(
        "names a sender with and without a name",
        arguments: [
            ("no-reply@e-bon.example", Mailbox(address: "no-reply@e-bon.example")),
            ("<a@b>", Mailbox(address: "a@b")),
            ("e-bon  SRL <a@b>", Mailbox(name: "e-bon SRL", address: "a@b")),
            ("", nil), ("nobody", nil), ("a@b@c", nil), ("x <a@b> y", nil), ("a@b\r\nBcc: c@d", nil), ("@b", nil),
        ])
    func mailboxes(text: String, expected: Mailbox?) { #expect(Mailbox(text) == expected) }

    @Test("encodes a sender's name that is not plain")
    func senderName() {
        #expect(HeaderText.mailbox(Mailbox(name: "e-bon", address: "a@b")) == "e-bon <a@b>")
        #expect(
            HeaderText.mailbox(Mailbox(name: "Știri, zilnic", address: "a@b"))
                == "=?UTF-8?B?yJh0aXJpLCB6aWxuaWM=?= <a@b>")
    }

    @Test(
        "says how to unsubscribe in lines that no server breaks, however long the address is",
        arguments: [20, 58, 59, 800])
    func unsubscribing(length: Int) {
        let address = "https://" + String(repeating: "x", count: length - 8)
        let text = Message(
            id: "mail_0123456789abcdef0123456789abcdef", date: "2026-04-26T15:31:00.000Z",
            from: Mailbox(address: "a@b.example"), to: Mailbox(address: "c@d.example"), unsubscribe: address,
            content: MailContent(subject: "S", text: "T", html: "H")
        ).text
        #expect(text.replacing("\r\n ", with: " ").contains("\r\nList-Unsubscribe: <\(address)>\r\n"))
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.utf8.count <= 78 || length == 800 && $0.utf8.count < 998 })
    }
}
