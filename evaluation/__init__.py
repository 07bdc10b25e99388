"""World and system together: recordings, and what the real pipeline makes of them."""
