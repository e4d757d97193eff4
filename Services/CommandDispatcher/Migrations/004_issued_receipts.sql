-- What the other services may read: the journal's amounts, by the register's clock, by ours where the register gave none.
CREATE VIEW dispatch.issued_receipts AS
SELECT org_id, device_id, type, total, coalesce(fiscal_date, created_at) AS issued_at
FROM dispatch.receipts;
GRANT SELECT ON dispatch.issued_receipts TO ebon_mailer;
