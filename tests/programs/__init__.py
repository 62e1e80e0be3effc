"""Random programs, run two ways: as real bodies of the package, and by a plain search that shares no code with it."""
