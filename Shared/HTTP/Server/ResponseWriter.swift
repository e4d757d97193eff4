import EventLoop

/// Writes responses in wire format.
@Loop enum ResponseWriter {
    private static var statusLines: [[UInt8]] = Array(repeating: [], count: 1000)
    private static let close = Array("Connection: close\r\n".utf8)
    private static let keepAlive = Array("Connection: keep-alive\r\n".utf8)
    private static let contentLength = Array("Content-Length: ".utf8)
    static let continueResponse = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Appends a response to `request`, which is nil when there was none worth the name.
    static func write(
        _ response: HTTPResponse, to request: HTTPRequestHead?, keepsAlive: Bool, into output: inout [UInt8]
    ) {
        let body = response.body
        output.append(contentsOf: statusLine(response.status))
        output.append(contentsOf: DateField.line)
        response.headers.write(to: &output)
        if !keepsAlive {
            output.append(contentsOf: close)
        } else if request?.isHTTP10 == true {
            output.append(contentsOf: keepAlive)
        }
        if !response.status.forbidsBody || response.status == 304 {
            output.append(contentsOf: contentLength)
            appendNumber(body.count, to: &output)
            output.append(0x0d)
            output.append(0x0a)
        }
        output.append(0x0d)
        output.append(0x0a)
        if !response.status.forbidsBody, request?.method != .head { output.append(contentsOf: body) }
    }

    static func statusLine(_ status: HTTPStatus) -> [UInt8] {
        let known = statusLines[status.rawValue]
        if !known.isEmpty { return known }
        let line = Array("HTTP/1.1 \(status.rawValue) \(status.phrase)\r\n".utf8)
        statusLines[status.rawValue] = line
        return line
    }

    private static func appendNumber(_ number: Int, to output: inout [UInt8]) {
        if number >= 10 { appendNumber(number / 10, to: &output) }
        output.append(0x30 + UInt8(number % 10))
    }
}
