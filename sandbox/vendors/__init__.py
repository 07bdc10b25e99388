"""The vendors' wire formats: one package per vendor, each in front of the same world."""
