-- One demonstration organization: run by psql as the database's owner, after all migrations, as often as one likes.
-- Variables: organization, name, plan, address (JSON), email, password_hash, key_id, key_hash, user_id,
-- location_main, location_warehouse, device_1, device_2.
\set ON_ERROR_STOP on
BEGIN;

INSERT INTO org.organizations (org_id, name, cui, billing_address)
VALUES (:'organization', :'name', 'RO12345678', :'address')
ON CONFLICT DO NOTHING;

INSERT INTO org.users (user_id, org_id, email, password_hash, role)
VALUES (:'user_id', :'organization', :'email', :'password_hash', 'owner')
ON CONFLICT (user_id) DO UPDATE SET email = excluded.email, password_hash = excluded.password_hash;

INSERT INTO org.api_keys (api_key_id, org_id, key_sha256, prefix, label, scopes, created_by)
VALUES (:'key_id', :'organization', :'key_hash', 'ebon_live_' || :'organization' || '_', 'Demo', '{all}', :'user_id')
ON CONFLICT (api_key_id) DO UPDATE SET key_sha256 = excluded.key_sha256, active = true;

INSERT INTO org.locations (location_id, org_id, name, address)
VALUES
    (:'location_main', :'organization', 'Sediu principal', 'Str. Lipscani 12, București'),
    (:'location_warehouse', :'organization', 'Depozit Pipera', 'Bd. Pipera 21, Voluntari')
ON CONFLICT DO NOTHING;

-- The first device has a controller, so that the live routes reach it.
INSERT INTO org.devices
    (device_id, org_id, location_id, name, protocol, transport, connection_params, controller_id, controller_name)
VALUES
    (:'device_1', :'organization', :'location_main', 'Tejghea POS 1', 'datecs_compact', 'tcp',
     '{"host": "192.168.1.50", "port": 9100}', 'instance_a', 'Counter A'),
    (:'device_2', :'organization', :'location_warehouse', 'Tejghea POS 2', 'tremol', 'tcp',
     '{"host": "192.168.1.51", "port": 9100}', NULL, NULL)
ON CONFLICT DO NOTHING;

INSERT INTO org.notification_subscribers (org_id, email, categories)
VALUES (:'organization', :'email', '{reports,alerts,billing,device_events,analytics}')
ON CONFLICT DO NOTHING;

INSERT INTO billing.plan_grants (org_id, plan, reason)
VALUES (:'organization', :'plan', 'demonstration')
ON CONFLICT DO NOTHING;

COMMIT;
