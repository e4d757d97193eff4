-- The default privileges of the schema took the views for tables, and a function is everybody's until it is said whose.
-- contract: no version has written through a view
REVOKE INSERT, UPDATE, DELETE
    ON org.device_directory, org.notification_recipients, org.organization_names, org.live_credentials FROM ebon_org;
GRANT EXECUTE ON FUNCTION org.client_network TO ebon_org;
-- contract: only this service has called it
REVOKE ALL ON FUNCTION org.client_network FROM PUBLIC;
