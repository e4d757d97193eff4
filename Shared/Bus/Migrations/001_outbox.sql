CREATE SCHEMA IF NOT EXISTS bus;
GRANT USAGE ON SCHEMA bus TO ebon_org, ebon_gateway, ebon_dispatch, ebon_alerts, ebon_billing, ebon_mailer;

-- Every event, written by the transaction that changes the state. Readers follow (xid, id): an id is given out when a
-- row is written, but rows become visible when their transactions commit, so ids alone have holes that fill up later.
CREATE TABLE bus.outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    event_id   text NOT NULL,
    org_id     text NOT NULL,
    type       text NOT NULL,
    request_id text,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    data       jsonb NOT NULL
);
CREATE INDEX outbox_position ON bus.outbox (xid, id);
CREATE UNIQUE INDEX outbox_event ON bus.outbox (event_id);
CREATE INDEX outbox_organization ON bus.outbox (org_id, xid, id);

-- How far a consumer has come. Its row is locked while a batch is handled: one replica at a time.
CREATE TABLE bus.cursor (
    consumer   text PRIMARY KEY,
    xid        xid8 NOT NULL,
    id         bigint NOT NULL,
    -- How often the event behind the cursor has failed, and when it may be tried again.
    failures   integer NOT NULL DEFAULT 0,
    retry_at   timestamptz(3) NOT NULL DEFAULT '-infinity',
    moved_at   timestamptz(3) NOT NULL DEFAULT now()
);

-- Events that a consumer has given up on, for an operator to look at.
CREATE TABLE bus.parked (
    consumer  text NOT NULL,
    event_id  text NOT NULL,
    org_id    text NOT NULL,
    type      text NOT NULL,
    data      jsonb NOT NULL,
    error     text NOT NULL,
    parked_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);

GRANT SELECT, INSERT ON bus.outbox TO ebon_org, ebon_gateway, ebon_dispatch, ebon_alerts, ebon_billing, ebon_mailer;
GRANT SELECT, INSERT, UPDATE ON bus.cursor TO ebon_org, ebon_gateway, ebon_dispatch, ebon_alerts, ebon_billing, ebon_mailer;
GRANT SELECT, INSERT ON bus.parked TO ebon_org, ebon_gateway, ebon_dispatch, ebon_alerts, ebon_billing, ebon_mailer;

-- Deletes events that are older than 48 hours and behind every consumer, at most `batch` at a time; returns how many.
-- Services may call it without being allowed to delete anything else. A consumer that is gone for good keeps the events
-- until its row is removed.
CREATE FUNCTION bus.expire(batch integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
    WITH expired AS (
        DELETE FROM bus.outbox WHERE id IN (
            SELECT o.id FROM bus.outbox o
            WHERE o.created_at < now() - interval '48 hours'
                AND NOT EXISTS (SELECT FROM bus.cursor c WHERE (c.xid, c.id) < (o.xid, o.id))
            ORDER BY o.xid, o.id LIMIT batch FOR UPDATE SKIP LOCKED)
        RETURNING 1)
    SELECT count(*)::integer FROM expired;
$$;
REVOKE ALL ON FUNCTION bus.expire FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bus.expire TO ebon_org, ebon_gateway, ebon_dispatch, ebon_alerts, ebon_billing, ebon_mailer;
