from __future__ import annotations

import pytest

from podoba.errors import SettingsError
from podoba.report.study.find.claims import Claim, named_claims
from podoba.report.study.read.quantities import QUANTITIES

KNOWN = {name: Claim(name, ((QUANTITIES["within"], "less"),)) for name in ("closer", "apart")}


def test_claims_are_those_named_in_that_order_or_all() -> None:
    assert named_claims(["apart"], KNOWN) == [KNOWN["apart"]]
    assert named_claims([], KNOWN) == [KNOWN["closer"], KNOWN["apart"]]


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"none called 'clsr', did you mean closer\? The claims are: closer, apart"):
        named_claims(["clsr"], KNOWN)
