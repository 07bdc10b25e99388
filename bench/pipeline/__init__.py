"""From an alert to pushes: who is concerned, what they are told, how fast it leaves."""
