"""What stands before our views: WSGI wrappers, middleware, and pages for browsers."""
