"""What months ask of people: no more than they offer, and little of who came at their end."""

from datetime import date

from mentorbot.domain.months import Month, months_of

NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)
END = date(2027, 1, 31)


def test_month_is_missed_in_which_too_little_was_kept() -> None:
    found = months_of(1, [], NOVEMBER, END, date(2026, 12, 5))
    assert found == [Month(NOVEMBER, 0, 1, True), Month(DECEMBER, 0, 1, False)]


def test_month_in_which_nothing_was_offered_is_not_missed() -> None:
    found = months_of(1, [], NOVEMBER, END, date(2027, 1, 5), [date(2026, 11, 12)])
    assert found == [Month(NOVEMBER, 0, 1, True)]


def test_month_asks_for_no_more_than_it_offers() -> None:
    offered = [date(2026, 12, 3), date(2026, 12, 10)]
    assert months_of(4, offered, DECEMBER, END, END, offered) == [Month(DECEMBER, 2, 2, True)]


def test_who_joins_at_the_end_of_a_month_has_not_missed_it_and_may_keep_it() -> None:
    late, today = date(2026, 11, 30), date(2026, 12, 5)
    assert months_of(1, [], late, END, late) == [Month(NOVEMBER, 0, 1, False)]
    assert months_of(1, [], late, END, today) == [Month(DECEMBER, 0, 1, False)]
    assert months_of(1, [late], late, END, today)[0] == Month(NOVEMBER, 1, 1, True)


def test_last_days_of_a_programme_are_no_month_that_is_missed() -> None:
    assert months_of(1, [], DECEMBER, JANUARY, date(2027, 2, 3)) == [Month(DECEMBER, 0, 1, True)]
