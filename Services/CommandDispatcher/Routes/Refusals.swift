import Endpoints
import Models

/// What the routes show and the handlers throw.
extension APIError {
    package static let noSuchCommand = notFound("Command not found")
    package static let noSuchReceipt = notFound("Receipt not found")

    /// For a kind of which there is one at a time.
    package static func notEnded(_ type: CommandType) -> APIError {
        conflict("Another \(type) of this device has not ended, or its outcome is unknown")
    }

    package static func alreadyEnded(_ status: CommandStatus) -> APIError {
        conflict("The command is \(status.rawValue) already")
    }

    package static func alsoTakes(_ scope: Scope, _ type: CommandType) -> APIError {
        forbidden("\(type) also takes the scope \(scope.rawValue)")
    }

    /// Nothing is queued.
    package static let deviceOffline = unavailable("The device is offline")
    /// Nothing is queued.
    package static let deviceHasNoController = unavailable("The device has no controller")
    /// The command was withdrawn before its delivery began.
    package static let deviceBusy = unavailable("The device is busy", retryAfter: 5)

    /// The register did what it was told, and left out what it promises.
    package static func deviceDidNotReturn(_ name: String) -> APIError {
        APIError(.internalError, "The device did not return \(name)")
    }
}
