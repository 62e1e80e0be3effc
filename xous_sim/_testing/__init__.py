"""What the pytest plugin does with a marked test; only its hooks import this."""
