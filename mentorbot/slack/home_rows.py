"""Rows of buttons in App Home: what people do with their partners, and what they find and read."""

from mentorbot.domain.model import Role
from mentorbot.slack import blocks, buttons, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.checklists import checklist_button
from mentorbot.slack.goals import goals_button
from mentorbot.slack.guides import guides_of
from mentorbot.slack.progress import log_button
from mentorbot.usecases.standing import Standing


def together_buttons(found: Standing, say_it: Say) -> list[blocks.Block]:
    """What is done in a pair that runs; a mentee's goals are theirs without one, too."""
    has_pair = any(it.pairing.is_active for it in found.partnerships)
    row = []
    if found.file.goals and (found.role is Role.MENTEE or has_pair):
        row.append(goals_button(say_it))
    if not has_pair:
        return row
    if found.file.agreement:
        row.append(blocks.button(say_it("agreement.title"), ids.SHOW_AGREEMENTS))
    if found.file.meetings:
        row.append(log_button(None, say_it))
    row.append(blocks.button(say_it("cadence.change"), ids.SET_CADENCE))
    if found.file.extension:
        row.append(buttons.extend_button(say_it))
    return [*row, blocks.button(say_it("ending.button"), ids.END_PAIR)]


def around_buttons(found: Standing, say_it: Say) -> list[blocks.Block]:
    """What the programme holds for somebody besides."""
    held, is_mentee = found.participant, found.role is Role.MENTEE
    row = []
    if found.has_asked or found.to_answer:
        style = "primary" if found.to_answer else None
        row.append(blocks.button(say_it("requests.title"), ids.SHOW_REQUESTS, style=style))
    if found.file.directory is not None and is_mentee:
        row.append(blocks.button(say_it("directory.button"), ids.FIND))
    if held is not None and guides_of(found.file, held):
        row.append(blocks.button(say_it("guides.read"), ids.SHOW_GUIDES))
    stage = held.stage if held is not None else None
    if is_mentee and any(it.is_for(stage) for it in found.file.checklists):
        row.append(checklist_button(say_it))
    if found.file.library is not None:
        row.append(blocks.button(say_it("resources.title"), ids.SHOW_RESOURCES))
    return [*row, blocks.button(say_it("anonymous.title"), ids.ASK_ANONYMOUSLY)]
