"""A small seeded world and every vendor's wire format in front of it; never imports `app`."""
