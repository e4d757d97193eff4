import Crypto

/// Addresses in the portal that only one mailbox is told of.
struct PortalLinks: Sendable {
    private let base: String
    private let secrets: MailedLinks

    init(base: String, secrets: MailedLinks) {
        self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
        self.secrets = secrets
    }

    func invitation(_ id: String) -> String { link("accept-invitation", id, .invitation) }

    func passwordReset(_ id: String) -> String { link("reset-password", id, .passwordReset) }

    /// The token stands in the fragment, which browsers keep to themselves: it reaches no server's log and no Referer.
    private func link(_ page: String, _ id: String, _ purpose: MailedLinks.Purpose) -> String {
        "\(base)/\(page)#token=\(secrets.token(for: id, purpose: purpose))"
    }

    static func isBase(_ text: String) -> Bool {
        let isWeb = ["https://", "http://"].contains { text.hasPrefix($0) && text.utf8.count > $0.utf8.count }
        return isWeb && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && !"<>\"?#".utf8.contains($0) }
    }
}
