"""Results as text for people: tables, and counterexamples told step by step."""
