"""Web servers under load: ours, the ORM route, the hello route, and who asks them."""
