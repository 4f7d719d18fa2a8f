"""Each well-known service, against answers written from its public documentation."""
