"""Files that come in, taken in slice by slice: each a short transaction, memory always the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import ImportRefused
from mentorbot.domain.imports import Columns, Rejected
from mentorbot.domain.model import Role
from mentorbot.domain.programme import parse_stored
from mentorbot.domain.table_files import Row, Table, open_table
from mentorbot.usecases import importing, listing
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.importing import Import, Report
from mentorbot.usecases.listing import Listed

BOTH = (Role.MENTOR, Role.MENTEE)


@dataclass(frozen=True)
class Order:
    """What to import: into which programme, for which role or for the one that a column names.

    `meanings` says by name what columns mean. A trial changes nothing.
    """

    workspace_id: str
    programme_id: str
    roles: Sequence[Role]
    actor: str
    meanings: Mapping[str, str] = field(default_factory=dict)
    is_trial: bool = False


@dataclass(frozen=True)
class Watch:
    """Who is told what: the columns at the beginning, each slice's rejected rows and bytes read."""

    begun: Callable[[Table, Columns], None]
    went_on: Callable[[Sequence[Rejected], int], None]


def import_applications(bot: MentorBot, order: Order, stream: BinaryIO, watch: Watch) -> Report:
    """Take a form's export in; raises ImportRefused, NotSetUp, NotTakingApplications.

    What was taken in before something failed stays, and is found there the next time.
    """
    table = open_table(stream)
    with bot.store.read(order.workspace_id) as tx:
        programme = programme_or_refuse(tx, order.programme_id)
        under_way = importing.begin(tx, programme, table, order.roles, order.meanings)
    watch.begun(table, under_way.columns)
    _remember(bot, order, under_way)
    rows = table.rows()
    while some := list(islice(rows, importing.AT_ONCE)):
        watch.went_on(_take_in(bot, order, under_way, some), stream.tell())
    if under_way.report.rows == 0:
        raise ImportRefused("imports.empty")
    _finish(bot, order, under_way)
    return under_way.report


def _remember(bot: MentorBot, order: Order, under_way: Import) -> None:
    if not order.is_trial:
        with bot.store.begin(order.workspace_id) as tx:
            importing.remember(tx, under_way)


def _take_in(
    bot: MentorBot, order: Order, under_way: Import, some: Sequence[Row]
) -> list[Rejected]:
    now, coming = bot.clock(), under_way.read(some)
    if order.is_trial:
        with bot.store.read(order.workspace_id) as tx:
            return under_way.take_in(tx, coming, now, is_trial=True)
    with bot.store.begin(order.workspace_id) as tx:
        return under_way.take_in(tx, coming, now)


def _finish(bot: MentorBot, order: Order, under_way: Import) -> None:
    """Places are given when everybody is in, in the order in which they applied."""
    may_have_more = not order.is_trial
    while may_have_more:
        with bot.store.begin(order.workspace_id) as tx:
            may_have_more = under_way.place(tx, bot.clock())
    if not order.is_trial:
        with bot.store.begin(order.workspace_id) as tx:
            under_way.finish(tx, order.actor, bot.clock())


def import_list(
    bot: MentorBot,
    workspace_id: str,
    programme_id: str,
    list_id: str,
    stream: BinaryIO,
    actor: str,
    *,
    replaces: bool,
) -> Listed:
    """Read a list's file in, in one transaction; raises ImportRefused, NotSetUp."""
    table = open_table(stream)
    with bot.store.begin(workspace_id) as tx:
        file = parse_stored(programme_or_refuse(tx, programme_id).definition)
        return listing.read_in(tx, file, list_id, table, actor, bot.clock(), replaces=replaces)


def count_lists(
    bot: MentorBot, workspace_id: str, programme_id: str
) -> Sequence[tuple[str, str, int]]:
    """A programme's lists: id, what each is, and how many addresses are on it."""
    with bot.store.read(workspace_id) as tx:
        file = parse_stored(programme_or_refuse(tx, programme_id).definition)
        return listing.counts(tx, file)
