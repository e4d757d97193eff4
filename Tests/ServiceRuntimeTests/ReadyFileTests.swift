import Foundation
import JSON
import Testing

@testable import ServiceRuntime

@Suite("The file that says a process is ready") struct ReadyFileTests {
    @Test("holds the process' id and its ports, replaces what was there, and goes away")
    func content() throws {
        let path = NSTemporaryDirectory() + "ready-\(getpid()).json"
        let file = ReadyFile(path: path)
        try file.write(internalPort: 1, ports: [])
        try file.write(internalPort: 40001, ports: [("port", 8080)])
        let content = try JSON(parsing: try String(contentsOfFile: path, encoding: .utf8))
        #expect(content == ["pid": .number(getpid()), "internalPort": 40001, "port": 8080])
        file.remove()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("reports a folder that is not there")
    func noFolder() {
        #expect(throws: (any Error).self) {
            try ReadyFile(path: "/nonexistent/ready.json").write(internalPort: 1, ports: [])
        }
    }
}
