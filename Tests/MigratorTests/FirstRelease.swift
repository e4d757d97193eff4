import EventLoop
import Postgres

/// The writes of the first release, a row for each of its tables; what a later release may not forbid while that one
/// still runs. It is followed by a younger release when a contraction takes away what this one writes.
@Loop enum FirstRelease {
    /// Writes the rows with this number, as the roles that own the tables.
    static func write(_ number: Int, into database: PostgresPool) async throws {
        for (role, statements) in rows {
            try await database.transaction { transaction in
                _ = try await transaction.query(Statement("SET LOCAL ROLE \(role)"))
                for statement in statements { _ = try await transaction.query(statement, [String(number)]) }
            }
        }
    }

    private static let rows: KeyValuePairs<String, [Statement]> = [
        "ebon_org": [
            "INSERT INTO org.organizations (org_id, name, cui) VALUES ('org_' || $1::text, 'Acme', 'RO12345678')",
            """
            INSERT INTO org.users (user_id, org_id, email, password_hash, role)
            VALUES ('usr_' || $1::text, 'org_' || $1, $1 || '@acme.example', 'x', 'owner')
            """,
            """
            INSERT INTO org.sessions (session_id, org_id, user_id, family_sha256, generation_sha256, expires_at)
            VALUES ('ses_' || $1::text, 'org_' || $1, 'usr_' || $1, lpad($1, 64, '0'), repeat('0', 64), now())
            """,
            """
            INSERT INTO org.locations (location_id, org_id, name, address)
            VALUES ('loc_' || $1::text, 'org_' || $1, 'Counter', 'Str. Lipscani 12')
            """,
            """
            INSERT INTO org.devices (device_id, org_id, location_id, name, protocol, transport, connection_params)
            VALUES ('dev_' || $1::text, 'org_' || $1, 'loc_' || $1, 'POS', 'datecs_compact', 'tcp', '{}')
            """,
            """
            INSERT INTO org.api_keys (api_key_id, org_id, key_sha256, prefix, label, scopes, created_by)
            VALUES ('key_' || $1::text, 'org_' || $1, lpad($1, 64, '0'), 'ebon_live_', 'POS', '{all}', 'usr_' || $1)
            """,
            """
            INSERT INTO org.notification_subscribers (org_id, email, categories)
            VALUES ('org_' || $1::text, $1 || '@acme.example', '{alerts}')
            """,
            """
            INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id)
            VALUES ('org_' || $1::text, 'usr_' || $1, 'member.remove', 'usr_0', 'req_' || $1)
            """,
        ],
        "ebon_billing": [
            """
            INSERT INTO billing.stripe_events (event_id, type, occurred_at, outcome, request_id, payload)
            VALUES ('evt_' || $1::text, 'customer.subscription.updated', now(), 'applied', 'req_' || $1, '{}')
            """,
            """
            INSERT INTO billing.bindings (stripe_id, org_id, bound_at, event_id)
            VALUES ('cus_' || $1::text, 'org_' || $1, now(), 'evt_' || $1)
            """,
            """
            INSERT INTO billing.subscriptions (subscription_id, org_id, customer_id, created_at, status, status_at,
                status_rank, status_event_id, cancel_at_period_end, plan, plan_at, plan_rank, plan_event_id)
            VALUES ('sub_' || $1::text, 'org_' || $1, 'cus_' || $1, now(), 'past_due', now(), 1, 'evt_' || $1, false,
                'pro', now(), 1, 'evt_' || $1)
            """,
            "INSERT INTO billing.plan_grants (org_id, plan, reason) VALUES ('org_' || $1::text, 'pro', 'friends')",
        ],
        "ebon_gateway": [
            "INSERT INTO gateway.instances (instance, seen_at) VALUES ('gateway_' || $1::text, now())",
            """
            INSERT INTO gateway.device_states (device_id, org_id, epoch, session, instance, connected, busy, connected_at,
                last_seen, app_version, device_model, os_version)
            VALUES ('dev_' || $1::text, 'org_' || $1, nextval('gateway.session_epoch'), 'ses', 'gateway_' || $1, true,
                false, now(), now(), '1', 'Datecs', '1')
            """,
            """
            INSERT INTO gateway.connection_events (org_id, device_id, type, at, app_version, device_model, os_version)
            VALUES ('org_' || $1::text, 'dev_' || $1, 'connected', now(), '1', 'Datecs', '1')
            """,
        ],
        "ebon_dispatch": [
            """
            INSERT INTO dispatch.lanes (device_id, org_id, command_id, last_z_report_at)
            VALUES ('dev_' || $1::text, 'org_' || $1, 'cmd_' || $1, now())
            """,
            """
            INSERT INTO dispatch.commands (command_id, org_id, device_id, type, exclusive, awaited, payload, request_id,
                status, created_at, expires_at, updated_at)
            VALUES ('cmd_' || $1::text, 'org_' || $1, 'dev_' || $1, 'print_receipt', false, false, '{}', 'req_' || $1,
                'pending', now(), now(), now())
            """,
            """
            INSERT INTO dispatch.receipts (receipt_id, org_id, device_id, command_id, type, items, payments, total,
                vat_breakdown, created_at)
            VALUES ('rcp_' || $1::text, 'org_' || $1, 'dev_' || $1, 'cmd_' || $1, 'sale', '[]'::jsonb, '[]'::jsonb, 18,
                '[]'::jsonb, now())
            """,
            """
            INSERT INTO dispatch.reports (command_id, org_id, device_id, type, data, created_at)
            VALUES ('cmd_' || $1::text, 'org_' || $1, 'dev_' || $1, 'print_z_report', '{}', now())
            """,
            """
            INSERT INTO dispatch.idempotency_keys (org_id, key, request_sha256, status, answer, created_at)
            VALUES ('org_' || $1::text, 'coffee', 'x', 201, '{}', now())
            """,
            """
            INSERT INTO dispatch.refused_results (org_id, device_id, command_id, reason, answer, first_at, last_at)
            VALUES ('org_' || $1::text, 'dev_' || $1, 'cmd_0', 'unknown', '{}', now(), now())
            """,
        ],
        "ebon_alerts": [
            "INSERT INTO alerts.schedule (device_id, org_id, due_at) VALUES ('dev_' || $1::text, 'org_' || $1, now())",
            """
            INSERT INTO alerts.announced (device_id, type, org_id, alert)
            VALUES ('dev_' || $1::text, 'paper_low', 'org_' || $1, '{}')
            """,
        ],
        "ebon_mailer": [
            """
            INSERT INTO mailer.jobs (job_id, org_id, event_id, recipient, kind, topic, data, wanted_at, due_at, expires_at)
            VALUES ('job_' || $1::text, 'org_' || $1, 'evt_' || $1, 'a@acme.example', 'alert_raised', 'dev/paper_low',
                '{}', now(), now(), now())
            """,
            "INSERT INTO mailer.raised (org_id, topic, raised_at) VALUES ('org_' || $1::text, 'dev/paper_low', now())",
            """
            INSERT INTO bus.outbox (event_id, org_id, type, data)
            VALUES ('evt_' || $1::text, 'org_' || $1, 'device.alert', '{}')
            """,
            "INSERT INTO bus.cursor (consumer, xid, id) VALUES ('mailer' || $1::text, pg_current_xact_id(), 1)",
            """
            INSERT INTO bus.parked (consumer, event_id, org_id, type, data, error)
            VALUES ('mailer', 'evt_' || $1::text, 'org_' || $1, 'device.alert', '{}', 'unreadable')
            """,
        ],
    ]
}
