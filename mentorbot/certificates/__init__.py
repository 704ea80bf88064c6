"""The page a mentor receives, as a PDF."""
