import CLibpq
import EventLoop
import Glibc

/// An established connection before its state machine takes over.
///
/// Unchecked because it is made on the offload pool and used on the loop, one after the other.
struct OpenedConnection: @unchecked Sendable {
    let handle: OpaquePointer

    /// libpq's last error, without its line breaks.
    var reason: String {
        String(cString: PQerrorMessage(handle)).split(separator: "\n").joined(separator: " ")
    }

    /// Opens a connection within the configuration's deadline.
    @Loop static func open(_ configuration: PostgresConfiguration) async throws(PostgresError) -> OpenedConnection {
        let deadline = LoopInstant.current + configuration.connectDeadline
        let opened = try await start(configuration)
        do {
            try await opened.establish(until: deadline)
            return opened
        } catch {
            PQfinish(opened.handle)
            throw error
        }
    }

    /// The host name is looked up by the first step already, which may block: it belongs on the pool.
    @Loop private static func start(
        _ configuration: PostgresConfiguration
    ) async throws(PostgresError) -> OpenedConnection {
        let parameters = configuration.parameters
        let started: OpenedConnection?
        do {
            started = try await Loop.offload { OpenedConnection(parameters) }
        } catch {
            throw .unavailable("too many blocking tasks wait")
        }
        guard let started else { throw .unavailable("out of memory") }
        return started
    }

    private init?(_ parameters: [(keyword: String, value: String)]) {
        let keywords = parameters.map { strdup($0.keyword) } + [nil]
        let values = parameters.map { strdup($0.value) } + [nil]
        defer { for text in keywords + values { free(text) } }
        let handle = keywords.map { UnsafePointer<CChar>($0) }.withUnsafeBufferPointer { keywords in
            values.map { UnsafePointer<CChar>($0) }.withUnsafeBufferPointer { values in
                PQconnectStartParams(keywords.baseAddress, values.baseAddress, 1)
            }
        }
        guard let handle else { return nil }
        self.handle = handle
        // Notices would go to the process's standard error otherwise.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
    }

    @Loop private func establish(until deadline: LoopInstant) async throws(PostgresError) {
        guard PQstatus(handle) != CONNECTION_BAD else { throw .unavailable(reason) }
        var interest = Readiness.write
        while true {
            try await wait(for: interest, until: deadline)
            switch PQconnectPoll(handle) {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING: interest = .read
            case PGRES_POLLING_WRITING: interest = .write
            default: throw .unavailable(reason)
            }
        }
    }

    /// One watch per step, because libpq may close the socket and open another one between two steps.
    @Loop private func wait(for interest: Readiness, until deadline: LoopInstant) async throws(PostgresError) {
        let promise = Promise<Void, PostgresError>(
            deadline: deadline, failure: .unavailable("the server did not answer in time"))
        let watch: FileWatch
        do {
            watch = try Loop.watch(PQsocket(handle), for: interest) { _ in promise.succeed(()) }
        } catch {
            throw .unavailable(error.description)
        }
        defer { watch.cancel() }
        try await promise.value()
    }
}
