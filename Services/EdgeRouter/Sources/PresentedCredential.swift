import Crypto
import HTTP

/// What a request brings to say who it is from, of the right shape but not looked up yet.
enum PresentedCredential: Sendable, Equatable {
    case apiKey(String)
    /// The compact text of an access token.
    case token(String)

    /// Where a credential may stand.
    enum Place {
        case headers
        /// Browsers cannot set header fields on a WebSocket.
        case headersOrQuery
    }

    /// Why there is none.
    enum Absence: Error, Equatable {
        case missing
        case malformedKey
        case malformedAuthorization
        case malformedToken
    }

    /// The credential of a request: `x-api-key` first, then `Authorization`, then, for a socket, the query.
    static func of(_ request: HTTPRequest, in place: Place = .headers) throws(Absence) -> PresentedCredential {
        if let key = request.headers["x-api-key"] { return try checkedKey(key) }
        if let authorization = request.headers["authorization"] { return try bearer(authorization) }
        guard place == .headersOrQuery else { throw .missing }
        let items = request.queryItems
        if let key = items.first(where: { $0.name == "apiKey" }) { return try checkedKey(key.value) }
        if let token = items.first(where: { $0.name == "token" }) { return try keyOrToken(token.value) }
        throw .missing
    }

    private static func bearer(_ field: String) throws(Absence) -> PresentedCredential {
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw .malformedAuthorization }
        return try keyOrToken(String(parts[1]))
    }

    private static func keyOrToken(_ text: String) throws(Absence) -> PresentedCredential {
        if text.hasPrefix(APIKeyShape.prefix) { return try checkedKey(text) }
        let dots = text.utf8.count { $0 == UInt8(ascii: ".") }
        guard dots == 2, text.utf8.count <= 4096 else { throw .malformedToken }
        return .token(text)
    }

    private static func checkedKey(_ text: String) throws(Absence) -> PresentedCredential {
        guard APIKeyShape.fits(text) else { throw .malformedKey }
        return .apiKey(text)
    }
}

/// `ebon_live_<orgId>_<32 lowercase hex>`; an organization's slug may contain underscores.
enum APIKeyShape {
    static let prefix = "ebon_live_"
    private static let secretLength = 32
    private static let longest = 256

    static func fits(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            let slugStart = prefix.utf8.count
            let slugEnd = bytes.count - secretLength - 1
            guard bytes.count <= longest, slugEnd > slugStart, bytes[..<slugStart].elementsEqual(prefix.utf8),
                bytes[slugEnd] == UInt8(ascii: "_"),
                bytes[(slugEnd + 1)...].allSatisfy({ isDigit($0) || isHexLetter($0) })
            else { return false }
            return isSlug(bytes[slugStart..<slugEnd])
        }
    }

    /// Lowercase letters and digits in groups, joined by single underscores.
    private static func isSlug(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        var previous = UInt8(ascii: "_")
        for byte in bytes {
            guard isDigit(byte) || isLetter(byte) || (byte == UInt8(ascii: "_") && previous != byte) else {
                return false
            }
            previous = byte
        }
        return previous != UInt8(ascii: "_")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    private static func isLetter(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
    private static func isHexLetter(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f") }
}
