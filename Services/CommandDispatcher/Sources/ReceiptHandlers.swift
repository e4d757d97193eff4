import Bus
import CommandDispatcherRoutes
import Endpoints
import EventLoop
import Models

/// The journal, as clients see it.
@Loop struct ReceiptHandlers {
    let receipts: ReceiptStore
    let commands: CommandStore

    func mount(on bus: Bus) {
        bus.mount(CommandDispatcherRoutes.deviceReceipts, ofDevice)
    }

    private func ofDevice(_ call: Call<ReceiptFilter>) async throws -> ReceiptList {
        let device = DeviceID(call.path("deviceId"))
        let filter: ReceiptFilter
        do {
            filter = try call.input()
        } catch {
            guard try await commands.deviceExists(device, of: call.orgId) else { throw APIError.noSuchDevice }
            throw error
        }
        let found = try await receipts.receipts(of: device, in: call.orgId, type: filter.type, limit: filter.limit)
        guard let found else { throw APIError.noSuchDevice }
        return ReceiptList(receipts: found)
    }
}
