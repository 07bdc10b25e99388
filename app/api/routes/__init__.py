"""Routes, one file per area: parse, ask, answer."""
