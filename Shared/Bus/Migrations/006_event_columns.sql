-- The place of an event in the order of all is its transaction's, and nobody's to choose: with an id of his own choice
-- one service could hold all others' events back.
-- contract: no service has ever written another column
REVOKE INSERT ON bus.outbox FROM ebon_org, ebon_gateway, ebon_dispatch, ebon_alerts, ebon_billing, ebon_mailer;
GRANT INSERT (event_id, org_id, type, request_id, created_at, data) ON bus.outbox
    TO ebon_org, ebon_gateway, ebon_dispatch, ebon_alerts, ebon_billing, ebon_mailer;
