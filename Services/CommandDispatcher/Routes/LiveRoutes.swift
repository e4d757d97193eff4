import Endpoints
import JSON
import Models

extension CommandDispatcherRoutes {
    /// Every route that waits for the register. The command's definition says all the rest.
    package static let live: [LiveRoute] = [
        LiveRoute(.get, "cash-balance", .getCashAmount, answers: .data("cash data")),
        LiveRoute(.post, "set-datetime", .setDateTime, answers: .clockSet),
        LiveRoute(.post, "print-duplicate", .printDuplicate, answers: .done("Duplicate printed successfully")),
        LiveRoute(.post, "non-fiscal", .nonFiscalReceipt, answers: .done("Non-fiscal receipt printed successfully")),
        LiveRoute(.post, "logo", .setLogo, answers: .done("Logo uploaded successfully")),
        LiveRoute(.delete, "logo", .deleteLogo, answers: .done("Logo removed successfully")),
        LiveRoute(.get, "vat-rates", .getVATRates, answers: .data("rates data")),
        LiveRoute(.post, "vat-rates", .setVATRates, answers: .done("VAT rates programmed successfully")),
        LiveRoute(.get, "vat-capabilities", .getVATCapabilities, answers: .data("capabilities data")),
        LiveRoute(.get, "header-footer", .getHeaderFooter, answers: .data("header/footer data")),
        LiveRoute(
            .post, "header-footer", .setHeaderFooter, answers: .done("Header and footer programmed successfully")),
        LiveRoute(
            .get, "header-footer-capabilities", .getHeaderFooterCapabilities, answers: .data("capabilities data")),
        LiveRoute(.get, "operator-capabilities", .getOperatorCapabilities, answers: .data("capabilities data")),
        LiveRoute(.post, "operator", .setOperator, answers: .done("Operator programmed successfully")),
        LiveRoute(.get, "info", .getInfo, answers: .data("info data")),
        LiveRoute(.get, "last-receipt", .getLastReceiptInfo, answers: .data("last-receipt data")),
        LiveRoute(.post, "void-open", .voidOpenReceipt, answers: .done("Open receipt voided successfully")),
        LiveRoute(
            .post, "reversal", .printReversalReceipt, answers: .printed("Reversal receipt printed successfully")),
    ]
}

/// A route that orders one command, waits for the register, and answers with what comes of it.
package struct LiveRoute: Sendable {
    /// What the answer has before `deviceId` and `timestamp`.
    package enum Answer: Sendable {
        /// What the register says; called so where it is missing.
        case data(String)
        /// That it is done, in a sentence.
        case done(String)
        /// The same, with the number of what was printed if the register tells it.
        case printed(String)
        /// That the clock is set, and to what.
        case clockSet
    }

    package let command: CommandDefinition
    package let answer: Answer
    package let endpoint: Endpoint<JSON, JSON>

    init(_ method: Route.Method, _ path: String, _ command: CommandDefinition, answers answer: Answer) {
        self.command = command
        self.answer = answer
        let schema = answer.schema(of: command)
        let example = JSON.object(
            answer.example(of: command).merging(Schema.object(LiveRoute.Answer.envelope).example?.object ?? [:]))
        // The edge waits a little longer than the dispatcher does.
        endpoint = Endpoint(
            "devices.\(command.type)", .commandDispatcher, method, PathTemplate("/api/v1/devices/{deviceId}/\(path)"),
            summary: command.summary, notes: Self.notes, access: .scope(method == .get ? .devicesRead : .devicesWrite),
            body: command.payload.fields?.isEmpty == true ? nil : command.payload,
            success: answer.isCreation
                ? .created(schema, example: example) : .ok(schema, example: example),
            errors: answer.refusals,
            bodyLimit: CommandDispatcherRoutes.longestSubmission, deadline: .seconds(35))
    }

    private static let notes = """
        Waits for the register: 503 at once, and nothing is queued, if the device is offline or has no controller; 502 if \
        the register refuses, with its code; 504 with the command's id, if that is known, if it does not answer in time.
        """
}

extension LiveRoute.Answer {
    fileprivate var isCreation: Bool { if case .printed = self { true } else { false } }

    fileprivate func schema(of command: CommandDefinition) -> Schema {
        let fields = fields(of: command)
        let schema = Schema.object(fields + Self.envelope)
        guard fields.isEmpty else { return schema }
        return schema.described("Beside these, what the register says, in the words of its protocol.")
    }

    fileprivate static let envelope: [Field] = [
        .required("deviceId", DeviceID.schema), .required("timestamp", Timestamp.schema),
    ]

    private func fields(of command: CommandDefinition) -> [Field] {
        let success = Field.required("success", .boolean)
        let message = Field.required("message", .string)
        switch self {
        case .data:
            // What has a default is always there.
            return (command.result.fields ?? []).map { $0.defaultValue == nil ? $0 : .required($0.name, $0.schema) }
        case .done: return [success, message]
        case .printed: return [success, message, .optional("receiptNumber", .string)]
        case .clockSet: return [success, .required("datetime", Timestamp.schema)]
        }
    }

    fileprivate func example(of command: CommandDefinition) -> JSONObject {
        switch self {
        case .data: command.result.example?.object ?? [:]
        case .done(let message): ["success": true, "message": .string(message)]
        case .printed(let message): ["success": true, "message": .string(message), "receiptNumber": "0000123"]
        case .clockSet: ["success": true, "datetime": Timestamp.schema.example ?? nil]
        }
    }

    fileprivate var refusals: [APIError] {
        let common: [APIError] = [
            .noSuchDevice, .deviceError(code: "E012", message: "Paper end", retryable: true), .deviceOffline,
            .deviceHasNoController, .deviceBusy, .commandTimeout(commandId: "cmd_abc123"), .commandLost,
        ]
        if case .data(let name) = self { return common + [.deviceDidNotReturn(name)] }
        return common
    }
}
