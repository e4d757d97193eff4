import Crypto
import Models

/// Decides whether Stripe sent these bytes, and lately.
enum StripeSignature {
    static let toleranceMilliseconds: Int64 = 300_000
    private static let longestHeader = 4096

    enum Refusal: Error, Equatable {
        case missing, malformed, outsideTolerance, noMatch
    }

    static func verify(
        header: String?, body: [UInt8], secrets: [[UInt8]], now: Timestamp
    ) throws(Refusal) {
        guard let header else { throw .missing }
        let parts = try Parts(header)
        let (age, overflow) = now.milliseconds.subtractingReportingOverflow(parts.milliseconds)
        guard !overflow, age.magnitude <= toleranceMilliseconds.magnitude else { throw .outsideTolerance }
        let message = Array("\(parts.time).".utf8) + body
        // Every signature is compared with every secret: which one matched must not show in the time.
        var isValid = false
        for secret in secrets {
            let expected = HMACSHA256.authenticate(message, key: secret)
            for candidate in parts.signatures where constantTimeEqual(expected, candidate) { isValid = true }
        }
        guard isValid else { throw .noMatch }
    }

    private struct Parts {
        let time: Substring
        let milliseconds: Int64
        let signatures: [[UInt8]]

        init(_ header: String) throws(Refusal) {
            guard header.utf8.count <= StripeSignature.longestHeader else { throw .malformed }
            var times: [Substring] = []
            var signatures: [[UInt8]] = []
            for item in header.split(separator: ",", omittingEmptySubsequences: false) {
                let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard pair.count == 2 else { throw .malformed }
                switch pair[0] {
                case "t": times.append(pair[1])
                case "v1":
                    // A signature that is no hexadecimal text matches nothing; another beside it still may.
                    if let bytes = Hex.decode(String(pair[1])) { signatures.append(bytes) }
                default: continue
                }
            }
            guard times.count == 1, let time = times.first, time.utf8.allSatisfy({ (48...57).contains($0) }),
                let seconds = Int64(time), seconds <= Int64.max / 1000
            else { throw .malformed }
            self.time = time
            self.milliseconds = seconds * 1000
            self.signatures = signatures
        }
    }
}
