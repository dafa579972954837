-- What the chain's owner may not give: the right to end a connection.
CREATE ROLE app;
GRANT pg_signal_backend TO app;
