"""How long it takes to hold data against a contract, beside other libraries."""
