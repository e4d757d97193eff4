CREATE SCHEMA IF NOT EXISTS org;
GRANT USAGE ON SCHEMA org TO ebon_org, ebon_gateway, ebon_dispatch, ebon_alerts, ebon_billing, ebon_mailer;
ALTER DEFAULT PRIVILEGES IN SCHEMA org GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ebon_org;

CREATE TABLE org.organizations (
    org_id          text PRIMARY KEY CHECK (org_id ~ '^[a-z0-9]+(_[a-z0-9]+)*$' AND length(org_id) <= 63),
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    cui             text NOT NULL CHECK (cui ~ '^(RO)?[0-9]{2,10}$'),
    billing_address jsonb,
    created_at      timestamptz(3) NOT NULL DEFAULT now(),
    updated_at      timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE org.users (
    user_id       text PRIMARY KEY,
    org_id        text NOT NULL REFERENCES org.organizations,
    email         text NOT NULL,
    password_hash text NOT NULL,
    role          text NOT NULL CHECK (role IN ('owner', 'admin', 'operator')),
    display_name  text,
    phone_number  text,
    created_at    timestamptz(3) NOT NULL DEFAULT now(),
    updated_at    timestamptz(3) NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_email_key ON org.users (lower(email));
CREATE INDEX users_org_id ON org.users (org_id);

-- One row is one family of refresh tokens. A token is a family secret and a generation secret: a known family
-- with any generation but the current one is a token used twice, and ends the session.
CREATE TABLE org.sessions (
    session_id        text PRIMARY KEY,
    org_id            text NOT NULL REFERENCES org.organizations,
    user_id           text NOT NULL REFERENCES org.users ON DELETE CASCADE,
    family_sha256     text NOT NULL UNIQUE CHECK (family_sha256 ~ '^[0-9a-f]{64}$'),
    generation_sha256 text NOT NULL CHECK (generation_sha256 ~ '^[0-9a-f]{64}$'),
    created_at        timestamptz(3) NOT NULL DEFAULT now(),
    refreshed_at      timestamptz(3) NOT NULL DEFAULT now(),
    expires_at        timestamptz(3) NOT NULL,
    revoked_at        timestamptz(3)
);
CREATE INDEX sessions_user_id ON org.sessions (user_id);

CREATE TABLE org.locations (
    location_id text PRIMARY KEY,
    org_id      text NOT NULL REFERENCES org.organizations,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    address     text NOT NULL CHECK (length(address) BETWEEN 1 AND 500),
    created_at  timestamptz(3) NOT NULL DEFAULT now(),
    updated_at  timestamptz(3) NOT NULL DEFAULT now(),
    UNIQUE (org_id, location_id)
);

-- The foreign key holds a device to a location of its own organization, and keeps a location that has devices.
CREATE TABLE org.devices (
    device_id         text PRIMARY KEY,
    org_id            text NOT NULL REFERENCES org.organizations,
    location_id       text NOT NULL,
    name              text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    protocol          text NOT NULL,
    transport         text NOT NULL,
    connection_params jsonb NOT NULL,
    controller_id     text,
    controller_name   text,
    created_at        timestamptz(3) NOT NULL DEFAULT now(),
    updated_at        timestamptz(3) NOT NULL DEFAULT now(),
    CHECK ((controller_id IS NULL) = (controller_name IS NULL)),
    CONSTRAINT devices_location_fkey FOREIGN KEY (org_id, location_id) REFERENCES org.locations (org_id, location_id)
);
CREATE INDEX devices_org_id ON org.devices (org_id, location_id);

CREATE TABLE org.api_keys (
    api_key_id   text PRIMARY KEY,
    org_id       text NOT NULL REFERENCES org.organizations,
    key_sha256   text NOT NULL UNIQUE CHECK (key_sha256 ~ '^[0-9a-f]{64}$'),
    prefix       text NOT NULL,
    label        text NOT NULL CHECK (length(label) BETWEEN 1 AND 100),
    scopes       text[] NOT NULL CHECK (cardinality(scopes) >= 1),
    active       boolean NOT NULL DEFAULT true,
    created_by   text REFERENCES org.users ON DELETE SET NULL,
    created_at   timestamptz(3) NOT NULL DEFAULT now(),
    last_used_at timestamptz(3)
);
CREATE INDEX api_keys_org_id ON org.api_keys (org_id, created_at DESC);

CREATE TABLE org.notification_subscribers (
    org_id     text NOT NULL REFERENCES org.organizations,
    email      text NOT NULL,
    categories text[] NOT NULL CHECK (
        cardinality(categories) >= 1
        AND categories <@ ARRAY['reports', 'alerts', 'billing', 'device_events', 'analytics']),
    position   integer NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, email)
);

CREATE TABLE org.audit (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    org_id     text NOT NULL,
    actor_id   text NOT NULL,
    action     text NOT NULL,
    subject_id text NOT NULL,
    request_id text NOT NULL,
    data       jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX audit_org_id ON org.audit (org_id, id DESC);
REVOKE UPDATE, DELETE ON org.audit FROM ebon_org;

-- What the other services may read.

CREATE VIEW org.device_directory AS
SELECT org_id, device_id, name, location_id, controller_id, controller_name, created_at
FROM org.devices;
GRANT SELECT ON org.device_directory TO ebon_gateway, ebon_dispatch, ebon_alerts, ebon_mailer;

CREATE VIEW org.notification_recipients AS
SELECT org_id, email, unnest(categories) AS category
FROM org.notification_subscribers;
GRANT SELECT ON org.notification_recipients TO ebon_mailer;

CREATE VIEW org.organization_names AS
SELECT org_id, name
FROM org.organizations;
GRANT SELECT ON org.organization_names TO ebon_alerts, ebon_billing, ebon_mailer;

CREATE VIEW org.live_credentials AS
SELECT org_id, api_key_id AS credential_id
FROM org.api_keys
WHERE active
UNION ALL
SELECT org_id, session_id
FROM org.sessions
WHERE revoked_at IS NULL AND expires_at > now();
GRANT SELECT ON org.live_credentials TO ebon_gateway;
