"""Reading an Apple Health export: the archive, its XML, and what is in it as records. See README.md."""
