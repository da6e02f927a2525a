"""Who asks, how that is proved, and what he may see and do."""
