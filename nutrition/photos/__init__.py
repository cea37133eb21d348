"""From a photo that comes in to dishes: quota, recognition, judgement, and how long photos are kept."""
