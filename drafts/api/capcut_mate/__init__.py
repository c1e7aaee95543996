"""The capcut-mate surface: existing clients work unchanged (contract 1, 2, 3, 7)."""
