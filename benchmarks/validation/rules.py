"""The rules that all are measured on."""

NUMBERS = [f"n{i}" for i in range(20)]
INTEGERS = [f"i{i}" for i in range(6)]
TEXTS = [f"s{i}" for i in range(3)]
VALUES = ["a", "b", "c"]
KEY = "id"
LOW, HIGH, MOST = 0.0, 1.0, 100
