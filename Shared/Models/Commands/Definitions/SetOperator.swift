import JSON

extension CommandDefinition {
    /// Programs an operator of the register.
    package static let setOperator = CommandDefinition(
        "set_operator", summary: "Programs an operator of the register",
        payload: .object([
            .required("operatorId", .integer(min: 1)), .required("name", .string(1...32)),
            .optional("password", .string(max: 8)),
        ]).named("SetOperatorPayload").illustrated(by: ["operatorId": 1, "name": "Maria", "password": "0000"]))
}
