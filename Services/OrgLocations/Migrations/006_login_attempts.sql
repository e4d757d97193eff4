-- Passwords that were tried and have not turned out right, by account and client. An account is the digest of an
-- e-mail address, whether there is one or not, so that rows belong to no organization.
CREATE TABLE org.login_attempts (
    attempt_id     text PRIMARY KEY,
    account_sha256 text NOT NULL CHECK (account_sha256 ~ '^[0-9a-f]{64}$'),
    client         inet NOT NULL,
    -- Whether the account's owner had used this client before.
    is_familiar    boolean NOT NULL,
    attempted_at   timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX login_attempts_account ON org.login_attempts (account_sha256, attempted_at);
CREATE INDEX login_attempts_attempted_at ON org.login_attempts (attempted_at);

-- From where a user has shown that they are the one.
CREATE TABLE org.familiar_clients (
    user_id      text NOT NULL REFERENCES org.users ON DELETE CASCADE,
    org_id       text NOT NULL REFERENCES org.organizations,
    client       inet NOT NULL,
    last_used_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, client)
);

-- Whoever has one IPv6 address has all of its /64.
CREATE FUNCTION org.client_network(address text) RETURNS inet
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE family(address::inet)
        WHEN 6 THEN network(set_masklen(address::inet, 64))::inet ELSE address::inet END
$$;
