from __future__ import annotations

import torch

from podoba.learn.augmentation.draw import Part, rand, randint


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def test_a_part_gets_the_numbers_of_its_rows_and_what_follows_is_the_same_for_all() -> None:
    rows = torch.tensor([4, 0, 4])
    whole, part = seeded(), Part(seeded(), 5, rows)
    for _ in range(2):
        assert torch.equal(rand(3, part), rand(5, whole)[rows])
        assert torch.equal(rand((2, 3), part), rand((2, 5), whole)[:, rows])
        assert torch.equal(randint(9, 3, part), randint(9, 5, whole)[rows])
        assert torch.equal(randint(9, (2, 3), part), randint(9, (2, 5), whole)[:, rows])
