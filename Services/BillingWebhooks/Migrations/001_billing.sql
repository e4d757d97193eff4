CREATE SCHEMA IF NOT EXISTS billing;
GRANT USAGE ON SCHEMA billing TO ebon_billing, ebon_org;
ALTER DEFAULT PRIVILEGES IN SCHEMA billing GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ebon_billing;

-- Every event that Stripe signed, whether or not it meant anything, with the bytes that were signed.
CREATE TABLE billing.stripe_events (
    event_id        text PRIMARY KEY,
    org_id          text,
    type            text NOT NULL,
    api_version     text,
    occurred_at     timestamptz(3) NOT NULL,
    subscription_id text,
    customer_id     text,
    outcome         text NOT NULL,
    request_id      text NOT NULL,
    payload         text NOT NULL,
    received_at     timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX stripe_events_org_id ON billing.stripe_events (org_id, occurred_at DESC);
REVOKE UPDATE, DELETE ON billing.stripe_events FROM ebon_billing;

-- Whose a Stripe customer or a Stripe subscription is: the newest event that named an organization counts.
CREATE TABLE billing.bindings (
    stripe_id text PRIMARY KEY,
    org_id    text NOT NULL,
    bound_at  timestamptz(3) NOT NULL,
    event_id  text NOT NULL
);
CREATE INDEX bindings_org_id ON billing.bindings (org_id);

-- Status and plan are two registers, each with the position of the event that wrote it: events come in any order,
-- and one with an unknown price says something about the status and nothing about the plan. org_id follows the
-- binding of the subscription, else that of its customer; it is null while neither is bound.
CREATE TABLE billing.subscriptions (
    subscription_id      text PRIMARY KEY,
    org_id               text,
    customer_id          text NOT NULL,
    created_at           timestamptz(3) NOT NULL,
    status               text NOT NULL,
    status_at            timestamptz(3) NOT NULL,
    status_rank          integer NOT NULL,
    status_event_id      text NOT NULL,
    current_period_end   timestamptz(3),
    cancel_at_period_end boolean NOT NULL,
    plan                 text CHECK (plan IN ('free', 'pro', 'enterprise')),
    plan_at              timestamptz(3),
    plan_rank            integer,
    plan_event_id        text,
    applied_at           timestamptz(3) NOT NULL DEFAULT now(),
    CHECK (num_nulls(plan, plan_at, plan_rank, plan_event_id) IN (0, 4))
);
CREATE INDEX subscriptions_org_id ON billing.subscriptions (org_id);
CREATE INDEX subscriptions_customer_id ON billing.subscriptions (customer_id);

-- A plan given by hand. It counts until a subscription of the organization says something later.
CREATE TABLE billing.plan_grants (
    org_id     text PRIMARY KEY,
    plan       text NOT NULL CHECK (plan IN ('free', 'pro', 'enterprise')),
    reason     text NOT NULL,
    granted_at timestamptz(3) NOT NULL DEFAULT now()
);

-- A subscription whose first payment never came has said nothing yet.
CREATE VIEW billing.decided_subscriptions AS
SELECT org_id, subscription_id, plan, status, status_at, created_at, applied_at
FROM billing.subscriptions
WHERE org_id IS NOT NULL AND plan IS NOT NULL AND status NOT IN ('incomplete', 'incomplete_expired');

-- The plan that counts now. An organization without a row is on the free plan.
CREATE VIEW billing.organization_plan AS
SELECT g.org_id, g.plan
FROM billing.plan_grants g
WHERE NOT EXISTS (
    SELECT FROM billing.decided_subscriptions s WHERE s.org_id = g.org_id AND s.applied_at > g.granted_at)
UNION ALL
SELECT newest.org_id, newest.plan
FROM (
    SELECT DISTINCT ON (org_id) org_id, plan
    FROM billing.decided_subscriptions
    WHERE status IN ('active', 'trialing') OR (status = 'past_due' AND status_at > now() - interval '7 days')
    ORDER BY org_id, created_at DESC, subscription_id DESC
) newest
WHERE NOT EXISTS (
    SELECT FROM billing.plan_grants g
    WHERE g.org_id = newest.org_id
        AND g.granted_at >= (
            SELECT max(s.applied_at) FROM billing.decided_subscriptions s WHERE s.org_id = g.org_id));
GRANT SELECT ON billing.organization_plan TO ebon_org;
