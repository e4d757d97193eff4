-- The rows that one printed receipt writes, as pgbench writes them: one statement, and one commit, each for the order,
-- the claim and the result. Every client has devices of its own, since a device prints one receipt at a time.
-- (No text may have a colon before a letter or a digit: pgbench would take that for a variable.)
\set device :client_id * 1000 + random(1, 20)
\set id random(1, 9000000000000000000)
WITH lane AS (
    INSERT INTO dispatch.lanes (device_id, org_id) VALUES ('dev_peer_' || :device::bigint, 'acme_corp')
    ON CONFLICT DO NOTHING
)
INSERT INTO dispatch.commands (
    command_id, org_id, device_id, location_id, type, exclusive, awaited, payload, api_key_id, request_id, status,
    created_at, expires_at, updated_at)
VALUES (
    'cmd_0123456789abcdef' || :id::bigint, 'acme_corp', 'dev_peer_' || :device::bigint, 'loc_main', 'print_receipt', false,
    false,
    '{"items":[{"name":"Cafea","quantity": 1,"price": 12,"vatRate": 11}],"payments":[{"type":"cash","amount": 12}]}',
    'apikey_demo', '3f0a4a8e-6a53-4c8e-9f0e-0123456789ab', 'pending', now(), now() + interval '1 minute', now());
WITH lane AS (
    UPDATE dispatch.lanes SET command_id = 'cmd_0123456789abcdef' || :id::bigint
    WHERE device_id = 'dev_peer_' || :device::bigint AND command_id IS NULL
)
UPDATE dispatch.commands
SET status = 'sent', outcome = 'unknown', attempts = attempts + 1, version = version + 1, session = 'ses_0123456789abcdef',
    sent_at = now(), updated_at = now(), query_at = now() + interval '10 seconds'
WHERE command_id = 'cmd_0123456789abcdef' || :id::bigint AND version = 0;
WITH written AS (
    UPDATE dispatch.commands
    SET status = 'completed', outcome = 'executed', result =
            '{"receiptNumber":"1234567","fiscalId":"AA1234567-1234567","fiscalDate":"2026-04-09T08.10.00.000Z"}',
        finished_at = now(), updated_at = now(), version = version + 1
    WHERE command_id = 'cmd_0123456789abcdef' || :id::bigint AND version = 1
    RETURNING command_id, org_id, device_id, location_id, request_id
), lane AS (
    UPDATE dispatch.lanes SET command_id = NULL
    WHERE device_id = 'dev_peer_' || :device::bigint AND command_id = 'cmd_0123456789abcdef' || :id::bigint
), receipt AS (
    INSERT INTO dispatch.receipts (
        receipt_id, org_id, device_id, location_id, command_id, type, items, payments, total, vat_breakdown,
        receipt_number, fiscal_id, fiscal_date, created_at)
    SELECT 'rcp_0123456789abcdef' || :id::bigint, org_id, device_id, location_id, command_id, 'sale',
        '[{"name":"Cafea","quantity": 1,"price": 12,"vatRate": 11}]', '[{"method":"cash","amount": 12}]', 12,
        '[{"rate": 11,"base": 10.81,"vat": 1.19}]', '1234567', 'fiscal_' || :id::bigint, now(), now()
    FROM written
)
INSERT INTO bus.outbox (event_id, org_id, type, request_id, created_at, data)
SELECT 'evt_' || event.number || '_0123456789ab' || :id::bigint, org_id, event.type, request_id, now(), event.data::jsonb
FROM written, (VALUES
    (1, 'command.completed', '{"commandId":"cmd_0123456789abcdef0123456789","deviceId":"dev_peer_1234","type":"print_receipt","status":"completed","outcome":"executed","result":{"receiptNumber":"1234567","fiscalId":"AA1234567-1234567","fiscalDate":"2026-04-09T08.10.00.000Z"},"error": null}'),
    (2, 'receipt.created', '{"receiptId":"rcp_0123456789abcdef0123456789","deviceId":"dev_peer_1234","total": 12}')
) AS event (number, type, data);
