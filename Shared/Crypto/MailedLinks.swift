/// The secrets of links that are mailed: `id.base64url(HMAC)`, made when the mail is written and checked when the link
/// is used, so that they need not be kept anywhere in between.
///
/// A genuine token says nothing about whether its link is still good: single use and expiry are the database's.
package struct MailedLinks: Sendable {
    /// What a link is for; a token for one purpose is none for another.
    package enum Purpose: String, Sendable {
        /// Becoming a member of an organization.
        case invitation
        /// Choosing a new password.
        case passwordReset = "password_reset"
    }

    private static let longest = 256
    private let keys: SigningKeys

    /// Whoever writes the mails and whoever takes the tokens must hold the same keys.
    package init(keys: SigningKeys) { self.keys = keys }

    /// The token of the link `id`, which must not contain a dot; the same each time.
    package func token(for id: String, purpose: Purpose) -> String {
        "\(id).\(Base64URL.encode(keys.sign(Self.message(id, purpose))))"
    }

    /// The id in a token that one of the keys signed for `purpose`; nil for anything else, of which nothing is looked at
    /// before the signature is found valid.
    package func id(of token: String, purpose: Purpose) -> String? {
        guard token.utf8.count <= Self.longest else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let signature = Base64URL.decode(parts[1]) else { return nil }
        let id = String(parts[0])
        return keys.isValid(signature, for: Self.message(id, purpose)) ? id : nil
    }

    private static func message(_ id: String, _ purpose: Purpose) -> [UInt8] {
        Array("e-bon link:\(purpose.rawValue):\(id)".utf8)
    }
}
