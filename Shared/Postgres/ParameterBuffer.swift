/// A statement's parameters as libpq wants them: NUL-terminated texts, laid out in one allocation.
struct ParameterBuffer {
    private var bytes: [UInt8] = []
    private var offsets: [Int] = []

    /// - Throws: what the server would answer, for values that cannot be sent at all.
    init(_ values: [(any PostgresValue)?]) throws(PostgresError) {
        guard values.count <= 65_535 else {
            throw .server(code: "54000", message: "a statement takes at most 65535 parameters")
        }
        offsets.reserveCapacity(values.count)
        for value in values {
            guard let text = value?.postgresText else {
                offsets.append(-1)
                continue
            }
            let start = bytes.count
            offsets.append(start)
            bytes.append(contentsOf: text.utf8)
            if bytes[start...].contains(0) {
                throw .server(code: "22021", message: "a text value contains NUL")
            }
            bytes.append(0)
        }
    }

    /// The parameter count and the pointers, valid during the call.
    func withPointers<Result>(
        _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        guard !offsets.isEmpty else { return body(0, nil) }
        return bytes.withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: offsets.count) { pointers in
                for (index, offset) in offsets.enumerated() {
                    let pointer = offset < 0 ? nil : bytes.baseAddress! + offset
                    pointers.initializeElement(at: index, to: pointer?.assumingMemoryBound(to: CChar.self))
                }
                return body(Int32(offsets.count), UnsafePointer(pointers.baseAddress))
            }
        }
    }
}
