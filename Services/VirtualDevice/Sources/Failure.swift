import Models

/// Where a device can be made to fail on purpose.
enum FailurePoint: String, CaseIterable {
    /// The command has arrived and nothing is written.
    case beforeJournal = "before-journal"
    /// The journal has it; the cloud has not been told and the register has not been touched.
    case afterJournal = "after-journal"
    /// The paper is out; the journal does not know.
    case afterPrint = "after-print"
    /// The journal has the answer; the cloud has not.
    case beforeResult = "before-result"
}

enum FailureAction: String, CaseIterable {
    /// The whole process ends on the spot, like kill -9.
    case exit
    /// The connection is cut and comes back as usual; the app goes on.
    case disconnect
}

/// The next failures of a device.
struct PlannedFailure: Equatable {
    let point: FailurePoint
    let action: FailureAction
    var times: Int
}
