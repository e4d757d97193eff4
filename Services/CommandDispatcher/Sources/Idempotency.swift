import Bus
import Crypto
import Endpoints
import JSON
import Models
import Postgres

/// The caller's promise that repetitions of a request are meant as one: the first answer under a key is kept for 24
/// hours, in the transaction of its effect, and is everybody's answer.
struct Idempotency {
    let key: String
    let requestSHA256: String
    /// What the request is answered, in case it is the first.
    private(set) var status = 201
    private(set) var answer = ""

    /// Nil for a call without a key. White space and the order of members do not make another request.
    init?(_ call: Call<some Decodable & Sendable>, on device: DeviceID) throws {
        guard let key = call.header(IdempotencyKey.field) else { return nil }
        let request = "\(call.request.endpoint) \(device)\n\(Self.sorted(try JSON(parsing: call.request.body)).text)"
        self.key = key
        requestSHA256 = Hex.encode(SHA256.hash(Array(request.utf8)))
    }

    func answered(_ body: some Encodable, status: Int = 201) throws -> Idempotency {
        var idempotency = self
        idempotency.status = status
        idempotency.answer = try JSON(encoding: body).text
        return idempotency
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

extension Idempotency {
    /// What a request is whose key was used before.
    enum Repetition {
        /// The same one again.
        case replay(status: Int, answer: String)
        case anotherRequest
    }

    /// SQL that takes a key, unless it is taken; to be part of the statement that has the effect, which depends on the row
    /// that comes back. The arguments are SQL too; `source` is the FROM and WHERE that the claim depends on.
    static func claim(
        orgId: String, at now: String, key: String, requestSHA256: String, status: String, answer: String,
        from source: String
    ) -> String {
        """
        INSERT INTO dispatch.idempotency_keys AS k (org_id, key, request_sha256, status, answer, created_at)
        SELECT \(orgId), \(key), \(requestSHA256), \(status)::integer, \(answer), \(now) \(source)
        ON CONFLICT (org_id, key) DO UPDATE
        SET request_sha256 = excluded.request_sha256, status = excluded.status, answer = excluded.answer,
            created_at = excluded.created_at
        WHERE k.created_at < excluded.created_at - interval '24 hours'
        RETURNING 1
        """
    }

    /// The same, as a statement of its own, for an answer that goes with no effect.
    func claim(for orgId: OrgID, at now: Timestamp) -> BoundStatement {
        (Self.claim, [orgId, now, key, requestSHA256, status, answer])
    }

    private static let claim = Statement(
        claim(orgId: "$1", at: "$2", key: "$3", requestSHA256: "$4", status: "$5", answer: "$6", from: ""))

    /// The statement that finds what ``repetition(in:)`` reads. After a claim in the same transaction it is a new snapshot,
    /// which sees the key that the claim has waited for.
    static func kept(_ key: Idempotency?, for orgId: OrgID, at now: Timestamp) -> BoundStatement {
        (kept, [orgId, key?.key, now])
    }

    private static let kept: Statement = """
        SELECT request_sha256, status, answer FROM dispatch.idempotency_keys
        WHERE org_id = $1 AND key = $2 AND created_at >= $3::timestamptz - interval '24 hours'
        """

    /// What the kept answer makes of this request; nil if there is none.
    func repetition(in rows: PostgresRows) throws(PostgresError) -> Repetition? {
        guard let row = rows.first else { return nil }
        guard try row.string("request_sha256") == requestSHA256 else { return .anotherRequest }
        return .replay(status: try row.int("status"), answer: try row.string("answer"))
    }
}

extension BusReply {
    /// - Throws: 422 for another request.
    init(_ repetition: Idempotency.Repetition) throws(APIError) {
        guard case .replay(let status, let answer) = repetition else {
            throw .idempotencyKeyReused
        }
        self.init(
            status: status, headers: ["content-type": "application/json", "idempotent-replayed": "true"],
            body: Array(answer.utf8))
    }
}
