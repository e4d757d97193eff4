import Crypto
import FoundationEssentials

/// One SQL file.
struct Migration {
    /// The owner and the file's name, for example `Bus/001_outbox.sql`.
    let name: String
    let sql: String

    /// The hexadecimal SHA-256 of the file.
    var digest: String { Hex.encode(SHA256.hash(Array(sql.utf8))) }

    /// Where migrations come from, in the order in which they are applied.
    ///
    /// A file may refer to what stands before it. A view is created by the owner of its tables, in the same file as the
    /// grants to those who read it; roles exist before the first file. So no file needs to know a later schema.
    static let directories = [
        "Shared/Bus", "Services/OrgLocations", "Services/BillingWebhooks", "Services/Gateway",
        "Services/CommandDispatcher", "Services/AlertsEngine", "Services/NotificationMailer",
    ]

    /// All files below `base`, in order. A service without migrations is no error.
    static func all(below base: URL) throws -> [Migration] {
        try directories.flatMap { directory -> [Migration] in
            let owner = base.appending(path: directory)
            let folder = owner.appending(path: "Migrations")
            guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            return try files.filter { $0.hasSuffix(".sql") }.sorted().map { file in
                let data = try Data(contentsOf: folder.appending(path: file))
                return Migration(name: "\(owner.lastPathComponent)/\(file)", sql: String(decoding: data, as: UTF8.self))
            }
        }
    }
}
