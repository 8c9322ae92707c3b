"""What outlives a process: people in Redis (sealed, with an end), tenants and their PBXs in SQL."""
