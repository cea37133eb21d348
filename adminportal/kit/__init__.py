"""The kit of the portals' pages: numbers as words, tables as data, charts as drawings made on the server."""
