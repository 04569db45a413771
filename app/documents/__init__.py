"""What an applicant files: the form as data, identifiers, the type of a file by its content. Nothing here parses a document."""
