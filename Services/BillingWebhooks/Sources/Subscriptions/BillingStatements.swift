import Models
import Postgres

enum BillingStatements {
    static let lock: Statement = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"

    static let known: Statement = """
        SELECT EXISTS (SELECT FROM billing.stripe_events WHERE event_id = $1) AS duplicate,
            EXISTS (SELECT FROM org.organization_names WHERE org_id = $2) AS organization_exists
        """

    static let subscription: Statement = """
        SELECT status, status_at, status_rank, status_event_id, current_period_end, cancel_at_period_end,
            plan, plan_at, plan_rank, plan_event_id
        FROM billing.subscriptions
        WHERE subscription_id = $1
        """

    /// The organizations that a report may touch: the one that it names, and those that its objects belong to.
    static let organizations: Statement = """
        SELECT org_id FROM org.organization_names WHERE org_id = $1
        UNION SELECT org_id FROM billing.bindings WHERE stripe_id IN ($2, $3)
        UNION SELECT org_id FROM billing.subscriptions
            WHERE (subscription_id = $2 OR customer_id = $3) AND org_id IS NOT NULL
        """

    static let bind: Statement = """
        INSERT INTO billing.bindings AS b (stripe_id, org_id, bound_at, event_id)
        SELECT stripe_id, $2, $3, $4 FROM unnest($1::text[]) AS stripe_id
        ON CONFLICT (stripe_id) DO UPDATE
        SET org_id = excluded.org_id, bound_at = excluded.bound_at, event_id = excluded.event_id
        WHERE (b.bound_at, b.event_id) < (excluded.bound_at, excluded.event_id)
        """

    /// A plan that was granted by hand ends with news only, not with each look at Stripe.
    static let store: Statement = """
        INSERT INTO billing.subscriptions AS s (subscription_id, customer_id, created_at, status, status_at,
            status_rank, status_event_id, current_period_end, cancel_at_period_end, plan, plan_at, plan_rank,
            plan_event_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (subscription_id) DO UPDATE
        SET status = excluded.status, status_at = excluded.status_at, status_rank = excluded.status_rank,
            status_event_id = excluded.status_event_id, current_period_end = excluded.current_period_end,
            cancel_at_period_end = excluded.cancel_at_period_end, plan = excluded.plan, plan_at = excluded.plan_at,
            plan_rank = excluded.plan_rank, plan_event_id = excluded.plan_event_id,
            applied_at = CASE
                WHEN s.status = excluded.status AND s.plan IS NOT DISTINCT FROM excluded.plan THEN s.applied_at
                ELSE now() END
        """

    /// What Stripe says again when it is asked is not worth a row.
    static let reportStatus: Statement = """
        INSERT INTO billing.status_reports (subscription_id, source_id, status, reported_at)
        SELECT $1, $2, $3, $4
        WHERE $5 OR NOT EXISTS (SELECT FROM billing.subscriptions WHERE subscription_id = $1 AND status = $3)
        ON CONFLICT DO NOTHING
        """

    /// Past due since the first report of it after the last one of anything else, as far as reports were kept.
    static let countGrace: Statement = """
        UPDATE billing.subscriptions s
        SET past_due_since = counted.since,
            grace_ended_at = CASE WHEN counted.since = counted.before THEN s.grace_ended_at END
        FROM (
            SELECT known.past_due_since AS before, coalesce((
                    SELECT min(late.reported_at) FROM billing.status_reports late
                    WHERE late.subscription_id = $1 AND late.status = 'past_due' AND late.reported_at >= well.at),
                CASE WHEN known.past_due_since >= well.at THEN known.past_due_since END, known.status_at) AS since
            FROM billing.subscriptions known, (
                SELECT coalesce(max(other.reported_at), '-infinity') AS at FROM billing.status_reports other
                WHERE other.subscription_id = $1 AND other.status <> 'past_due'
            ) well
            WHERE known.subscription_id = $1
        ) counted
        WHERE s.subscription_id = $1 AND s.status = 'past_due'
        """

    static let assign: Statement = """
        UPDATE billing.subscriptions s
        SET org_id = owner.org_id
        FROM (
            SELECT found.subscription_id, coalesce(own.org_id, customers.org_id) AS org_id
            FROM billing.subscriptions found
            LEFT JOIN billing.bindings own ON own.stripe_id = found.subscription_id
            LEFT JOIN billing.bindings customers ON customers.stripe_id = found.customer_id
            WHERE found.subscription_id = $1 OR found.customer_id = $2
        ) owner
        WHERE s.subscription_id = owner.subscription_id AND s.org_id IS DISTINCT FROM owner.org_id
        """

    static let keep: Statement = """
        INSERT INTO billing.stripe_events (event_id, type, api_version, occurred_at, subscription_id, customer_id,
            outcome, request_id, payload, org_id)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, (
            SELECT org_id FROM billing.bindings WHERE stripe_id IN ($5, $6) ORDER BY stripe_id = $5 DESC LIMIT 1)
        ON CONFLICT DO NOTHING
        """

    /// Tells the organization that a subscription or customer belongs to, else the one that is named, if there is one.
    static let tell: Statement = """
        INSERT INTO bus.outbox (event_id, org_id, type, request_id, data)
        SELECT $1, org_id, $2, $3, $4
        FROM (
            SELECT org_id, CASE stripe_id WHEN $5 THEN 1 ELSE 2 END AS rank
            FROM billing.bindings WHERE stripe_id IN ($5, $6)
            UNION ALL SELECT org_id, 3 FROM org.organization_names WHERE org_id = $7
        ) found
        ORDER BY rank LIMIT 1
        """

    /// One at a time says what plan an organization has, so that the last one to say it has seen all there is.
    static let lockPlans: Statement = """
        SELECT pg_advisory_xact_lock(hashtextextended('plan of ' || org_id, 0))
        FROM (SELECT org_id FROM unnest($1::text[]) AS org_id ORDER BY org_id) organizations
        """

    /// Runs last in the transaction: compares the plans that were announced with those that count now.
    static let announce = Statement(
        """
        WITH changed AS (
            SELECT touched.org_id, touched.event_id, coalesce(a.plan, 'free') AS previous,
                now.plan
            FROM unnest($1::text[], $2::text[]) AS touched (org_id, event_id)
            CROSS JOIN LATERAL (SELECT billing.plan_of(touched.org_id) AS plan OFFSET 0) now
            LEFT JOIN billing.announced_plans a USING (org_id)
            WHERE now.plan <> coalesce(a.plan, 'free')
        ), noted AS (
            INSERT INTO billing.announced_plans (org_id, plan)
            SELECT org_id, plan FROM changed
            ON CONFLICT (org_id) DO UPDATE SET plan = excluded.plan
        ), announced AS (
            INSERT INTO bus.outbox (event_id, org_id, type, request_id, data)
            SELECT event_id, org_id, '\(PlanChanged.type)', $3,
                jsonb_build_object('plan', plan, 'previous', previous)
            FROM changed
        )
        SELECT org_id, org.record_change(org_id, 'stripe', 'plan.change', org_id, $3, jsonb_strip_nulls(
            jsonb_build_object('plan', plan, 'previousPlan', previous, 'stripeEventId', $4::text))) AS recorded
        FROM changed
        """)
}
