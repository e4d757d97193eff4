import Bus
import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import TestSupport
import Testing

@Suite("The list of ten thousand devices") @Loop struct DeviceListTests {
    @Test("is whole, takes one round trip like the list of one, and lets others through meanwhile")
    func large() async throws {
        try await OrgFixture.run { org, _ in
            _ = try await org.register(as: org.key())
            let route = OrgLocationsRoutes.listDevices.route
            let forOne = try await roundTrips(org) {
                try await org.service.call(route, as: org.key()).json.array?.count
            }
            #expect(forOne == 1)
            _ = try await org.database.query(
                """
                INSERT INTO org.devices (
                    device_id, org_id, location_id, name, protocol, transport, connection_params)
                SELECT 'dev_' || n, 'acme', 'loc_acme', 'POS ' || n, 'datecs_compact', 'tcp',
                    '{"host":"192.168.1.50","port":9100}'
                FROM generate_series(1, 9999) AS n
                """)
            let forBoth = try await roundTrips(org) {
                async let list = org.service.call(route, as: org.key())
                let one = try await org.service.call(
                    OrgLocationsRoutes.device.route, as: org.key(), path: ["deviceId": "dev_17"])
                #expect(one.status == 200)
                let devices = try await list.json.array ?? []
                #expect(Set(devices.compactMap { $0["id"]?.string }).count == 10_000)
                return devices.count
            }
            #expect(forBoth == 2)
        }
    }

    /// How often the service asks the database meanwhile.
    private func roundTrips(_ org: OrgFixture, _ body: () async throws -> Int?) async throws -> Int {
        let before = org.service.pool.roundTrips
        let count = try await body()
        #expect(count != nil)
        return org.service.pool.roundTrips - before
    }
}
