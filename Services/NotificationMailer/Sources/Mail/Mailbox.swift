/// An address with the name that people see (RFC 5322, section 3.4).
struct Mailbox: Equatable, Sendable {
    let name: String?
    let address: String

    init(name: String? = nil, address: String) {
        self.name = name
        self.address = address
    }

    /// Reads `address` or `name <address>`; nil if there is no address in it.
    init?(_ text: String) {
        guard let bracket = text.firstIndex(of: "<") else {
            guard Self.isAddress(text) else { return nil }
            self.init(address: text)
            return
        }
        let rest = text[text.index(after: bracket)...]
        guard rest.hasSuffix(">"), Self.isAddress(rest.dropLast()) else { return nil }
        let name = text[..<bracket].split(separator: " ").joined(separator: " ")
        self.init(name: name.isEmpty ? nil : name, address: String(rest.dropLast()))
    }

    /// What stands behind the `@`; Message-IDs are made with it.
    var domain: String { String(address.split(separator: "@").last ?? "localhost") }

    private static func isAddress(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts.contains { $0.isEmpty }
            && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && !"<>,;\"\\()".utf8.contains($0) }
    }
}
