/// Writes requests in wire format.
package enum RequestWriter {
    /// The request line and `headers` exactly as given, with the empty line behind them: what a proxy sends on.
    ///
    /// Characters of `target` that would end the line early are dropped.
    package static func head(_ method: HTTPMethod, _ target: String, headers: HTTPHeaders) -> [UInt8] {
        var output: [UInt8] = []
        output.append(contentsOf: method.rawValue.utf8.lazy.filter { ByteClass.token.contains($0) })
        output.append(0x20)
        output.append(contentsOf: target.utf8.lazy.filter { ByteClass.target.contains($0) })
        output.append(contentsOf: " HTTP/1.1\r\n".utf8)
        headers.write(to: &output)
        output.append(0x0d)
        output.append(0x0a)
        return output
    }

    static func request(
        _ method: HTTPMethod, _ target: String, authority: String, headers: HTTPHeaders, body: [UInt8]
    ) -> [UInt8] {
        var fields: HTTPHeaders = ["Host": authority]
        for (name, value) in headers.all { fields.append(name, value) }
        if headers["Host"] != nil {
            fields.remove("Host")
            fields["Host"] = headers["Host"]
        }
        if !body.isEmpty || ![.get, .head, .delete, .options].contains(method) {
            fields["Content-Length"] = String(body.count)
        }
        return head(method, target, headers: fields) + body
    }
}
