CREATE SCHEMA IF NOT EXISTS dispatch;
GRANT USAGE ON SCHEMA dispatch TO ebon_dispatch, ebon_alerts, ebon_mailer;
ALTER DEFAULT PRIVILEGES IN SCHEMA dispatch GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ebon_dispatch;

-- What is remembered of a device. The row is the device's mutex: command_id is the command that has been sent to it
-- and has not ended, so a claim is "lock the row, find it free, take it".
CREATE TABLE dispatch.lanes (
    device_id        text PRIMARY KEY,
    org_id           text NOT NULL,
    command_id       text,
    last_z_report_at timestamptz(3)
) WITH (fillfactor = 70);

-- version grows with every write and every write names the version it has read: a replica that was stopped for a while
-- and comes back with an old picture changes nothing. payload and result are json, not jsonb: they are passed on as
-- they came.
CREATE TABLE dispatch.commands (
    command_id  text PRIMARY KEY,
    org_id      text NOT NULL,
    device_id   text NOT NULL,
    position    bigint GENERATED ALWAYS AS IDENTITY,
    location_id text,
    type        text NOT NULL,
    exclusive   boolean NOT NULL,
    awaited     boolean NOT NULL,
    payload     json NOT NULL,
    api_key_id  text,
    request_id  text NOT NULL,
    status      text NOT NULL CHECK (status IN ('pending', 'sent', 'completed', 'failed', 'timeout', 'cancelled')),
    outcome     text CHECK (outcome IN ('unknown', 'executed', 'not_executed')),
    result      json,
    error       json,
    attempts    integer NOT NULL DEFAULT 0,
    version     integer NOT NULL DEFAULT 0,
    session     text,
    created_at  timestamptz(3) NOT NULL,
    expires_at  timestamptz(3) NOT NULL,
    sent_at     timestamptz(3),
    query_at    timestamptz(3),
    finished_at timestamptz(3),
    resolved_at timestamptz(3),
    updated_at  timestamptz(3) NOT NULL,
    CHECK (CASE status
        WHEN 'pending' THEN outcome IS NULL
        WHEN 'sent' THEN outcome IS NOT DISTINCT FROM 'unknown'
        WHEN 'completed' THEN outcome IS NOT DISTINCT FROM 'executed'
        WHEN 'failed' THEN outcome IS NOT DISTINCT FROM 'not_executed'
        ELSE outcome IS NOT NULL END),
    CHECK ((status IN ('pending', 'sent')) = (finished_at IS NULL)),
    CHECK (outcome IS DISTINCT FROM 'unknown' OR (query_at IS NOT NULL AND session IS NOT NULL AND sent_at IS NOT NULL))
) WITH (fillfactor = 85);
CREATE INDEX commands_pending ON dispatch.commands (device_id, position) WHERE status = 'pending';
CREATE INDEX commands_due ON dispatch.commands (expires_at) WHERE status IN ('pending', 'sent');
CREATE INDEX commands_unknown ON dispatch.commands (device_id) WHERE outcome = 'unknown';
CREATE INDEX commands_query ON dispatch.commands (query_at) WHERE outcome = 'unknown';
CREATE INDEX commands_by_organization ON dispatch.commands (org_id, created_at DESC, command_id DESC);
CREATE INDEX commands_by_device ON dispatch.commands (device_id, created_at DESC, command_id DESC);
-- The lanes see to it that this never fires; if they were wrong, it would fail a claim instead of sending twice.
CREATE UNIQUE INDEX commands_one_at_a_time ON dispatch.commands (device_id) WHERE status = 'sent';
-- A second Z report is refused while one may still come out of the printer.
CREATE UNIQUE INDEX commands_exclusive ON dispatch.commands (device_id, type)
    WHERE exclusive AND (status IN ('pending', 'sent') OR outcome = 'unknown');

-- The journal: written once, never changed.
CREATE TABLE dispatch.receipts (
    receipt_id     text PRIMARY KEY,
    org_id         text NOT NULL,
    device_id      text NOT NULL,
    location_id    text,
    command_id     text UNIQUE,
    type           text NOT NULL CHECK (type IN ('sale', 'refund', 'storno')),
    items          jsonb NOT NULL,
    payments       jsonb NOT NULL,
    total          numeric NOT NULL,
    vat_breakdown  jsonb NOT NULL,
    operator_id    text,
    receipt_number text,
    fiscal_id      text,
    fiscal_date    timestamptz(3),
    fiscal_series  text,
    customer_cif   text,
    qr_code        text,
    created_at     timestamptz(3) NOT NULL,
    UNIQUE (device_id, fiscal_id)
);
CREATE INDEX receipts_by_organization ON dispatch.receipts (org_id, created_at DESC, receipt_id DESC);
CREATE INDEX receipts_by_device ON dispatch.receipts (device_id, created_at DESC, receipt_id DESC);
REVOKE UPDATE, DELETE ON dispatch.receipts FROM ebon_dispatch;

CREATE TABLE dispatch.reports (
    command_id text PRIMARY KEY,
    org_id     text NOT NULL,
    device_id  text NOT NULL,
    type       text NOT NULL,
    data       json NOT NULL,
    created_at timestamptz(3) NOT NULL
);
CREATE INDEX reports_by_organization ON dispatch.reports (org_id, type, created_at DESC);
CREATE INDEX reports_by_device ON dispatch.reports (device_id, type, created_at DESC);
REVOKE UPDATE, DELETE ON dispatch.reports FROM ebon_dispatch;

-- The answer to the first request under a key, kept for 24 hours; request_sha256 tells a repetition from another request.
CREATE TABLE dispatch.idempotency_keys (
    org_id         text NOT NULL,
    key            text NOT NULL,
    request_sha256 text NOT NULL,
    status         integer NOT NULL,
    answer         text NOT NULL,
    created_at     timestamptz(3) NOT NULL,
    PRIMARY KEY (org_id, key)
);
CREATE INDEX idempotency_keys_created_at ON dispatch.idempotency_keys (created_at);

-- Answers that were not applied: to a command of another device, or to none at all. One row per pair, so that a device
-- which insists fills nothing.
CREATE TABLE dispatch.refused_results (
    org_id      text NOT NULL,
    device_id   text NOT NULL,
    command_id  text NOT NULL,
    reason      text NOT NULL,
    answer      json NOT NULL,
    times       integer NOT NULL DEFAULT 1,
    first_at    timestamptz(3) NOT NULL,
    last_at     timestamptz(3) NOT NULL,
    PRIMARY KEY (device_id, command_id)
);

-- Every statement of this service reaches its rows through an index, in nested loops. A plan made while the tables are
-- still empty must not read them whole once they are not.
ALTER ROLE ebon_dispatch SET enable_seqscan = off;
ALTER ROLE ebon_dispatch SET enable_hashjoin = off;
ALTER ROLE ebon_dispatch SET enable_mergejoin = off;

-- What the other services may read.

CREATE VIEW dispatch.last_z_report AS
SELECT org_id, device_id, last_z_report_at AS at
FROM dispatch.lanes
WHERE last_z_report_at IS NOT NULL;
GRANT SELECT ON dispatch.last_z_report TO ebon_alerts, ebon_mailer;
