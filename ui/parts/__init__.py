"""The pieces of the page, each a pure function from a record to escaped HTML, named by what it shows."""
