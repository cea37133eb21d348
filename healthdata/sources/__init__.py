"""Sources as somebody arranged them: their order, settings, and which recordings of several are one."""
