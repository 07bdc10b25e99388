"""Shapes of rows (db) and of what vendors send (one file a vendor)."""
