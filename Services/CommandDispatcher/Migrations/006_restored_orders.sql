-- What was waiting in a backup may have been delivered, and printed, after it. The migrator calls this together with
-- bus.adopt_restored(): such orders end at the first sweep, as timed out and not known, and the devices are asked.
CREATE FUNCTION dispatch.adopt_restored() RETURNS void
LANGUAGE sql SET search_path = dispatch, pg_temp AS $$
    UPDATE dispatch.commands
    SET sent_at = now(), session = '', query_at = now(), expires_at = least(expires_at, now()), version = version + 1
    WHERE status = 'pending'
$$;
REVOKE ALL ON FUNCTION dispatch.adopt_restored FROM PUBLIC;
