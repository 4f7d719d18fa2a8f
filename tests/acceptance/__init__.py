"""The product held against computations and servers that are not its own."""
