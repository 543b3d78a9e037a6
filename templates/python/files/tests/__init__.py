"""None of these tests needs a container or a network."""
