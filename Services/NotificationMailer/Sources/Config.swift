import Bus
import Crypto
import Curl
import Redis
import ServiceRuntime

struct Config: Configuration {
    let databaseURL: Secret
    let redisURL: RedisURL
    let server: SMTPServer
    let sender: Mailbox
    let portal: PortalLinks
    /// Where `List-Unsubscribe` leads: an https or mailto URL. Without one, to the sender.
    let unsubscribe: String

    init(from environment: inout EnvironmentReader) {
        databaseURL = environment.secret("DATABASE_URL")
        redisURL = environment.redisURL("REDIS_URL")
        let startTLS = environment.optional("SMTP_STARTTLS", as: "required, optional or never") {
            SMTPServer.StartTLS(rawValue: $0)
        }
        let authorities = environment.optional("SMTP_CA_FILE", as: "the path of a PEM file") {
            $0.hasPrefix("/") ? $0 : nil
        }
        server = environment.required(
            "SMTP_URL", placeholder: SMTPServer("smtp://localhost")!, as: "smtp[s]://[user:password@]host[:port]"
        ) { SMTPServer($0, startTLS: startTLS, authorities: authorities) }
        sender = environment.required(
            "MAIL_FROM", placeholder: Mailbox(address: ""), as: "an address, or a name and an <address>"
        ) { Mailbox($0) }
        portal = PortalLinks(
            base: environment.required(
                "PORTAL_URL", placeholder: "", as: "an http or https URL without query and fragment"
            ) { PortalLinks.isBase($0) ? $0 : nil },
            secrets: MailedLinks(keys: environment.signingKeys("EBON_LINK_SECRET")))
        unsubscribe = environment.value(
            "MAIL_UNSUBSCRIBE", default: "mailto:\(sender.address)?subject=unsubscribe", as: "an https or mailto URL"
        ) { Self.isPrintableURL($0) ? $0 : nil }
    }

    private static func isPrintableURL(_ text: String) -> Bool {
        text.utf8.count <= 900 && (text.hasPrefix("https://") || text.hasPrefix("mailto:"))
            && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && !"<>".utf8.contains($0) }
    }
}
