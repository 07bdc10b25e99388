"""Google's token endpoint and Firebase Cloud Messaging (HTTP v1), as they are on the wire."""
