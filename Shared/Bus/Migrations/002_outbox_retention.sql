-- Events are replayed for 24 hours; an hour more, so that a replay which began in time is not overtaken. Only what no
-- younger event precedes is deleted, in the order in which readers follow: where an event is still kept, everything
-- behind it is kept too, whatever moment it says that it happened.
CREATE OR REPLACE FUNCTION bus.expire(batch integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
    WITH oldest AS MATERIALIZED (
        SELECT o.xid, o.id, o.created_at FROM bus.outbox o ORDER BY o.xid, o.id LIMIT batch
    ), kept AS (
        SELECT o.xid, o.id FROM oldest o
        WHERE o.created_at >= now() - interval '25 hours'
            OR EXISTS (SELECT FROM bus.cursor c WHERE (c.xid, c.id) < (o.xid, o.id))
        ORDER BY o.xid, o.id LIMIT 1
    ), expired AS (
        DELETE FROM bus.outbox WHERE id IN (
            SELECT o.id FROM oldest o
            WHERE NOT EXISTS (SELECT FROM kept k WHERE (k.xid, k.id) <= (o.xid, o.id)))
        RETURNING 1)
    SELECT count(*)::integer FROM expired;
$$;
