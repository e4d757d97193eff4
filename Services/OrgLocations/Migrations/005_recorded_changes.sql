-- For services that change what concerns an organization in schemas of their own: they may add to its audit, in the
-- transaction of the change, and neither read nor alter it.
CREATE FUNCTION org.record_change(
    org_id text, actor_id text, action text, subject_id text, request_id text, data jsonb
) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = org, pg_temp AS $$
    INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
    VALUES (org_id, actor_id, action, subject_id, request_id, data)
    RETURNING true;
$$;
REVOKE ALL ON FUNCTION org.record_change FROM PUBLIC;
GRANT EXECUTE ON FUNCTION org.record_change TO ebon_billing;
