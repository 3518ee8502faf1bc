# Stands before the library's own __init__, which names all of its 250 modules to a type checker:
# mypy read 2600 files that no program here imports, and took three times as long. The modules
# themselves come from the library.
