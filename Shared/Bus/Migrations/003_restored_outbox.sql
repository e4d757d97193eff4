-- Transaction ids are a cluster's own. Events that were dumped in one and restored into another, whose ids are lower,
-- would be held back until it comes to theirs, and all new ones would lie behind the consumers' cursors: nobody would hear
-- of anything. The migrator calls this before the services start: it writes the events anew, in their order, and puts
-- each cursor behind the event that it was behind. Where all ids are this cluster's it does nothing.
CREATE FUNCTION bus.adopt_restored() RETURNS boolean
LANGUAGE plpgsql SET search_path = bus, pg_temp AS $$
DECLARE
    -- What is committed in this cluster is older.
    next xid8 := pg_snapshot_xmax(pg_current_snapshot());
BEGIN
    IF NOT EXISTS (SELECT FROM bus.outbox o WHERE o.xid >= next)
        AND NOT EXISTS (SELECT FROM bus.cursor c WHERE c.xid >= next) THEN
        RETURN false;
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
    DROP TABLE restored, handled;
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION bus.adopt_restored FROM PUBLIC;
