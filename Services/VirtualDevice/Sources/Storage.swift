import EventLoop
import Glibc
import JSON
import Models
import ServiceRuntime

/// The files of all devices of this process: the apps' journal, the registers' memory and the printed slips.
///
/// The devices share them, so that hundreds of them share the waiting for the disk.
@Loop final class Storage {
    private let journal: DurableLog
    private let memory: DurableLog
    private let slips: Int32?

    /// Opens the files in `directory` and hands out what the devices know from earlier processes.
    init(
        directory: String, isQuiet: Bool, devices: [DeviceID], onFailure: @escaping @Loop (String) -> Void,
        restoring: (DeviceID, Journal, RegisterMemory) -> Void
    ) throws {
        guard mkdir(directory, 0o755) == 0 || errno == EEXIST else { throw SystemCallError("mkdir \(directory)") }
        var journals = Dictionary(uniqueKeysWithValues: devices.map { ($0, Journal()) })
        var memories = Dictionary(uniqueKeysWithValues: devices.map { ($0, RegisterMemory()) })
        journal = try DurableLog("\(directory)/journal.jsonl") {
            onFailure("the journal cannot be written: \($0)")
        } replay: { json in
            guard let device = json["device"]?.string, let line = JournalLine(json) else { return false }
            journals[DeviceID(device)]?.apply(line)
            return true
        }
        memory = try DurableLog("\(directory)/fiscal-memory.jsonl") {
            onFailure("the fiscal memory cannot be written: \($0)")
        } replay: { json in
            guard let device = json["device"]?.string, let record = FiscalRecord(json) else { return false }
            memories[DeviceID(device)]?.apply(record)
            return true
        }
        slips = isQuiet ? nil : open("\(directory)/slips.txt", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        for device in devices { restoring(device, journals[device] ?? Journal(), memories[device] ?? RegisterMemory()) }
    }

    func append(_ line: JournalLine, of device: DeviceID, whenDurable: @escaping @Loop () -> Void) {
        journal.append(Self.members(device, line.members), whenDurable: whenDurable)
    }

    func append(_ record: FiscalRecord, of device: DeviceID, whenDurable: @escaping @Loop () -> Void) {
        memory.append(Self.members(device, record.members), whenDurable: whenDurable)
    }

    /// Shows a slip and keeps it; what counts as printed is the fiscal memory, so a failure here is none.
    func print(_ slip: Slip) {
        guard let slips else { return }
        let text = Array("\n\(slip.text)\n".utf8)
        for descriptor in [slips, STDOUT_FILENO] {
            _ = text.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        }
    }

    func settle() async {
        await memory.settle()
        await journal.settle()
    }

    private static func members(_ device: DeviceID, _ members: JSONObject) -> JSONObject {
        JSONObject([("device", .string(device.rawValue))]).merging(members)
    }
}
