import Crypto
import Endpoints
import HTTP
import JSON
import Models

extension VouchedCaller {
    /// The caller of a handshake that an edge has handed over.
    init(of request: HTTPRequest, signature: SignedCaller, now: Timestamp) throws(APIError) {
        do {
            let (payload, _) = try signature.verify(
                request.headers[SignedCaller.headerName] ?? "", now: now.milliseconds / 1000)
            self = try JSON(parsing: payload).decode()
        } catch {
            throw .unauthorized("The connection was not handed over by the edge")
        }
    }
}
