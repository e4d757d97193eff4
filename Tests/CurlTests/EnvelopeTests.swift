import EventLoop
import Testing

@testable import Curl

@Suite("Envelopes and messages") struct EnvelopeTests {
    @Test(
        "ordinary addresses can be written in an envelope",
        arguments: ["ana@example.com", "ana+alerte@sub.example.com", "o'neil@example.com", "ană@exemplu.ro"])
    func addresses(text: String) {
        #expect(SMTPClient.isAddress(text))
    }

    @Test(
        "an address that could change the command is refused",
        arguments: [
            "", "ana", "@example.com", "ana@", "a@b@c", "ana@example.com>", "<ana@example.com", "ana @example.com",
            "ana@example.com\r\nRCPT TO:<x@y>", "ana\u{0}@example.com", "ana@exam\u{85}ple.com", "\"a\"@example.com",
            String(repeating: "a", count: 250) + "@b.ro",
        ])
    func notAddresses(text: String) {
        #expect(!SMTPClient.isAddress(text))
    }

    @Test("a mail with such an address is refused for good, before anything is sent")
    func refusedBeforeSending() async {
        let client = SMTPClient(server: SMTPServer("smtp://127.0.0.1:1")!)
        let deadline = LoopInstant.current + .seconds(5)
        for recipients in [[], ["ana@example.com\r\nDATA"]] {
            let outcome = await client.send([], from: "cloud@example.com", to: recipients, deadline: deadline)
            #expect(outcome == .permanentFailure(code: 553, text: "the address cannot be written in an envelope"))
        }
    }

    @Test(
        "bare line ends become CRLF and CRLF stays",
        arguments: [
            ("a\r\nb", "a\r\nb"), ("a\nb", "a\r\nb"), ("a\rb", "a\r\nb"), ("\n\r", "\r\n\r\n"),
            ("a\r\r\n", "a\r\n\r\n"), ("", ""),
        ])
    func lineEnds(text: String, canonical: String) {
        #expect(SMTPClient.canonical(Array(text.utf8)) == Array(canonical.utf8))
    }

    @Test(
        "a server's URL needs the right scheme and a host",
        arguments: ["", "mail", "http://mail", "smtp://", "smtp:// mail", "smtp://mail:99999", "smtp://mail\n"])
    func notServers(url: String) {
        #expect(SMTPServer(url) == nil)
    }

    @Test("a server prints without its credentials, and credentials make TLS required")
    func printing() throws {
        let server = try #require(SMTPServer("smtps://mailer:hunter2@mail.example.com:465/path"))
        var dumped = ""
        dump(server, to: &dumped)
        #expect("\(server)" == "smtps://mail.example.com:465")
        #expect(!dumped.contains("hunter2"))
        #expect(server.startTLS == .required)
        #expect(SMTPServer("smtp://mail")?.startTLS == .optional)
    }
}
