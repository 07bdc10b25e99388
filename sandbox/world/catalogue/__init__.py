"""What exists in the world: leagues, cities, topics as data, and the slots that list events."""
