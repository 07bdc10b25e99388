"""Ways to write a catalogue page, and the check that they wrote the same."""
