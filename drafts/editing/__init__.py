"""Operations on documents: what an editing call asks for, and the pure functions that do it."""
