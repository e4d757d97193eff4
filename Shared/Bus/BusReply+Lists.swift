import Endpoints
import EventLoop
import JSON
import Postgres

extension BusReply {
    /// From how many rows on a reply is made beside the loop.
    private static let fewRows = 250

    /// The JSON body that `make` makes of the rows of an answer. Many rows take long to read and to write: that happens
    /// on the thread pool, so that the loop goes on with everything else.
    /// - Throws: what `make` throws; 503 when as much waits for the pool as it takes.
    package static func rows<Body: Encodable>(
        _ rows: PostgresRows, as make: @escaping @Sendable (PostgresRows) throws -> Body
    ) async throws -> BusReply {
        guard rows.count > fewRows else { return try BusReply(make(rows)) }
        do {
            return try await Loop.offload { Result { try BusReply(make(rows)) } }.get()
        } catch is OffloadError {
            throw APIError.unavailable("The service has too much to do", retryAfter: 1)
        }
    }
}
