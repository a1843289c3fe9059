"""Help for tests, benchmarks and the full stack of a developer: real servers, started privately."""
