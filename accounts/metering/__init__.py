"""Around the counters of accounts.usage: where calls come from, the nightly tidying, room in the plan."""
