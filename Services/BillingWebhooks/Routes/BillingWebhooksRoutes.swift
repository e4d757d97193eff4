/// The endpoints that BillingWebhooks owns.
package enum BillingWebhooksRoutes {}
