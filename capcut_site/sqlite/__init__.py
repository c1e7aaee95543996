"""Django's SQLite backend, in whose transactions the threads of a process take turns."""
