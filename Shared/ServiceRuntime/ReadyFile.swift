import Glibc
import JSON

import struct FoundationEssentials.Data
import struct FoundationEssentials.URL

/// The file by which a supervisor learns that a process is ready and where it listens.
///
/// It is renamed into place, so whoever sees it sees all of it.
struct ReadyFile: Sendable {
    let path: String

    /// Writes the process' id and its ports.
    func write(internalPort: Int, ports: [(name: String, port: Int)]) throws {
        var content: JSONObject = ["pid": .number(getpid()), "internalPort": .number(internalPort)]
        for (name, port) in ports { content[name] = .number(port) }
        try Data(JSON.object(content).serialized()).write(to: URL(filePath: path), options: .atomic)
    }

    /// Takes the file away, when the process stops being ready for good.
    func remove() { unlink(path) }
}
