"""The floor every layer stands on: settings, clock, connections, errors."""
