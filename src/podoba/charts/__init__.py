"""Charts of the pages that podoba writes and serves: lines, confusion matrices, intervals, tables."""
