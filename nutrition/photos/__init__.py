"""Photos of meals: quota, recognition, judgement, and how long photos are kept."""
