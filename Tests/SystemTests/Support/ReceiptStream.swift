import EventLoop
import TestSupport

/// A busy hour: every device's till orders receipts, two at a time, repeating each order under its key until the cloud
/// has taken it; meanwhile things go wrong.
@Loop final class ReceiptStream {
    private let name: String
    private let cloud: Cloud
    private let books: Books
    private let devices: [String]
    private var ordered: [String] = []
    private var orders = 0
    private var open: Set<String> = []
    private var isOver = false
    private var faults: [Task<Void, any Error>] = []

    /// `name` tells its orders from those of other streams.
    init(_ name: String, _ stack: Stack, devices: [String]) throws {
        self.name = name
        self.devices = devices
        cloud = try Cloud(stack)
        books = Books(stack)
    }

    /// Orders `count` receipts of each device, and has `fault` happen before every `interval`th order, counted over all
    /// devices; returns the commands' ids when all have ended.
    func run(
        of count: Int, every interval: Int, fault: @escaping @Loop (Int) async throws -> Void
    ) async throws -> [String] {
        let watch = Task { @Loop in await self.watch() }
        do {
            _ = try await allAtOnce(devices.count) { till in
                for number in 0..<count {
                    self.count(every: interval, fault)
                    try await self.order(number, on: self.devices[till], awaited: number % 2 == 1)
                }
            }
            for fault in faults { try await fault.value }
            for id in ordered { try await end(of: id) }
            await close(watch)
        } catch {
            await close(watch)
            throw error
        }
        return ordered
    }

    struct Unfinished: Error { let command: String }

    private func count(every interval: Int, _ fault: @escaping @Loop (Int) async throws -> Void) {
        orders += 1
        guard orders % interval == 0 else { return }
        let number = orders / interval - 1
        faults.append(Task { @Loop in try await fault(number) })
    }

    private func order(_ number: Int, on device: String, awaited: Bool) async throws {
        let answer = try await cloud.insist(
            "/api/v1/devices/\(device)/commands", Sale.printReceipt, key: "\(name)-\(device)-\(number)")
        guard let id = answer.json["id"]?.string else { throw Refused(answer: "\(answer.status) \(answer.json)") }
        ordered.append(id)
        open.insert(id)
        if awaited { try await end(of: id) }
    }

    struct Refused: Error { let answer: String }

    private func end(of id: String) async throws {
        let ended: Bool? = await eventually(within: .seconds(90)) { open.contains(id) ? nil : true }
        guard ended != nil else { throw Unfinished(command: id) }
    }

    /// One look at the database for all tills.
    private func watch() async {
        _ = await eventually(within: .seconds(300)) { () -> Bool? in
            let before = open
            if let open = try? await books.open() { self.open.subtract(before.subtracting(open)) }
            return isOver ? true : nil
        }
    }

    private func close(_ watch: Task<Void, Never>) async {
        isOver = true
        await watch.value
        await books.close()
    }
}
