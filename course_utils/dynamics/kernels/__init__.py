"""The compiled loops: what takes the time, and nothing else. Their callers check and explain."""
