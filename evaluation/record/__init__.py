"""`alpha record`: everything an exchange sends in a while, written down as it came."""
