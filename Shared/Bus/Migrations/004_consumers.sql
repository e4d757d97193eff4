-- Nobody but those who consume events could do anything with a cursor but move another's.
-- contract: no other role has ever used them
REVOKE ALL ON bus.cursor, bus.parked FROM ebon_org, ebon_gateway, ebon_dispatch, ebon_billing;
