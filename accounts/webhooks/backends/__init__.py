"""Who carries messages: our own dispatcher, or Svix."""
