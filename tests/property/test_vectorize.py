"""The CPU's pipeline keeps the meaning of random programs: block level against thread level, both interpreted."""

from __future__ import annotations

from property.run import against_vectorize, check, seeds


def test_random_programs_mean_the_same_when_vectorized() -> None:
    for seed, size in seeds(20000, 60):
        assert not check(seed, size, against_vectorize)


def test_threads_keep_their_places_in_a_block_that_ends_early() -> None:
    """What is kept across barriers has room for all of a block's threads, also where few of them exist."""
    assert not check(5055, 9, against_vectorize)
