import EventLoop
import JSON
import Models
import Postgres

/// One mail to one recipient, claimed by this process.
struct Job {
    let id: String
    let orgId: OrgID
    let organization: String
    let device: String?
    let recipient: String
    let kind: MailKind
    let data: JSON
    let requestId: String?
    let attempts: Int
    /// Its Date.
    let wantedAt: Timestamp
    let expiresAt: Timestamp
    let claim: String

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.string("job_id")
        orgId = try row.value("org_id")
        organization = try row.optional("organization") ?? orgId.rawValue
        device = try row.optional("device")
        recipient = try row.string("recipient")
        kind = MailKind(rawValue: try row.string("kind"))
        data = try row.json("data")
        requestId = try row.optional("request_id")
        attempts = try row.int("attempts")
        wantedAt = try row.timestamp("wanted_at")
        expiresAt = try row.timestamp("expires_at")
        claim = try row.string("claim")
    }
}

/// What was found when the next mails were looked for.
struct Claimed {
    /// To be sent by this process now.
    var jobs: [Job] = []
    /// Of which nobody is to be told any more.
    var withdrawn = 0
    /// Not sent in time, for what each last failed.
    var expired: [(jobId: String, requestId: String?, reason: String)] = []
    /// Whether there may be more.
    var isMore = false
}
