import EventLoop
import JSON
import Models
import TestSupport

extension DispatcherFixture {
    /// A receipt as the app stores it: one line of 20 lei, paid in cash.
    static func printed(
        _ fiscalId: String? = nil, of device: DeviceID = "dev_1", type: String = "sale", at date: String? = nil
    ) -> JSON {
        var body: JSONObject = [
            "deviceId": .string(device.rawValue), "type": .string(type), "items": receipt["items"] ?? .null,
            "payments": [["method": "cash", "amount": 20]], "total": 20,
            "vatBreakdown": [
                ["rate": 9, "base": .number(JSONNumber(lexeme: "18.35")!), "vat": .number(JSONNumber(lexeme: "1.65")!)]
            ],
        ]
        body["fiscalId"] = fiscalId.map(JSON.string)
        body["fiscalDate"] = date.map(JSON.string)
        return .object(body)
    }

    /// Stores a receipt as the app does.
    func store(
        _ receipt: JSON, key: String? = nil, orgId: OrgID = "acme_corp"
    ) async throws -> (status: Int, body: JSON, headers: [String: String]) {
        try await request("receipts.create", body: receipt, key: key, orgId: orgId)
    }

    /// The members of a list's entries, and where it goes on.
    func page(
        _ endpoint: String, _ query: [String: String] = [:], of list: String = "receipts", orgId: OrgID = "acme_corp"
    ) async throws -> (ids: [String], next: String?) {
        let answer = try await request(endpoint, query: query, orgId: orgId)
        guard answer.status == 200 else { throw Refused(body: answer.body) }
        return (
            answer.body[list]?.array?.compactMap { $0["id"]?.string } ?? [], answer.body["nextCursor"]?.string
        )
    }

    /// The ids of a whole list, page by page.
    func pages(_ endpoint: String, _ query: [String: String]) async throws -> [String] {
        var query = query
        var ids: [String] = []
        repeat {
            let page = try await page(endpoint, query)
            ids += page.ids
            query["cursor"] = page.next
        } while query["cursor"] != nil
        return ids
    }
}
