-- What a mailed link leads to. The link carries link_id and a signature over it; the key of the signature is not in the
-- database, so that reading it opens nothing. A row is deleted by the first use of its link.

CREATE TABLE org.invitations (
    invitation_id text PRIMARY KEY,
    link_id       text NOT NULL UNIQUE,
    org_id        text NOT NULL REFERENCES org.organizations,
    email         text NOT NULL,
    role          text NOT NULL CHECK (role IN ('owner', 'admin', 'operator')),
    invited_by    text REFERENCES org.users ON DELETE SET NULL,
    created_at    timestamptz(3) NOT NULL DEFAULT now(),
    expires_at    timestamptz(3) NOT NULL
);
CREATE UNIQUE INDEX invitations_email_key ON org.invitations (org_id, lower(email));

CREATE TABLE org.password_resets (
    link_id    text PRIMARY KEY,
    org_id     text NOT NULL REFERENCES org.organizations,
    user_id    text NOT NULL REFERENCES org.users ON DELETE CASCADE,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    expires_at timestamptz(3) NOT NULL
);
CREATE INDEX password_resets_user_id ON org.password_resets (user_id);

-- Who asked for a reset, until it is looked up whether there is an account: the answer is the same, and takes the same
-- time, because it is given before. Belongs to no organization yet.
CREATE TABLE org.password_reset_requests (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email        text NOT NULL,
    request_id   text NOT NULL,
    requested_at timestamptz(3) NOT NULL DEFAULT now()
);
