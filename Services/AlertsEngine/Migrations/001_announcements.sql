CREATE SCHEMA IF NOT EXISTS alerts;
GRANT USAGE ON SCHEMA alerts TO ebon_alerts;

-- When each device is to be looked at again, should nothing happen to it before. The row is the device's mutex: whoever
-- holds it compares and announces.
CREATE TABLE alerts.schedule (
    device_id text PRIMARY KEY,
    org_id    text NOT NULL,
    due_at    timestamptz(3) NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX schedule_due ON alerts.schedule (due_at);

-- The alerts that have been announced as raised and not yet as cleared. Nobody reads it to learn what holds: that is
-- derived.
CREATE TABLE alerts.announced (
    device_id    text NOT NULL REFERENCES alerts.schedule ON DELETE CASCADE,
    type         text NOT NULL,
    org_id       text NOT NULL,
    alert        jsonb NOT NULL,
    announced_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (device_id, type)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA alerts TO ebon_alerts;
