"""The types of events and how they look: those that are not about health data, filters, schemas, examples."""
