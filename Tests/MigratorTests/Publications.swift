import Foundation

/// What services let others read and call: the column "publishes" of the README's table.
enum Publications {
    /// Full names, such as `org.device_directory`.
    static func all() throws -> Set<String> {
        let repository = URL(filePath: #filePath).appending(path: "../../..").standardized
        let readme = try String(contentsOf: repository.appending(path: "README.md"), encoding: .utf8)
        return readme.split(separator: "\n").reduce(into: []) { published, line in
            let cells = line.split(separator: "|")
            guard cells.count == 4, let owner = cells[1].firstMatch(of: /schema `(\w+)`/)?.output.1 else { return }
            for name in cells[2].matches(of: /`(\w+)`/) { published.insert("\(owner).\(name.output.1)") }
        }
    }
}
