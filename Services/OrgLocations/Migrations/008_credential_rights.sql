-- What a credential permits, so that a socket that was opened with it can be closed when that changes: a key's scopes, a
-- session's role.
CREATE OR REPLACE VIEW org.live_credentials AS
SELECT org_id, api_key_id AS credential_id, scopes AS rights
FROM org.api_keys
WHERE active
UNION ALL
SELECT s.org_id, s.session_id, ARRAY[u.role]
FROM org.sessions s
JOIN org.users u ON u.user_id = s.user_id
WHERE s.revoked_at IS NULL AND s.expires_at > now();
