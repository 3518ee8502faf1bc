"""Commands for those who maintain the template."""
