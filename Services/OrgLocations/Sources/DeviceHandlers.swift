import Bus
import Crypto
import Endpoints
import EventLoop
import Models
import OrgLocationsRoutes

@Loop struct DeviceHandlers {
    let store: DeviceStore
    let bus: Bus

    func mount() {
        bus.mount(OrgLocationsRoutes.createDevice) { try await create($0) }
        bus.mount(
            OrgLocationsRoutes.listDevices,
            replying: { call in
                let filter = try call.input()
                let rows = try await store.devices(of: call.orgId, status: filter.status, location: filter.locationId)
                return try await .rows(rows) { try $0.map(Device.init) }
            })
        bus.mount(OrgLocationsRoutes.device) { call in
            guard let device = try await store.device(call.deviceId, of: call.orgId) else {
                throw APIError.noSuchDevice
            }
            return device
        }
        bus.mount(OrgLocationsRoutes.updateDevice) { try await update($0) }
        bus.mount(OrgLocationsRoutes.deleteDevice) { try await delete($0) }
        bus.mount(OrgLocationsRoutes.claimDevice) { try await claim($0) }
        bus.mount(OrgLocationsRoutes.releaseDevice) { try await release($0) }
    }

    /// The plan comes before the body: who may not register learns that first, whatever was sent.
    private func create(_ call: Call<NewDevice>) async throws -> Device {
        let device = try await call.validInput { fault in
            let (allowance, isLocated) = try await store.allowance(of: call.orgId, at: call.namedLocation)
            return allowance.refusal ?? (isLocated ? fault : fault.adding([.unknownLocation]))
        }
        let id = DeviceID(Random.identifier(prefix: "dev"))
        switch try await store.register(id, device, in: call.orgId, as: Actor(call)) {
        case .registered(let device):
            bus.publish(OutboxGrew())
            return device
        case .full(let allowance):
            throw allowance.refusal ?? APIError.unexpected
        case .unknownLocation:
            throw APIError.validation([.unknownLocation])
        }
    }

    private func update(_ call: Call<DeviceChanges>) async throws -> Device {
        let changes = try await call.validInput { fault in
            let standing = try await store.standing(of: call.deviceId, in: call.orgId, at: call.namedLocation)
            return standing.map { fault.adding($0.violations(in: call.sentBody)) } ?? .noSuchDevice
        }
        switch try await store.update(call.deviceId, of: call.orgId, to: changes, as: Actor(call)) {
        case .none: throw APIError.noSuchDevice
        case .updated(let device): return device
        case .unsuitable(let standing): throw APIError.validation(standing.violations(in: call.sentBody))
        }
    }

    private func delete(_ call: Call<NoInput>) async throws -> NoOutput {
        guard try await store.delete(call.deviceId, of: call.orgId, as: Actor(call)) else {
            throw APIError.noSuchDevice
        }
        bus.publish(OutboxGrew())
        bus.publish(DeviceGone(deviceId: call.deviceId))
        return NoOutput()
    }

    private func claim(_ call: Call<Claim>) async throws -> Device {
        let claim = try await input(of: call)
        switch try await store.claim(
            call.deviceId, of: call.orgId, id: claim.controllerId, name: claim.controllerName, as: Actor(call))
        {
        case .none: throw APIError.noSuchDevice
        case .refused: throw APIError.heldByAnother
        case .unchanged(let device): return device
        case .changed(let device):
            bus.publish(OutboxGrew())
            return device
        }
    }

    private func release(_ call: Call<Release>) async throws -> Device {
        let release = try await input(of: call)
        switch try await store.release(call.deviceId, of: call.orgId, id: release.controllerId, as: Actor(call)) {
        case .none: throw APIError.noSuchDevice
        case .refused: throw APIError.notTheController
        case .changed(let device), .unchanged(let device):
            bus.publish(OutboxGrew())
            return device
        }
    }

    private func input<Input>(of call: Call<Input>) async throws -> Input {
        try await call.input(unless: { try await store.exists(call.deviceId, of: call.orgId) ? nil : .noSuchDevice })
    }
}

extension Call {
    fileprivate var deviceId: DeviceID { DeviceID(path("deviceId")) }
    fileprivate var namedLocation: String? { sentBody?["locationId"]?.string }
}
