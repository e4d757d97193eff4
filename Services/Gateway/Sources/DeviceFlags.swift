import JSON
import Models

/// The conditions that a register reports, each with the moment at which it last turned true.
struct DeviceFlags: Equatable, Sendable {
    var paperEndSince: Timestamp?
    var paperNearEndSince: Timestamp?
    var coverOpenSince: Timestamp?
    var fiscalMemoryAlmostFullSince: Timestamp?
    var fault: String?

    static let longestFault = 500

    /// Takes over a status frame: what stays true keeps its moment, what is missing is false.
    mutating func apply(_ status: StatusFrame, at now: Timestamp) {
        func since(_ isSet: Bool, _ previous: Timestamp?) -> Timestamp? { isSet ? previous ?? now : nil }
        paperEndSince = since(status.paperEnd, paperEndSince)
        paperNearEndSince = since(status.paperNearEnd, paperNearEndSince)
        coverOpenSince = since(status.coverOpen, coverOpenSince)
        fiscalMemoryAlmostFullSince = since(status.fiscalMemoryAlmostFull, fiscalMemoryAlmostFullSince)
        fault = status.fault.map { String($0.unicodeScalars.prefix(Self.longestFault)) }
    }
}

struct StatusFrame: Equatable, Sendable {
    var paperEnd = false
    var paperNearEnd = false
    var coverOpen = false
    var fiscalMemoryAlmostFull = false
    var fault: String?
}
