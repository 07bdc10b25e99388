"""What runs on a schedule and keeps the database true."""
