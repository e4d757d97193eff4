-- Only those who consume events have a cursor: nobody else, in the version before either, could do anything with the rows
-- but move another's.
REVOKE ALL ON bus.cursor, bus.parked FROM ebon_org, ebon_gateway, ebon_dispatch, ebon_billing;
