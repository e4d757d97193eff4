-- Items are passed on as they came, in their order and spelling, which jsonb does not keep. The version before goes on
-- writing and reading: its jsonb is cast on assignment, and a connection that has prepared `SELECT *` is replaced at the
-- first refusal of the outdated plan.
ALTER TABLE dispatch.receipts ALTER COLUMN items TYPE json USING items::json;

-- The journal is read by the register's clock, by ours where the register gave none. Receipts that are no sales are few:
-- a list of them must not walk past all the sales. receipts_by_device stays for the version before.
CREATE INDEX receipts_of_organization ON dispatch.receipts
    (org_id, coalesce(fiscal_date, created_at) DESC, receipt_id DESC);
CREATE INDEX receipts_of_device ON dispatch.receipts
    (org_id, device_id, coalesce(fiscal_date, created_at) DESC, receipt_id DESC);
CREATE INDEX returns_of_organization ON dispatch.receipts
    (org_id, type, coalesce(fiscal_date, created_at) DESC, receipt_id DESC) WHERE type <> 'sale';
CREATE INDEX returns_of_device ON dispatch.receipts
    (org_id, device_id, type, coalesce(fiscal_date, created_at) DESC, receipt_id DESC) WHERE type <> 'sale';
DROP INDEX dispatch.receipts_by_organization;

CREATE INDEX reports_of_organization ON dispatch.reports (org_id, type, created_at DESC, command_id DESC);
CREATE INDEX reports_of_device ON dispatch.reports (org_id, device_id, type, created_at DESC, command_id DESC);
DROP INDEX dispatch.reports_by_organization, dispatch.reports_by_device;

-- Still written once, but for this: a receipt that the app has stored itself learns which command printed it, when the
-- command's answer comes later.
GRANT UPDATE (command_id) ON dispatch.receipts TO ebon_dispatch;
