import Postgres

/// What ends or opens sessions as passwords change.
enum SessionStatements {
    /// Ends the sessions of `$2` in `$1` once the new password hash `$3` is stored, all but `$4` (NULL: all).
    ///
    /// A statement of its own after the one that stores the hash: that one waits for logins with the old password, and
    /// only a later one sees their sessions.
    static let endAll = Statement(
        """
        UPDATE org.sessions s
        SET revoked_at = now()
        FROM org.users u
        WHERE u.org_id = $1 AND u.user_id = $2 AND u.password_hash = $3
            AND s.org_id = u.org_id AND s.user_id = u.user_id
            AND s.session_id IS DISTINCT FROM $4 AND s.revoked_at IS NULL
        """)
}
