import HTTP

/// What a parser made of a connection's bytes, in a form that does not depend on how they were chopped.
struct RequestTranscript: Equatable, CustomStringConvertible {
    var entries: [String] = []

    init(_ bytes: [UInt8], chop: Int, limits: HTTPParserLimits = HTTPParserLimits()) {
        var parser = HTTPRequestParser(limits: limits)
        var body: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: chop) {
            let piece = Array(bytes[start..<min(start + chop, bytes.count)])
            let goesOn = piece.withUnsafeBufferPointer { view in
                var offset = 0
                var consumed = 0
                while let event = parser.next(ByteView(rebasing: view[offset...]), consumed: &consumed) {
                    let begin = offset
                    offset += consumed
                    switch event {
                    case .head(let head):
                        entries.append("\(head.method.rawValue) \(head.path)" + (head.query.map { " ?\($0)" } ?? ""))
                    case .body(let range):
                        body += view[(begin + range.lowerBound)..<(begin + range.upperBound)]
                    case .end:
                        entries.append("end \(body.count) \(String(decoding: body.prefix(20), as: UTF8.self))")
                        body = []
                    case .refused(let refusal):
                        entries.append("refused \(refusal.status.rawValue)")
                        return false
                    }
                }
                return true
            }
            guard goesOn else { return }
        }
        if !parser.isIdle { entries.append("waiting") }
    }

    var description: String { entries.joined(separator: "; ") }
}
