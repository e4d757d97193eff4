import EventLoop
import Glibc
import JSON

/// A file of JSON lines that is only ever appended to. Nobody hears of a line before it is on the disk; lines that come
/// while the disk is busy go there together.
@Loop final class DurableLog {
    enum Damage: Error, Equatable {
        /// Another process has the file.
        case inUse(path: String)
        /// A line in the middle is not what was once written.
        case unreadable(path: String, line: Int)
    }

    private let descriptor: Int32
    private let onFailure: @Loop (SystemCallError) -> Void
    private var bytes: [UInt8] = []
    private var waiting: [@Loop () -> Void] = []
    private var isBusy = false
    private var idle: Promise<Void, Never>?

    /// Opens the file and hands every line in it to `replay`, which says whether it understands it. A last line without
    /// an end is what a crash has left of a write that nobody has heard of: it is cut off.
    init(
        _ path: String, onFailure: @escaping @Loop (SystemCallError) -> Void, replay: (JSON) -> Bool
    ) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        self.onFailure = onFailure
        guard descriptor >= 0 else { throw SystemCallError("open \(path)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw Damage.inUse(path: path) }
        let content = try Self.content(of: descriptor)
        let end = content.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        for (index, line) in content[..<end].split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let json = try? JSON(parsing: line), replay(json) else {
                throw Damage.unreadable(path: path, line: index + 1)
            }
        }
        guard end == content.count || ftruncate(descriptor, off_t(end)) == 0 else { throw SystemCallError("ftruncate") }
    }

    deinit { close(descriptor) }

    /// Appends a line and calls `whenDurable` once it is on the disk, in the order of the calls.
    func append(_ line: JSONObject, whenDurable: @escaping @Loop () -> Void) {
        line.append(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        waiting.append(whenDurable)
        guard !isBusy else { return }
        isBusy = true
        Loop.atEndOfTurn { Task.immediate(executorPreference: Loop.executor) { @Loop in await self.write() } }
    }

    /// Waits until everything appended so far, and what that brings about, is on the disk.
    func settle() async {
        guard isBusy else { return }
        let idle = self.idle ?? Promise()
        self.idle = idle
        await idle.value()
    }

    private func write() async {
        while !bytes.isEmpty {
            let (batch, called) = (bytes, waiting)
            (bytes, waiting) = ([], [])
            let descriptor = descriptor
            do {
                let failure = try await Loop.offload { Self.store(batch, in: descriptor) }
                if let failure { return onFailure(failure) }
            } catch {
                return onFailure(SystemCallError("offload", code: EAGAIN))
            }
            for call in called { call() }
        }
        isBusy = false
        idle?.succeed(())
        idle = nil
    }

    private nonisolated static func store(_ bytes: [UInt8], in descriptor: Int32) -> SystemCallError? {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { offset += count } else if errno != EINTR { return SystemCallError("write") }
        }
        return fdatasync(descriptor) == 0 ? nil : SystemCallError("fdatasync")
    }

    private static func content(of descriptor: Int32) throws(SystemCallError) -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemCallError("fstat") }
        var content: [UInt8] = []
        content.reserveCapacity(Int(status.st_size))
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else {
                if count == 0 { return content }
                if errno == EINTR { continue }
                throw SystemCallError("read")
            }
            content += buffer[..<count]
        }
    }
}
