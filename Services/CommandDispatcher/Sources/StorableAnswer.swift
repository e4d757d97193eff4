import JSON
import Models

extension DeviceAnswer {
    /// The same, without what the database cannot hold: a result that could never be committed would come back for ever.
    var storable: DeviceAnswer {
        switch self {
        case .ok(let data): .ok(data: data.storable)
        case .error(let error):
            .error(
                CommandError(
                    code: String(error.code.unicodeScalars.prefix(64)),
                    message: String(error.message.unicodeScalars.prefix(1_000)), retryable: error.retryable))
        }
    }
}

extension JSON {
    /// Numbers beyond all that money and counters need become text.
    fileprivate var storable: JSON {
        switch self {
        case .number(let number) where number.decimal == nil: .string(String(number.lexeme.prefix(64)))
        case .array(let elements): .array(elements.map(\.storable))
        case .object(let object): .object(JSONObject(object.members.map { ($0.name, $0.value.storable) }))
        default: self
        }
    }
}
