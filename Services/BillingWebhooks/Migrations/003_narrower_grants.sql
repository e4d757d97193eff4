-- The default privileges of the schema took the views for tables, and a function is everybody's until it is said whose.
-- contract: no version has written through a view
REVOKE INSERT, UPDATE, DELETE ON billing.decided_subscriptions, billing.organization_plan FROM ebon_billing;
-- Published is plan_of. A view's functions are called with the rights of whoever reads it, so its readers may call grace.
GRANT EXECUTE ON FUNCTION billing.plan_of, billing.grace TO ebon_billing, ebon_org;
-- contract: only this service and the readers of organization_plan have called them
REVOKE ALL ON FUNCTION billing.plan_of, billing.grace, billing.note_granted_plan FROM PUBLIC;
