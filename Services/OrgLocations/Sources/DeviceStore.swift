import Crypto
import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import Postgres

/// The devices of an organization and who controls them.
@Loop struct DeviceStore {
    let pool: PostgresPool

    func devices(
        of orgId: OrgID, status: DeviceStatus?, location: LocationID?
    ) async throws(PostgresError) -> [Device] {
        let rows = try await pool.query(DeviceStatements.list, [orgId, location, status?.rawValue])
        return try rows.map(Device.init)
    }

    func device(_ id: DeviceID, of orgId: OrgID) async throws(PostgresError) -> Device? {
        try await pool.query(DeviceStatements.one, [orgId, id]).first.map(Device.init)
    }

    func exists(_ id: DeviceID, of orgId: OrgID) async throws(PostgresError) -> Bool {
        let rows = try await pool.query(
            "SELECT FROM org.devices WHERE org_id = $1 AND device_id = $2", [orgId, id])
        return !rows.isEmpty
    }

    func allowance(of orgId: OrgID) async throws(PostgresError) -> DeviceAllowance {
        try DeviceAllowance(try await pool.query(DeviceStatements.allowance, [orgId, DeviceAllowance.limits])[0])
    }

    enum Registration {
        case registered(Device)
        case full(DeviceAllowance)
        case unknownLocation
    }

    /// The organization's row is locked before the devices are counted, in a statement of its own: a count in the
    /// same statement would still see the devices of before the wait.
    func register(
        _ id: DeviceID, _ device: NewDevice, in orgId: OrgID, as actor: Actor
    ) async throws(PostgresError) -> Registration {
        let values: [(any PostgresValue)?] = [
            orgId, DeviceAllowance.limits, id, device.locationId, device.name, device.protocol.rawValue,
            device.transport.rawValue, device.connectionParams.json, actor.id, actor.requestId,
            Random.identifier(prefix: "evt"),
        ]
        let answers: [PostgresRows]
        do {
            answers = try await pool.atomically([
                ("SELECT FROM org.organizations WHERE org_id = $1 FOR NO KEY UPDATE", [orgId]),
                (DeviceStatements.register, values),
            ])
        } catch .violation("devices_location_fkey", _) {
            return .unknownLocation
        }
        let row = answers[1][0]
        let allowance = try DeviceAllowance(row)
        if allowance.isExhausted { return .full(allowance) }
        return try row.bool("located") ? .registered(try Device(row)) : .unknownLocation
    }

    enum Control {
        case changed(Device)
        case unchanged(Device)
        case refused
    }

    /// Nil for a device that the organization does not have.
    func claim(
        _ device: DeviceID, of orgId: OrgID, id: String, name: String, as actor: Actor
    ) async throws -> Control? {
        let event = DeviceClaimed(deviceId: device, controllerId: id, controllerName: name)
        return try await control(DeviceStatements.claim, device, orgId, event, actor, [id, name])
    }

    /// Nil for a device that the organization does not have.
    func release(_ device: DeviceID, of orgId: OrgID, id: String, as actor: Actor) async throws -> Control? {
        let event = DeviceReleased(deviceId: device, controllerId: id)
        return try await control(DeviceStatements.release, device, orgId, event, actor, [id])
    }

    private func control(
        _ statement: Statement, _ device: DeviceID, _ orgId: OrgID, _ event: some EventData, _ actor: Actor,
        _ controller: [String]
    ) async throws -> Control? {
        let values: [(any PostgresValue)?] = [
            orgId, device, Random.identifier(prefix: "evt"), try JSON(encoding: event), actor.requestId, actor.id,
        ]
        guard let row = try await pool.query(statement, values + controller).first else { return nil }
        if try row.bool("refused") { return .refused }
        let device = try Device(row)
        return try row.bool("changed") ? .changed(device) : .unchanged(device)
    }
}
