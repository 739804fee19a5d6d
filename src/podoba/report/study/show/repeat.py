"""How to repeat a study: plan, versions, machine, seeds, commands."""

import json
from typing import Any

from podoba.report.study.read.cells import finished
from podoba.report.study.read.measured import Measured
from podoba.study.folder import StudyFolder


def repetition(measured: Measured) -> dict[str, Any]:
    """The plan as it was run, the commands, and where each cell was run; a fact that differs between cells is listed each way."""
    study = measured.study
    plan = StudyFolder(study.folder).plan
    environments = [cell.environment for cell in finished(study)]
    packages = sorted({name for one in environments for name in one.get("packages", {})})
    return {
        "plan": plan.read_text(encoding="utf-8") if plan.exists() else "",
        "commands": ["podoba study plan.yaml --out STUDY", "podoba report STUDY"],
        "seeds": sorted({cell.seed for variant in study.variants for cell in variant.cells}),
        "machine": {
            key: _each([one.get(key) for one in environments])
            for key in ("python", "platform", "processor", "cores", "threads", "device")
        },
        "packages": {name: _each([one.get("packages", {}).get(name) for one in environments]) for name in packages},
    }


def _each(values: list[Any]) -> str:
    distinct = list(dict.fromkeys(v if isinstance(v, str) else json.dumps(v) for v in values if v is not None))
    return " | ".join(distinct) or "–"
