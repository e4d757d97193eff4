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

-- Whose Stripe customer this is: the newest event that named an organization counts.
CREATE TABLE billing.customers (
    customer_id text PRIMARY KEY,
    org_id      text NOT NULL,
    bound_at    timestamptz(3) NOT NULL,
    event_id    text NOT NULL
);
CREATE INDEX customers_org_id ON billing.customers (org_id);

-- Status and plan are two registers, each with the event that wrote it: events come in any order, and an event
-- whose price is unknown says something about the status and nothing about the plan. org_id is null unless the
-- subscription itself names its organization.
CREATE TABLE billing.subscriptions (
    subscription_id      text PRIMARY KEY,
    org_id               text,
    customer_id          text NOT NULL,
    created_at           timestamptz(3) NOT NULL,
    status               text NOT NULL,
    status_at            timestamptz(3) NOT NULL,
    status_event_type    text NOT NULL,
    status_event_id      text NOT NULL,
    current_period_end   timestamptz(3),
    cancel_at_period_end boolean NOT NULL DEFAULT false,
    plan                 text CHECK (plan IN ('free', 'pro', 'enterprise')),
    plan_at              timestamptz(3),
    plan_event_type      text,
    plan_event_id        text,
    applied_at           timestamptz(3) NOT NULL DEFAULT now()
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

-- The plan that counts now. An organization without a row is on the free plan.
CREATE VIEW billing.organization_plan AS
WITH owned AS NOT MATERIALIZED (
    SELECT owner.org_id, s.plan, s.created_at, s.subscription_id, s.applied_at,
        s.status IN ('active', 'trialing')
        OR (s.status = 'past_due' AND s.status_at > now() - interval '7 days') AS living
    FROM (
        SELECT org_id, subscription_id
        FROM billing.subscriptions
        WHERE org_id IS NOT NULL
        UNION ALL
        SELECT c.org_id, s.subscription_id
        FROM billing.customers c
        JOIN billing.subscriptions s USING (customer_id)
        WHERE s.org_id IS NULL
    ) owner
    JOIN billing.subscriptions s USING (subscription_id)
    WHERE s.plan IS NOT NULL
), subscribed AS (
    SELECT DISTINCT ON (org_id) org_id, plan
    FROM owned
    WHERE living
    ORDER BY org_id, created_at DESC, subscription_id DESC
)
SELECT g.org_id, g.plan
FROM billing.plan_grants g
WHERE NOT EXISTS (SELECT FROM owned o WHERE o.org_id = g.org_id AND o.applied_at > g.granted_at)
UNION ALL
SELECT s.org_id, s.plan
FROM subscribed s
WHERE NOT EXISTS (
    SELECT FROM billing.plan_grants g
    WHERE g.org_id = s.org_id
        AND NOT EXISTS (SELECT FROM owned o WHERE o.org_id = g.org_id AND o.applied_at > g.granted_at));
GRANT SELECT ON billing.organization_plan TO ebon_org;
