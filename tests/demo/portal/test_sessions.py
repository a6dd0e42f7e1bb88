from demo.portal.sessions import Sessions


def test_a_token_opens_one_session_once() -> None:
    sessions = Sessions()
    token = sessions.issue_token()
    opened = sessions.redeem(token)

    assert sessions.admits_tms(opened)
    assert sessions.redeem(token) is None


def test_an_unknown_token_or_session_opens_nothing() -> None:
    sessions = Sessions()

    assert sessions.redeem("made up") is None
    assert not sessions.admits_tms("made up")
    assert not sessions.admits_tms(None)


def test_a_session_of_one_host_is_not_one_of_the_other() -> None:
    sessions = Sessions()
    assert not sessions.admits_tms(sessions.log_in())


def test_all_tms_sessions_end_once_after_the_requests_that_were_left() -> None:
    sessions = Sessions(tms_requests_left=2)
    first, second = sessions.open_tms(), sessions.open_tms()
    admitted = [sessions.admits_tms(session) for session in (first, second, first, second)]
    renewed = sessions.open_tms()

    assert admitted == [True, True, False, False]
    assert [sessions.admits_tms(renewed) for _ in range(9)] == [True] * 9


def test_strangers_do_not_use_up_the_requests_that_are_left() -> None:
    sessions = Sessions(tms_requests_left=1)
    known = sessions.open_tms()

    assert not sessions.admits_tms("stranger")
    assert sessions.admits_tms(known)
