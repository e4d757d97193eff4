/// A mail's content before it is text and HTML: both say the same, and whatever stands in it is shown as text.
struct MailPage {
    enum Block {
        /// Names with what they stand for.
        case facts([(name: String, value: String)])
        case paragraph(String)
        case advice(String)
        /// The first row names the columns; all but the first column are aligned to the right.
        case table([[String]])
        case link(address: String, action: String)
    }

    let title: String
    let blocks: [Block]
    /// Why the reader gets it.
    let reason: String

    func content(subject: String, isSubscription: Bool = true) -> MailContent {
        MailContent(
            subject: subject,
            text: ([title] + blocks.map(Self.text)).joined(separator: "\n\n") + "\n\n-- \n\(reason)\n",
            html: """
                <!DOCTYPE html>
                <html lang="ro">
                <head><meta charset="utf-8"><title>\(Self.escaped(title))</title></head>
                <body style="font-family: sans-serif; color: #1a1a1a">
                <h1 style="font-size: 20px">\(Self.escaped(title))</h1>
                \(blocks.map(Self.html).joined(separator: "\n"))
                <p style="font-size: 12px; color: #666666">\(Self.escaped(reason))</p>
                </body>
                </html>

                """,
            isSubscription: isSubscription)
    }

    private static let adviceName = "Ce este de făcut:"

    private static func text(_ block: Block) -> String {
        switch block {
        case .facts(let facts): facts.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        case .paragraph(let text): text
        case .advice(let text): "\(adviceName) \(text)"
        case .table(let rows): aligned(rows)
        case .link(let address, _): address
        }
    }

    private static func html(_ block: Block) -> String {
        switch block {
        case .facts(let facts):
            let rows = facts.map {
                "<tr><th align=\"left\">\(escaped($0.name))</th><td>\(escaped($0.value))</td></tr>"
            }
            return "<table cellpadding=\"4\">\n\(rows.joined(separator: "\n"))\n</table>"
        case .paragraph(let text): return "<p>\(escaped(text))</p>"
        case .advice(let text): return "<p><strong>\(adviceName)</strong> \(escaped(text))</p>"
        case .table(let rows):
            let lines = rows.enumerated().map { number, row in
                let cells = row.enumerated().map { column, text in
                    let name = number == 0 ? "th" : "td"
                    return "<\(name) align=\"\(column == 0 ? "left" : "right")\">\(escaped(text))</\(name)>"
                }
                return "<tr>\(cells.joined())</tr>"
            }
            return "<table cellpadding=\"4\">\n\(lines.joined(separator: "\n"))\n</table>"
        case .link(let address, let action): return "<p><a href=\"\(escaped(address))\">\(escaped(action))</a></p>"
        }
    }

    private static func aligned(_ rows: [[String]]) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).enumerated().map { column, cell in
                let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + padding : padding + cell.0
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// Text as it may stand in HTML, in an attribute too.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
