"""An open survey in words, with the button that opens it."""

from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.usecases.surveys import ToAnswer
from mentorbot.wording import moment


def answer_button(survey_id: str, say_it: Say) -> blocks.Block:
    """The button that opens a survey."""
    return blocks.button(
        say_it("surveys.answer"), ids.ANSWER_SURVEY, value=survey_id, style="primary"
    )


def survey_lines(found: ToAnswer, zone: str, say_it: Say, locale: str) -> list[blocks.Block]:
    """An open survey in App Home or in a list, with its button."""
    until = moment(found.open.closes_at, zone, locale)
    has_answered = found.answers is not None
    key = "surveys.answered" if has_answered else "surveys.waits"
    values = {"title": found.survey.title, "until": until}
    shown = [blocks.section(say_it(key, count=found.survey.minutes, **values))]
    if has_answered and found.survey.anonymous:
        return shown
    return [*shown, blocks.actions(answer_button(found.open.survey_id, say_it))]
