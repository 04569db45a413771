"""Public institutions: the catalogue of designated products, pilot requests, acceptance and reports."""
