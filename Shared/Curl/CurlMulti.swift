import CCurl
import EventLoop

/// libcurl's multi interface on the event loop: it names the sockets and the timer that it waits for, the loop waits.
///
/// For HTTP only. For SMTP libcurl says QUIT whenever it drops a connection and waits for the reply, inside whatever
/// call dropped it; on the loop one silent mail server would stop the process for two minutes.
@Loop final class CurlMulti {
    static let shared = CurlMulti()
    private static let mostTransfers = 512

    private let multi: UnsafeMutableRawPointer
    private var watches: [curl_socket_t: FileWatch] = [:]
    private var timer: LoopTimer?
    private var running: [UnsafeMutableRawPointer: Promise<CURLcode, CurlError>] = [:]

    private init() {
        guard let multi = curl_multi_init() else { preconditionFailure("libcurl is out of memory") }
        self.multi = multi
        _ = ebon_curl_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 64)
        ebon_curl_multi_set_callbacks(
            multi,
            { _, socket, events, owner, _ in
                Loop.assumeIsolated { CurlMulti.from(owner).watch(socket, for: events) }
                return 0
            },
            { _, milliseconds, owner in
                Loop.assumeIsolated { CurlMulti.from(owner).wake(after: milliseconds) }
                return 0
            },
            // The one instance lives as long as the process.
            Unmanaged.passUnretained(self).toOpaque())
    }

    /// Runs a transfer once and releases it.
    func run(_ transfer: Transfer, deadline: LoopInstant) async throws(CurlError) -> TransferResult {
        defer { transfer.release() }
        guard running.count < Self.mostTransfers else { throw .overloaded }
        let easy = transfer.easy
        let done = Promise<CURLcode, CurlError>(deadline: deadline, failure: .deadline)
        running[easy] = done
        curl_multi_add_handle(multi, easy)
        defer {
            running[easy] = nil
            curl_multi_remove_handle(multi, easy)
        }
        return transfer.result(try await done.value(onCancel: .cancelled))
    }

    private nonisolated static func from(_ owner: UnsafeMutableRawPointer?) -> CurlMulti {
        Unmanaged.fromOpaque(owner!).takeUnretainedValue()
    }

    private func watch(_ socket: curl_socket_t, for events: Int32) {
        guard events != CURL_POLL_REMOVE else {
            watches.removeValue(forKey: socket)?.cancel()
            return
        }
        var interest: Readiness = []
        if events & CURL_POLL_IN != 0 { interest.insert(.read) }
        if events & CURL_POLL_OUT != 0 { interest.insert(.write) }
        if let watch = watches[socket] {
            watch.update(interest)
        } else {
            // A socket that epoll refuses stays silent, and its transfer ends at its deadline.
            watches[socket] = try? Loop.watch(socket, for: interest) { [unowned self] readiness in
                advance(socket, readiness)
            }
        }
    }

    private func wake(after milliseconds: Int) {
        timer?.cancel()
        timer = nil
        guard milliseconds >= 0 else { return }
        timer = Loop.schedule(after: .milliseconds(milliseconds)) { [unowned self] in
            timer = nil
            advance(CURL_SOCKET_TIMEOUT, [])
        }
    }

    private func advance(_ socket: curl_socket_t, _ readiness: Readiness) {
        var events: Int32 = 0
        if readiness.contains(.read) { events |= CURL_CSELECT_IN }
        if readiness.contains(.write) { events |= CURL_CSELECT_OUT }
        if readiness.contains(.closed) { events |= CURL_CSELECT_ERR }
        var active: Int32 = 0
        curl_multi_socket_action(multi, socket, events, &active)
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE else { continue }
            running[message.pointee.easy_handle]?.succeed(message.pointee.data.result)
        }
    }
}
