"""What several resources need and none owns."""
