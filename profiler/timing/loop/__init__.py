"""The measuring loop: jobs, the processes that do them, the protocol, and its statistics."""
