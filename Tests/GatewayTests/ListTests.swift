import Bus
import Endpoints
import EventLoop
import GatewayRoutes
import JSON
import Models
import TestSupport
import Testing

@testable import Gateway

@Suite("The lists of what is connected") @Loop struct ListTests {
    @Test("show ten thousand devices in one round trip to the database each")
    func tenThousand() async throws {
        try await GatewayFixture.run { fixture in
            _ = try await fixture.owner.query(
                """
                INSERT INTO org.devices (device_id, org_id, location_id, name, protocol, transport, connection_params)
                SELECT 'dev_' || n, 'acme_corp', 'loc_main', 'POS ' || n, 'datecs_compact', 'tcp', '{}'
                FROM generate_series(6, 10000) AS n
                """)
            _ = try await fixture.owner.query(
                """
                INSERT INTO gateway.device_states (
                    device_id, org_id, epoch, session, instance, connected, busy, connected_at, last_seen, app_version,
                    device_model, os_version)
                SELECT device_id, org_id, 1, 's', 'gateway-1', device_id <> 'dev_7', false, '2026-04-25T08:00:00Z',
                    '2026-04-25T09:00:00Z', '4.2', 'T2', '13'
                FROM org.devices WHERE org_id = 'acme_corp'
                """)
            let statuses = try await list(GatewayRoutes.deviceStatuses.route, fixture)["statuses"]
            #expect(statuses?.object?.count == 10_000)
            #expect(
                statuses?["dev_8"] == [
                    "wsConnected": true, "firestoreStatus": "online", "lastSeen": "2026-04-25T09:00:00.000Z",
                ])
            #expect(statuses?["dev_7"]?["wsConnected"] == false)
            let instances = try await list(GatewayRoutes.appInstances.route, fixture)["instances"]?.array
            #expect(instances?.count == 9_999)
            #expect(
                instances?.first == [
                    "deviceId": "dev_1", "deviceName": "POS", "appVersion": "4.2", "deviceModel": "T2",
                    "osVersion": "13", "connectedAt": "2026-04-25T08:00:00.000Z", "connectedDevices": [],
                ])
        }
    }

    private func list(_ route: Route, _ fixture: GatewayFixture) async throws -> JSON {
        let before = fixture.pools[0].roundTrips
        let request = BusRequest(
            endpoint: route.name, caller: try GatewayFixture.apiKey.vouched, requestId: "test",
            deadline: LoopInstant.current + route.deadline)
        let reply = try await fixture.dispatcher.bus.call(request, to: .gateway)
        #expect(reply.status == 200)
        #expect(fixture.pools[0].roundTrips - before == 1)
        return try JSON(parsing: reply.body)
    }
}
