"""Paths of live prices: frames of an exchange's socket, until Redis and the database have them."""
