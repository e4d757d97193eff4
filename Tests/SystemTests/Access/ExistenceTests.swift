import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("What is another organization's", .serialized) @Loop struct Existence {
        @Test("does not exist, in any path", arguments: DeclaredRoute.ofOneThing)
        func paths(_ declared: DeclaredRoute) async throws {
            let access = try await AccessOrganizations.shared()
            let administrator = access.user(.owner)
            let nothing = try await access.ask(declared, as: administrator)
            #expect(nothing.status == 404 && nothing.code == "NOT_FOUND")
            let answers = try await allAtOnce(access.rivalIds.count) { index in
                try await access.ask(declared, parameter: access.escapedRivalIds[index], as: administrator)
            }
            for (answer, id) in zip(answers, access.rivalIds) {
                #expect(answer.status == 404 && answer.json == nothing.json, "\(id): \(answer.status) \(answer.json)")
                #expect(answer.shortcomings() == [])
            }
        }

        /// Without this, the test above would prove nothing of a route whose things are missing there.
        @Test(
            "exists for that organization",
            arguments: DeclaredRoute.ofOneThing.filter { $0.method == .get && !$0.isLive })
        func owner(_ declared: DeclaredRoute) async throws {
            let access = try await AccessOrganizations.shared()
            let portal = try await access.portalOfRival()
            let answers = try await allAtOnce(access.rivalIds.count) { index in
                try await portal.get(declared.target(access.escapedRivalIds[index]))
            }
            #expect(answers.contains { $0.status == 200 })
        }

        @Test("does not exist, whatever the body is and whatever it says it is", arguments: DeclaredRoute.ofOneThing)
        func bodies(_ declared: DeclaredRoute) async throws {
            let access = try await AccessOrganizations.shared()
            for body in ["", "{", "[]", "{}", #"{"type":"x_report"}"#] {
                for type in ["application/json", "text/plain"] {
                    var headers = access.user(.owner)
                    headers["Content-Type"] = type
                    let answer = try await access.cloud.send(
                        declared.method, declared.target(access.rival.device), headers: headers, body: Array(body.utf8))
                    #expect(answer.status == 404, "\(body) as \(type): \(answer.status) \(answer.json)")
                }
            }
        }

        @Test(
            "filters nothing",
            arguments: DeclaredRoute.guarded.filter { declared in
                declared.route.success.status == 200 && declared.route.path.parameters.isEmpty
                    && declared.route.query.contains { $0.name.hasSuffix("Id") }
            })
        func filters(_ declared: DeclaredRoute) async throws {
            let access = try await AccessOrganizations.shared()
            for field in declared.route.query where field.name.hasSuffix("Id") {
                let target = "\(declared.target())?\(field.name)="
                let nothing = try await access.cloud.get(target + "none", headers: access.user(.owner))
                #expect(nothing.status == 200)
                let answers = try await allAtOnce(access.rivalIds.count) { index in
                    try await access.cloud.get(target + access.escapedRivalIds[index], headers: access.user(.owner))
                }
                for (answer, id) in zip(answers, access.rivalIds) {
                    #expect(answer.status == 200 && answer.json == nothing.json, "\(id): \(answer.json)")
                }
            }
        }

        @Test(
            "does not exist in a body that orders or stores something",
            arguments: [
                ("/api/v1/commands", ["type": "open_drawer"]), ("/api/v1/commands", ["type": "print_receipt"]),
                ("/api/v1/receipts", [:]),
            ] as [(String, JSON)])
        func devicesInBodies(_ path: String, _ body: JSON) async throws {
            let access = try await AccessOrganizations.shared()
            var answers: [Cloud.Answer] = []
            for device in ["dev_none", access.rival.device] {
                var members = body.object ?? [:]
                members["deviceId"] = .string(device)
                answers.append(try await access.cloud.post(path, .object(members), headers: access.user(.owner)))
            }
            #expect(answers.map(\.status) == [404, 404] && answers[0].json == answers[1].json)
        }

        @Test("is no place for a device") func locations() async throws {
            let access = try await AccessOrganizations.shared()
            let device: JSON = [
                "name": "Tejghea", "protocol": "tremol", "transport": "tcp",
                "connectionParams": ["host": "192.168.1.1", "port": 9100],
            ]
            var answers: [Cloud.Answer] = []
            for location in ["loc_none", "loc_access_rival_main"] {
                var members = device.object ?? [:]
                members["locationId"] = .string(location)
                let made = try await access.cloud.post(
                    "/api/v1/devices", .object(members), headers: access.user(.owner))
                let moved = try await access.cloud.send(
                    .patch, "/api/v1/devices/\(access.home.device)", headers: access.user(.owner),
                    body: JSON.object(["locationId": .string(location)]).serialized())
                answers += [made, moved]
            }
            for answer in answers {
                #expect(answer.status == 400 && answer.paths == ["body.locationId"], "\(answer.json)")
            }
            #expect(answers[0].json == answers[2].json && answers[1].json == answers[3].json)
        }
    }
}

extension AccessOrganizations {
    var escapedRivalIds: [String] { rivalIds.map { PercentCoding.encode($0) } }

    func portalOfRival() async throws -> Cloud { try await Cloud.portal(system.stack, of: rival) }
}
