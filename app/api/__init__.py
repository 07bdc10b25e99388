"""What the app and the world may ask over HTTP."""
