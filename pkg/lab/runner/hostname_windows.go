package runner

// installHostname does nothing: here a shell script cannot replace a command. Scripts only have HOSTNAME in their environment.
func installHostname(string) error { return nil }
