"""What the warehouse hands out after a finished night: a Parquet snapshot, and the export for readers made from it."""
