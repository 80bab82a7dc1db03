package dbtest

// Private is the server that this test binary started.
func Private() *Postgres { return server.private }
