"""The token and the sessions."""

from podoba.serve.gate.sessions import Sessions, new_token


def test_a_token_is_new_and_long() -> None:
    assert len({new_token() for _ in range(100)}) == 100
    assert len(new_token()) >= 43  # 256 bits in base64


def test_only_the_token_is_the_token() -> None:
    sessions = Sessions("right")
    assert sessions.is_token("right")
    assert not any(map(sessions.is_token, ("", "wrong", "right ", "Right", "righ\ud800", "правильно")))


def test_a_session_is_begun_with_the_token_and_ends() -> None:
    sessions = Sessions("right")
    first, second = sessions.begin("right"), sessions.begin("right")
    assert first is not None
    assert second is not None
    assert first != second
    assert sessions.begin("wrong") is None
    assert sessions.knows(first)
    assert not sessions.knows("right")
    sessions.end(first)
    sessions.end("unknown")
    assert (sessions.knows(first), sessions.knows(second)) == (False, True)


def test_a_session_ends_with_its_server() -> None:
    session = Sessions("right").begin("right")
    assert session is not None
    assert not Sessions("right").knows(session)


def test_a_code_begins_one_session() -> None:
    sessions = Sessions("right")
    code = sessions.code()
    assert not sessions.is_token(code)
    session = sessions.begin(code)
    assert session is not None
    assert sessions.knows(session)
    assert sessions.begin(code) is None


def test_the_first_session_makes_room() -> None:
    sessions = Sessions("right", most=3)
    begun = [sessions.begin("right") or "" for _ in range(5)]
    assert [sessions.knows(session) for session in begun] == [False, False, True, True, True]
