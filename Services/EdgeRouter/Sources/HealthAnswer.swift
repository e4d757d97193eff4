import EventLoop
import HTTP
import Models

/// The version of the product, in `GET /health` and in the OpenAPI document.
let productVersion = "1.0.0"

/// The answer of `GET /health`, made once per millisecond at most.
@Loop final class HealthAnswer {
    private var madeAt: Int64 = .min
    private var body: [UInt8] = []

    func response() -> HTTPResponse {
        let now = Loop.now.nanoseconds / 1_000_000
        if now != madeAt {
            madeAt = now
            body = Array(#"{"status":"ok","timestamp":"\#(Timestamp.now())","version":"\#(productVersion)"}"#.utf8)
        }
        return HTTPResponse(json: body)
    }
}
