from __future__ import annotations

import numpy as np
import pytest
import torch

from podoba.learn.feedback.head import NearIdentity


def test_a_head_that_has_not_learned_changes_nothing(sample: np.ndarray) -> None:
    rows = torch.from_numpy(sample)
    torch.testing.assert_close(NearIdentity(6)(rows), rows)
    np.testing.assert_allclose(NearIdentity(6).mapped(sample), sample, atol=1e-6)
    assert NearIdentity(6).distance().item() == 0


def test_descriptors_are_mapped_row_by_row(sample: np.ndarray) -> None:
    head = NearIdentity(6)
    with torch.no_grad():
        head.change[0, 1], head.shift[2] = 0.5, 0.25
    expected = sample.copy()
    for row in expected:
        row[0] += 0.5 * row[1]
        row[2] += 0.25
        row /= np.linalg.norm(row)
    np.testing.assert_allclose(head.mapped(sample), expected, atol=1e-6)
    assert head.distance().item() == pytest.approx(0.5**2 + 0.25**2)
