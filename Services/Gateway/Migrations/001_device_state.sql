CREATE SCHEMA IF NOT EXISTS gateway;
GRANT USAGE ON SCHEMA gateway TO ebon_gateway, ebon_org, ebon_dispatch, ebon_alerts, ebon_mailer;

-- A session's epoch: whatever carries an older one speaks for a socket that has been superseded.
CREATE SEQUENCE gateway.session_epoch;

-- The gateway processes; one that has not been seen for 15 seconds holds no sockets any more.
CREATE TABLE gateway.instances (
    instance text PRIMARY KEY,
    seen_at timestamptz(3) NOT NULL
);

-- The last that is known of each device: its newest socket, and what it reported last.
CREATE TABLE gateway.device_states (
    device_id text PRIMARY KEY,
    org_id text NOT NULL,
    epoch bigint NOT NULL,
    session text NOT NULL,
    instance text NOT NULL,
    connected boolean NOT NULL,
    busy boolean NOT NULL,
    connected_at timestamptz(3) NOT NULL,
    last_seen timestamptz(3) NOT NULL,
    app_version text NOT NULL,
    device_model text NOT NULL,
    os_version text NOT NULL,
    paper_end_since timestamptz(3),
    paper_near_end_since timestamptz(3),
    cover_open_since timestamptz(3),
    fiscal_memory_almost_full_since timestamptz(3),
    fault text
) WITH (fillfactor = 70);
CREATE INDEX device_states_org ON gateway.device_states (org_id);
CREATE INDEX device_states_connected ON gateway.device_states (instance) WHERE connected;

CREATE TABLE gateway.connection_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    org_id text NOT NULL,
    device_id text NOT NULL,
    type text NOT NULL CHECK (type IN ('connected', 'disconnected')),
    at timestamptz(3) NOT NULL,
    app_version text NOT NULL,
    device_model text NOT NULL,
    os_version text NOT NULL,
    code integer,
    reason text
);
CREATE INDEX connection_events_device ON gateway.connection_events (device_id, id DESC);

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA gateway TO ebon_gateway;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA gateway TO ebon_gateway;

-- Published: the state of every device that was ever connected, with what a dead gateway left behind read as offline.
CREATE VIEW gateway.device_state AS
SELECT
    d.org_id, d.device_id, live.connected,
    CASE WHEN NOT live.connected THEN 'offline'
         WHEN d.fault IS NOT NULL THEN 'error'
         WHEN d.busy THEN 'busy'
         ELSE 'online' END AS status,
    d.last_seen, d.session, d.instance, d.connected_at, d.app_version, d.device_model, d.os_version,
    d.paper_end_since, d.paper_near_end_since, d.cover_open_since, d.fiscal_memory_almost_full_since, d.fault,
    d.paper_end_since IS NOT NULL AS paper_end,
    d.paper_near_end_since IS NOT NULL AS paper_near_end,
    d.cover_open_since IS NOT NULL AS cover_open,
    d.fiscal_memory_almost_full_since IS NOT NULL AS fiscal_memory_almost_full,
    least(d.paper_end_since, d.paper_near_end_since) AS paper_since,
    d.cover_open_since AS cover_since,
    d.fiscal_memory_almost_full_since AS fiscal_memory_since
FROM gateway.device_states d
LEFT JOIN gateway.instances i ON i.instance = d.instance
CROSS JOIN LATERAL (
    SELECT d.connected AND coalesce(i.seen_at > now() - interval '15 seconds', false) AS connected
) live;
GRANT SELECT ON gateway.device_state TO ebon_gateway, ebon_org, ebon_dispatch, ebon_alerts, ebon_mailer;
