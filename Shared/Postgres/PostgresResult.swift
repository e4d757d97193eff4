import CLibpq
import Glibc

/// Owns a `PGresult`.
///
/// Unchecked because libpq never writes to a finished result, and nobody else holds this one.
final class PostgresResult: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    var rowCount: Int { Int(PQntuples(pointer)) }

    var status: ExecStatusType { PQresultStatus(pointer) }

    /// The rows that an INSERT, UPDATE, DELETE or SELECT touched; 0 for other commands.
    var affectedRows: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

    func column(_ name: String) -> Int32? {
        name.withCString { name in
            for column in 0..<PQnfields(pointer) where strcmp(PQfname(pointer, column), name) == 0 { return column }
            return nil
        }
    }

    /// The bytes of a value, nil for NULL; valid as long as this object.
    func bytes(row: Int, column: Int32) -> UnsafeBufferPointer<UInt8>? {
        guard PQgetisnull(pointer, Int32(row), column) == 0 else { return nil }
        let count = Int(PQgetlength(pointer, Int32(row), column))
        return PQgetvalue(pointer, Int32(row), column).withMemoryRebound(to: UInt8.self, capacity: count + 1) {
            UnsafeBufferPointer(start: $0, count: count)
        }
    }

    /// The SQLSTATE, empty when the failure is not the server's.
    var code: String { field("C") }

    var error: PostgresError {
        let code = code
        let constraint = field("n")
        switch code {
        case "23505": return .violation(constraint: constraint, kind: .unique)
        case "23503": return .violation(constraint: constraint, kind: .foreignKey)
        case "23514": return .violation(constraint: constraint, kind: .check)
        case "23502": return .violation(constraint: field("c"), kind: .notNull)
        case "23P01": return .violation(constraint: constraint, kind: .exclusion)
        case "40001": return .serialization
        case "40P01": return .deadlock
        case "57014": return .deadline
        default: return .server(code: code, message: field("M"))
        }
    }

    /// The field codes of the protocol's ErrorResponse: C SQLSTATE, M primary message, n constraint, c column.
    private func field(_ code: Unicode.Scalar) -> String {
        PQresultErrorField(pointer, Int32(code.value)).map { String(cString: $0) } ?? ""
    }
}
