import FoundationEssentials
import ServiceRuntime

/// What the migrator is told by its environment.
struct Config: Configuration {
    let databaseURL: Secret
    /// The directory that holds `Shared/` and `Services/`.
    let base: URL
    /// Passwords of the service roles that have one; without, the server must trust the role some other way.
    let passwords: [String: Secret]

    init(from environment: inout EnvironmentReader) {
        databaseURL = environment.secret("DATABASE_URL")
        let named = environment.optionalString("MIGRATIONS").map { URL(filePath: $0) }
        let found = named.flatMap { Self.isBase($0) ? $0 : nil } ?? (named == nil ? Self.repository() : nil)
        if found == nil { environment.reject("MIGRATIONS", "must be a directory that holds Shared/Bus/Migrations") }
        base = found ?? URL(filePath: "/")
        passwords = Role.all.reduce(into: [:]) { $0[$1.name] = environment.optionalSecret($1.passwordVariable) }
    }

    /// The nearest directory above the executable that holds migrations.
    private static func repository() -> URL? {
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return nil
        }
        var directory = URL(filePath: path)
        while directory.path != "/" {
            directory = directory.deletingLastPathComponent()
            if isBase(directory) { return directory }
        }
        return nil
    }

    private static func isBase(_ directory: URL) -> Bool {
        FileManager.default.fileExists(atPath: directory.appending(path: "Shared/Bus/Migrations").path)
    }
}
