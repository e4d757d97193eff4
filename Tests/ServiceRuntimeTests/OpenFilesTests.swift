import Glibc
import Testing

@testable import ServiceRuntime

@Suite("Descriptors for sockets that stay open") struct OpenFilesTests {
    @Test(
        "leave some for everything else, whatever the limit",
        arguments: [(0, 0), (4, 3), (1024, 768), (4000, 3000), (20_000, 19_000), (1_048_576, 1_047_576)])
    func room(limit: rlim_t, sockets: Int) {
        #expect(OpenFiles.forSockets(of: limit) == sockets)
    }

    @Test("may be without a limit") func unlimited() {
        #expect(OpenFiles.forSockets(of: rlim_t.max) > 1_000_000)
    }

    @Test("are counted against this process' limit") func ours() {
        #expect(OpenFiles.limit > 0 && OpenFiles.forSockets < Int(clamping: OpenFiles.limit))
    }
}
