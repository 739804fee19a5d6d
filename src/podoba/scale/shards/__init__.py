"""Sources as shards: what one worker reads and encodes at a time, also from object stores."""
