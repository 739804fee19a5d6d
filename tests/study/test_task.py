from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from podoba.runs.settings_file import check_settings
from podoba.study.task import Point, Task
task = Task("key", Point("triplet", {"loss": "triplet"}, {"loss.name": "triplet"}), 1, check_settings({"train": "photos"}))
print(task.settings.train, sorted({"torch", "podoba.learn", "podoba.images.sources.open"} & set(sys.modules)))
"""


def test_a_task_is_known_without_what_trains_it_and_without_its_images() -> None:
    assert subprocess.check_output([sys.executable, "-c", CODE], text=True).strip() == "photos []"
