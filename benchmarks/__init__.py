"""One command each: `python -m benchmarks.<name>`."""
