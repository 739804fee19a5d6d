"""Run folders as files: settings, history, results. No torch here."""
