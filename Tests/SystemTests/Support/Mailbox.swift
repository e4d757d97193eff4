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
}
