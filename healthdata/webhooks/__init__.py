"""What healthdata tells customers by webhook."""
