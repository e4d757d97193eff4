import CommandDispatcherRoutes
import Endpoints
import JSON
import Models

extension LiveRoute {
    /// What is ordered for a body that has passed validation.
    func payload(from body: JSON, at now: Timestamp) -> JSON {
        guard case .clockSet = answer, var payload = body.object else { return body }
        let asked = payload["datetime"]?.string.flatMap { Timestamp($0) }
        payload["datetime"] = .string((asked ?? now).description)
        return .object(payload)
    }

    /// What a client is told of a command that was carried out.
    func answer(to record: CommandRecord) throws(APIError) -> JSON {
        let data = record.state.result?.object ?? [:]
        var members: JSONObject
        switch answer {
        case .data(let name):
            guard let promised = promised(in: data) else {
                throw APIError.deviceDidNotReturn(name)
            }
            members = promised
        case .done(let message): members = ["success": true, "message": .string(message)]
        case .printed(let message):
            members = ["success": true, "message": .string(message)]
            members["receiptNumber"] = data["receiptNumber"].flatMap(PrintedReceipt.text).map { .string($0) }
        case .clockSet: members = ["success": true, "datetime": record.payload["datetime"] ?? .null]
        }
        members["deviceId"] = .string(record.deviceId.rawValue)
        members["timestamp"] = .string(record.updatedAt.description)
        return .object(members)
    }

    /// What the command's definition promises of the register's data, or all of it where that is not said; nil when
    /// something is missing. `null` is as good as nothing, and nothing of it may pass for what the cloud itself says.
    private func promised(in data: JSONObject) -> JSONObject? {
        var promised = data
        if let fields = command.result.fields, !fields.isEmpty {
            promised = [:]
            for field in fields {
                let value = data[field.name]
                promised[field.name] = value?.isNull == false ? value : field.defaultValue
            }
        }
        promised["deviceId"] = nil
        promised["timestamp"] = nil
        return command.result.violations(of: .object(promised), at: "data").isEmpty ? promised : nil
    }
}
