import Crypto
import JSON

/// The caller's promise that repetitions of a request are meant as one.
struct Idempotency {
    let key: String
    let requestSHA256: String
    /// What the first request was answered, in case it was this one.
    let answer: String

    /// Whether `key` has the form that contract §5 asks for.
    static func isWellFormed(_ key: String) -> Bool {
        (1...128).contains(key.utf8.count)
            && key.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// Tells a repetition from another request: white space and the order of members do not count.
    init(key: String, endpoint: String, body: JSON, answer: String) {
        self.key = key
        self.answer = answer
        requestSHA256 = Hex.encode(SHA256.hash(Array("\(endpoint)\n\(Self.sorted(body).text)".utf8)))
    }

    private static func sorted(_ value: JSON) -> JSON {
        switch value {
        case .array(let elements): .array(elements.map(sorted))
        case .object(let object):
            .object(JSONObject(object.members.sorted { $0.name < $1.name }.map { ($0.name, sorted($0.value)) }))
        default: value
        }
    }
}
