"""Everything in front of our views: WSGI wrappers, middleware, and pages for browsers."""
