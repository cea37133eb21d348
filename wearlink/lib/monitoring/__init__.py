"""Monitoring for operators: logs, error reports, gauges, counters of requests."""
