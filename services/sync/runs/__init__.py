"""Every long job as a row people can watch, and the parts it waits for."""
