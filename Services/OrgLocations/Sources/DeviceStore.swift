import Crypto
import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import Postgres

/// The devices of an organization and who controls them.
@Loop struct DeviceStore {
    let pool: PostgresPool

    /// Each row is a ``Device``.
    func devices(
        of orgId: OrgID, status: DeviceStatus?, location: LocationID?
    ) async throws(PostgresError) -> PostgresRows {
        try await pool.query(DeviceStatements.list, [orgId, location, status?.rawValue])
    }

    func device(_ id: DeviceID, of orgId: OrgID) async throws(PostgresError) -> Device? {
        try await pool.query(DeviceStatements.one, [orgId, id]).first.map(Device.init)
    }

    func exists(_ id: DeviceID, of orgId: OrgID) async throws(PostgresError) -> Bool {
        let rows = try await pool.query(
            "SELECT FROM org.devices WHERE org_id = $1 AND device_id = $2", [orgId, id])
        return !rows.isEmpty
    }

    /// Whether one more device could be registered, and whether it could stand at `location`.
    func allowance(
        of orgId: OrgID, at location: String?
    ) async throws(PostgresError) -> (allowance: DeviceAllowance, isLocated: Bool) {
        let rows = try await pool.query(DeviceStatements.allowance, [orgId, DeviceAllowance.limits, location])
        return (try DeviceAllowance(rows[0]), try rows[0].bool("located"))
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
            orgId, DeviceAllowance.limits, device.locationId, id, device.name, device.protocol.rawValue,
            device.transport.rawValue, device.connectionParams.used(by: device.transport), actor.id, actor.requestId,
            Random.identifier(prefix: "evt"),
        ]
        let answers: [PostgresRows]
        do {
            answers = try await pool.atomically([
                ("SELECT FROM org.organizations WHERE org_id = $1 FOR NO KEY UPDATE", [orgId]),
                (DeviceStatements.register, values),
            ])
        } catch .violation(Self.locationReference, _) {
            return .unknownLocation
        }
        let row = answers[1][0]
        let allowance = try DeviceAllowance(row)
        if allowance.isExhausted { return .full(allowance) }
        return try row.bool("located") ? .registered(try Device(row)) : .unknownLocation
    }

    private static let locationReference = "devices_location_fkey"

    /// Nil for a device that the organization does not have.
    func standing(
        of device: DeviceID, in orgId: OrgID, at location: String?
    ) async throws(PostgresError) -> DeviceStanding? {
        let rows = try await pool.query(DeviceStatements.standing, [orgId, device, location])
        guard let row = rows.first else { return nil }
        return DeviceStanding(transport: try row.raw("transport"), isLocated: try row.bool("located"))
    }

    enum Update {
        case updated(Device)
        case unsuitable(DeviceStanding)
    }

    /// Nil for a device that the organization does not have.
    func update(
        _ id: DeviceID, of orgId: OrgID, to changes: DeviceChanges, as actor: Actor
    ) async throws(PostgresError) -> Update? {
        let parameters = changes.connectionParams.map { parameters in
            JSON.object(
                JSONObject(
                    DeviceTransport.allCases.compactMap { transport in
                        parameters.used(by: transport).map { (transport.rawValue, $0) }
                    }))
        }
        let values: [(any PostgresValue)?] = [
            orgId, id, changes.locationId, parameters, changes.name, actor.id, actor.requestId,
        ]
        do {
            guard let row = try await pool.query(DeviceStatements.update, values).first else { return nil }
            let device = try Device(row)
            if try row.bool("suitable") { return .updated(device) }
            return .unsuitable(DeviceStanding(transport: device.transport, isLocated: try row.bool("located")))
        } catch .violation(Self.locationReference, _) {
            // Deleted meanwhile.
            guard let now = try await standing(of: id, in: orgId, at: changes.locationId?.rawValue) else { return nil }
            return .unsuitable(now)
        }
    }

    /// False for a device that the organization does not have.
    func delete(_ id: DeviceID, of orgId: OrgID, as actor: Actor) async throws -> Bool {
        let rows = try await pool.query(
            DeviceStatements.delete,
            [
                orgId, id, actor.id, actor.requestId, Random.identifier(prefix: "evt"),
                try JSON(encoding: DeviceDeleted(deviceId: id)),
            ])
        return !rows.isEmpty
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
