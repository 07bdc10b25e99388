"""Alpha's backend: markets, facts, decisions and pushes."""
