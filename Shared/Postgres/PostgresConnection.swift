import CLibpq
import EventLoop

/// One connection in pipeline mode: exchanges go out in order, several at a time, and are answered in order.
///
/// The connection is closed, and everything on it failed, by the first thing that is not as it should be.
@Loop final class PostgresConnection {
    /// Set while a transaction owns the connection: nothing else may be sent.
    var isReserved = false
    /// Called with every exchange that is sent.
    var onSend: (@Loop () -> Void)?
    /// Called when the last answer has arrived and nobody owns the connection.
    var onFree: (@Loop (PostgresConnection) -> Void)?
    /// Called once, when the connection is of no more use.
    var onClose: (@Loop (PostgresConnection) -> Void)?

    private let handle: OpaquePointer
    private var watch: FileWatch?
    private var exchanges: [Exchange] = []
    private var prepared = PreparedStatements()
    private var isStale = false

    /// Takes over an established connection.
    init(_ opened: OpenedConnection) throws(PostgresError) {
        handle = opened.handle
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
            let reason = opened.reason
            PQfinish(handle)
            throw .unavailable(reason)
        }
        do {
            watch = try Loop.watch(PQsocket(handle), for: .read) { [weak self] in self?.ready($0) }
        } catch {
            PQfinish(handle)
            throw .unavailable(error.description)
        }
    }

    /// Whoever drops a pool without closing it must not leave a socket behind that the loop goes on watching.
    isolated deinit {
        onClose = nil
        close(with: .outcomeUnknown)
    }

    var isOpen: Bool { watch != nil }

    var isFree: Bool { isOpen && exchanges.isEmpty && !isReserved }

    /// True while the server is inside a transaction block, also when that has failed or is not answered yet.
    var isInTransaction: Bool { isOpen && PQtransactionStatus(handle) != PQTRANS_IDLE }

    /// Sends an exchange behind those already sent; its outcome arrives at its own promise.
    func send(_ exchange: Exchange) {
        guard isOpen else { return exchange.fail(.unavailable("the connection was lost")) }
        onSend?()
        exchanges.append(exchange)
        exchange.expire(after: exchange.limit) { [weak self] in self?.expired(exchange) }
        for command in exchange.commands {
            guard write(command.text, command.parameters, of: exchange) else { return lose(sent: false) }
        }
        guard PQpipelineSync(handle) == 1 else { return lose(sent: false) }
        flush()
    }

    /// Gives the connection back after a transaction.
    func release() {
        isReserved = false
        freeIfIdle()
    }

    /// Closes the connection at once; the server rolls back what is not committed.
    func close() { close(with: .outcomeUnknown) }

    private func write(_ text: String, _ parameters: borrowing ParameterBuffer, of exchange: Exchange) -> Bool {
        let (name, isNew) = prepared.name(of: text, for: exchange)
        if isNew {
            guard PQsendPrepare(handle, name, text, 0, nil) == 1 else { return false }
            exchange.steps.append(.prepare(name: name, text: text))
        }
        exchange.steps.append(.execute)
        return parameters.withPointers { PQsendQueryPrepared(handle, name, $0, $1, nil, nil, 0) } == 1
    }

    private func flush() {
        switch PQflush(handle) {
        case 0: watch?.update(.read)
        case 1: watch?.update([.read, .write])
        default: lose(sent: true)
        }
    }

    private func ready(_ readiness: Readiness) {
        if readiness.contains(.write) { flush() }
        guard isOpen, readiness.contains(.read) else { return }
        let isAlive = PQconsumeInput(handle) == 1
        // What arrived before the end of the stream still counts.
        while isOpen, !exchanges.isEmpty, PQisBusy(handle) == 0 {
            guard let result = PQgetResult(handle) else {
                if PQstatus(handle) == CONNECTION_BAD { break }
                exchanges[0].nextStep()
                continue
            }
            receive(PostgresResult(result), for: exchanges[0])
        }
        guard isOpen else { return }
        if !isAlive || PQstatus(handle) == CONNECTION_BAD { lose(sent: true) }
        freeIfIdle()
    }

    private func receive(_ result: PostgresResult, for exchange: Exchange) {
        switch result.status {
        case PGRES_PIPELINE_SYNC:
            exchanges.removeFirst()
            prepared.finished(exchange)
            exchange.finish()
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            guard exchange.index < exchange.steps.count else { return }
            if case .prepare(let name, let text) = exchange.steps[exchange.index] {
                prepared.succeeded(text, name: name)
            } else {
                exchange.record(result)
            }
        case PGRES_FATAL_ERROR where result.code.hasPrefix("57P"), PGRES_FATAL_ERROR where result.code.isEmpty:
            // The server's last words, or libpq's: the stream ends here.
            if !result.code.isEmpty, !exchange.isExecuted { exchange.record(.unavailable(result.error.description)) }
        case PGRES_FATAL_ERROR:
            exchange.record(result.error)
            // A plan that a migration has outdated (0A000), or a lost one (26000), heals with a new connection.
            if ["0A000", "26000"].contains(result.code) { isStale = true }
        case PGRES_PIPELINE_ABORTED: break
        default: lose(sent: true)
        }
    }

    private func freeIfIdle() {
        guard isFree else { return }
        if isStale || PQtransactionStatus(handle) != PQTRANS_IDLE { return close(with: .outcomeUnknown) }
        onFree?(self)
    }

    private func expired(_ exchange: Exchange) {
        exchange.fail(.deadline)
        close(with: .outcomeUnknown)
    }

    private func lose(sent: Bool) {
        guard isOpen else { return }
        let reason = String(cString: PQerrorMessage(handle))
        if !sent { exchanges.last?.record(.unavailable(reason)) }
        close(with: .outcomeUnknown)
    }

    private func close(with error: PostgresError) {
        guard let watch else { return }
        watch.cancel()
        self.watch = nil
        PQfinish(handle)
        let lost = exchanges
        exchanges = []
        for exchange in lost { exchange.fail(exchange.error ?? error) }
        onClose?(self)
        onFree = nil
        onClose = nil
    }
}
