"""What every Freehold service needs and nothing of the business."""
