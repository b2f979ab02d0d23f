"""The studies of docs/studies: what is run, and how their pages say what came out."""
