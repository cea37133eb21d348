"""Work behind requests: tasks, schedules, turns, threads and child processes."""
