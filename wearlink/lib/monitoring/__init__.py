"""What an operator sees: logs, error reports, gauges, counters of requests."""
