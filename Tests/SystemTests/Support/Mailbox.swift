import EventLoop
import Foundation
import TestSupport

/// Everything that a stack has mailed.
@Loop struct Mailbox {
    private let folder: String

    init(_ stack: Stack) { folder = stack.variables.mailDirectory + "/new" }

    var messages: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { try? String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8) }
    }

    /// The token of the link in a mail to an address, once it has come.
    func linkToken(to email: String) async -> String? {
        await eventually {
            guard let message = messages.first(where: { $0.contains("\nTo: \(email)") }) else { return nil }
            let text = message.replacing("=\r\n", with: "").replacing("=\n", with: "")
            guard let start = text.range(of: "#token=3D")?.upperBound else { return nil }
            return String(text[start...].prefix { !$0.isWhitespace })
        }
    }
}
