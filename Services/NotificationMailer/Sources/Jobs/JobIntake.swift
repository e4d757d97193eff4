import Bus
import EventLoop
import Models
import Postgres

/// Makes jobs of the events that somebody is to be told of.
@Loop enum JobIntake {
    private nonisolated static let notices: [String: @Sendable (OutboxEvent) throws -> [BoundStatement]] = [
        DeviceAlertChanged.type.rawValue: { try AlertNotices.changed($0) },
        DeviceDeleted.type.rawValue: { try AlertNotices.deleted($0) },
        InvitationIssued.type.rawValue: { try LinkNotices.invitation($0) },
        PasswordResetRequested.type.rawValue: { try LinkNotices.passwordReset($0) },
    ]

    /// Works through the transaction that moves the cursor: each event makes its jobs exactly once.
    static func handle(_ events: [OutboxEvent], _ transaction: PostgresTransaction) async throws {
        let statements = try events.flatMap { try notices[$0.type]?($0) ?? [] }
        if !statements.isEmpty { _ = try await transaction.queries(statements) }
    }
}
