"""What vendors edit and delete by id or by time."""
