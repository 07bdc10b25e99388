"""The world: pure, seeded, without I/O; everything in it is a function of (seed, size, time)."""
