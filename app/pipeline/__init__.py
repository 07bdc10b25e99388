"""The product, left to right: detections become alerts, notifications, deliveries."""
