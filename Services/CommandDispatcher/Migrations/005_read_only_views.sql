-- The default privileges of the schema took the views for tables. A view writes with the rights of its owner: through
-- issued_receipts the journal could be changed, which its own grants forbid.
-- contract: no version has written through a view
REVOKE INSERT, UPDATE, DELETE ON dispatch.last_z_report, dispatch.issued_receipts FROM ebon_dispatch;
