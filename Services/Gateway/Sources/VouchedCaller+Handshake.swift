import Crypto
import Endpoints
import HTTP
import JSON
import Models
import ServiceRuntime

extension VouchedCaller {
    /// The caller of a handshake that an edge has handed over.
    init(of request: HTTPRequest, signature: SignedCaller, now: Timestamp) throws(APIError) {
        do {
            let (payload, _) = try signature.verify(
                request.headers[SignedCaller.headerName] ?? "", now: now.milliseconds / 1000)
            self = try JSON(parsing: payload).decode()
        } catch {
            // No fault of a client's, who must not give its credential up for it.
            let fields: LogFields = ["endpoint": "socket", "reason": String(describing: error)]
            Log.error("nobody has vouched for the caller", fields, requestId: request.headers["x-request-id"])
            throw .temporarilyUnavailable
        }
    }
}
