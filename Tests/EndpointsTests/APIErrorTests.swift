import JSON
import Testing

@testable import Endpoints

@Suite("A refusal") struct APIErrorTests {
    @Test("is an envelope with code and message, and details only where there are some")
    func envelope() {
        let text = String(decoding: APIError.notFound("Device not found").envelope(), as: UTF8.self)
        #expect(text == #"{"error":{"code":"NOT_FOUND","message":"Device not found"}}"#)
        #expect(APIError.commandTimeout(commandId: "cmd_1").body["error"]?["details"] == ["commandId": "cmd_1"])
    }

    @Test("is flat for 429, with the seconds to wait")
    func rateLimit() {
        let error = APIError.rateLimited(retryAfter: 0)
        #expect(error.body["code"] == "RATE_LIMIT_EXCEEDED" && error.body["status"] == 429)
        #expect(error.body["error"] == nil)
        #expect(error.headers.map(\.name) == ["Retry-After"] && error.headers.map(\.value) == ["1"])
    }

    @Test("names the methods that a path does have")
    func allow() {
        #expect(APIError.methodNotAllowed(allow: ["POST", "GET"]).headers.map(\.value) == ["GET, POST"])
    }

    @Test(
        "is found by the bare status that a server refuses with",
        arguments: [
            (400, "BAD_REQUEST"), (408, "REQUEST_TIMEOUT"), (414, "URI_TOO_LONG"), (417, "EXPECTATION_FAILED"),
            (426, "UPGRADE_REQUIRED"), (431, "REQUEST_HEADER_FIELDS_TOO_LARGE"), (501, "NOT_IMPLEMENTED"),
            (505, "HTTP_VERSION_NOT_SUPPORTED"), (418, "BAD_REQUEST"), (599, "INTERNAL_ERROR"),
        ])
    func status(status: Int, code: String) {
        #expect(APIError.Code(status: status).rawValue == code)
    }
}
