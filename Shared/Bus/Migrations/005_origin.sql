-- Where the events were written: transaction ids are a cluster's own, and the ids alone do not tell, for those of
-- transactions that are still running may be higher than all that have ended. A dump that is restored makes the table
-- anew, under another number, in the same cluster as well.
CREATE TABLE bus.origin (system_identifier bigint NOT NULL, relation oid NOT NULL);
-- A snapshot sees no event of this cluster whose id is not below its xmax.
INSERT INTO bus.origin
SELECT CASE
        WHEN EXISTS (SELECT FROM bus.outbox o WHERE o.xid >= pg_snapshot_xmax(pg_current_snapshot())) THEN 0
        WHEN EXISTS (SELECT FROM bus.cursor c WHERE c.xid >= pg_snapshot_xmax(pg_current_snapshot())) THEN 0
        ELSE (SELECT system_identifier FROM pg_control_system())
    END, 'bus.origin'::regclass;

-- As before, but it changes nothing where the events were written, and nothing while services are connected.
CREATE OR REPLACE FUNCTION bus.adopt_restored() RETURNS boolean
LANGUAGE plpgsql SET search_path = bus, pg_temp AS $$
DECLARE
    here bigint := (SELECT system_identifier FROM pg_control_system());
BEGIN
    IF EXISTS (SELECT FROM bus.origin o WHERE o.system_identifier = here AND o.relation = 'bus.origin'::regclass) THEN
        RETURN false;
    END IF;
    -- What a service writes now could not be told from what was restored.
    IF EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = current_database() AND a.usename LIKE 'ebon\_%') THEN
        RAISE EXCEPTION 'services are connected: they must be stopped until what was restored is adopted'
            USING ERRCODE = 'object_in_use';
    END IF;
    LOCK TABLE bus.cursor, bus.outbox IN ACCESS EXCLUSIVE MODE;
    CREATE TEMPORARY TABLE restored ON COMMIT DROP AS
    SELECT row_number() OVER (ORDER BY o.xid, o.id) AS number, o.* FROM bus.outbox o;
    CREATE TEMPORARY TABLE handled ON COMMIT DROP AS
    SELECT c.consumer, (SELECT count(*) FROM restored r WHERE (r.xid, r.id) <= (c.xid, c.id)) AS number
    FROM bus.cursor c;
    DELETE FROM bus.outbox;
    INSERT INTO bus.outbox (event_id, org_id, type, request_id, created_at, data)
    SELECT r.event_id, r.org_id, r.type, r.request_id, r.created_at, r.data FROM restored r ORDER BY r.number;
    UPDATE bus.cursor c
    SET xid = pg_current_xact_id(),
        id = coalesce(
            (SELECT o.id FROM handled h JOIN restored r ON r.number = h.number
                JOIN bus.outbox o ON o.event_id = r.event_id
                WHERE h.consumer = c.consumer), 0);
    UPDATE bus.origin SET system_identifier = here, relation = 'bus.origin'::regclass;
    DROP TABLE restored, handled;
    RETURN true;
END
$$;
