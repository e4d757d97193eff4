/// How to reach the database, and how much of it one process may use.
package struct PostgresConfiguration: Sendable {
    /// A libpq URL (`postgresql://role:password@host:5432/database`), which holds the password: never log it.
    package var url: String
    /// What the server shows for this process's connections.
    package var applicationName: String
    /// How many connections may be open at once.
    package var connectionLimit = 8
    /// How many callers may wait for a connection; more get ``PostgresError/poolExhausted`` at once.
    package var waiterLimit = 4096
    /// How long a caller waits for a connection.
    package var acquireDeadline: Duration = .seconds(3)
    /// How long opening a connection may take.
    package var connectDeadline: Duration = .seconds(3)
    /// How long one statement (or one group of ``PostgresPool/atomically(_:deadline:)``) may take; the server gets the
    /// same limit.
    package var statementDeadline: Duration = .seconds(4)

    /// The limits above, for one database.
    package init(url: String, applicationName: String) {
        self.url = url
        self.applicationName = applicationName
    }

    /// libpq's keywords and values. The server ends what nobody waits for any more: a statement at its time limit, or
    /// within a second once the socket is closed.
    var parameters: [(keyword: String, value: String)] {
        let milliseconds = statementDeadline.milliseconds
        let settings = [
            "statement_timeout=\(milliseconds)",
            "idle_in_transaction_session_timeout=\(max(milliseconds * 2, 10_000))",
            "client_connection_check_interval=1000",
            "DateStyle=ISO", "TimeZone=UTC", "bytea_output=hex",
        ]
        return [
            ("dbname", url), ("application_name", applicationName), ("client_encoding", "UTF8"),
            ("options", settings.map { "-c \($0)" }.joined(separator: " ")),
            ("tcp_user_timeout", "\(milliseconds + 1000)"), ("keepalives_idle", "30"),
        ]
    }
}
