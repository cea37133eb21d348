"""A toolbox for every app, which knows no app."""
