import Crypto

/// The names of sessions sort by their age: a dispatcher tells from two of them which socket is the newer one.
enum SessionName {
    static func make(epoch: Int64) -> String {
        let digits = String(epoch)
        return Random.identifier(prefix: "ses_\(String(repeating: "0", count: 19 - digits.count))\(digits)")
    }
}
