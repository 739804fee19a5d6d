"""Limits that are usual."""

from podoba.serve.gate.settings import GateSettings


def test_slow_clients_have_ten_seconds() -> None:
    usual = GateSettings()
    assert max(usual.header_seconds, usual.body_seconds) <= 10


def test_a_picture_has_time_on_a_slow_line_and_a_body_that_drips_has_not() -> None:
    usual = GateSettings()
    photograph, line = 4 << 20, 32 << 10  # bytes, bytes a second
    assert photograph / line < usual.body_seconds + photograph / usual.body_rate
    dripped = 10 * usual.body_seconds  # ten bytes a second
    assert usual.body_seconds + dripped / usual.body_rate < usual.body_seconds + 0.1
