"""Telemetry of the libraries that podoba may load, switched off before they are: nothing is looked up, nothing is sent.

What each one reads is its own documentation's; a variable that the person has set stays as it is.
"""

import os

OFF = {
    "ORT_DISABLE_TELEMETRY": "1",  # ONNX Runtime from 1.29 on: a device id below the home folder, and a look-up at every run
    "HF_HUB_DISABLE_TELEMETRY": "1",  # Hugging Face, by which timm fetches weights
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_USAGE_STATS_REPORT_URL": "http://127.0.0.1:9",  # it reports that nothing is reported: to a port where nobody listens
    "DO_NOT_TRACK": "1",  # what else keeps to https://consoledonottrack.com, such as a library of a plugin
}


def switch_off() -> None:
    """Set the variables that are not set; processes that are started afterwards have them too."""
    for name, value in OFF.items():
        os.environ.setdefault(name, value)
