"""A person's hands and eyes in the workspace: the page and the tests act only through it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mentorbot.sandbox import clicks, events, forms, interactions, sight
from mentorbot.sandbox.appearance import file_object
from mentorbot.sandbox.errors import ApiError, BadAnswer, NotPossible
from mentorbot.sandbox.inputs import chosen, state_values
from mentorbot.sandbox.modals import close, with_state
from mentorbot.sandbox.postings import post_as_person
from mentorbot.sandbox.records import Conversation, Json, ShownView, StoredFile, User
from mentorbot.sandbox.reply_urls import answer_command
from mentorbot.sandbox.state import State

if TYPE_CHECKING:
    from mentorbot.sandbox.server import Sandbox


class Person:
    """One member of the workspace, who does what Slack's own client lets them do.

    Interactions wait for the app's answer and raise `NoAnswer` when it does not come;
    what Slack would not offer raises `NotPossible`.
    """

    def __init__(self, sandbox: Sandbox, slack_user_id: str) -> None:
        self.slack_user_id = slack_user_id
        self._sandbox = sandbox
        self._state = sandbox.state

    def join_workspace(self) -> None:
        """Join, and with it the general channel, as Slack arranges."""
        with self._state.change():
            user = self._user
            if user.joined:
                raise NotPossible(f"{user.name} is in the workspace already")
            user.joined, user.updated = True, self._state.epoch()
            self._sandbox.emit(events.team_join(self._state, user.id))
            for conversation in self._state.conversations.values():
                if conversation.is_general:
                    conversation.members.append(user.id)
                    self._tell_members(conversation, events.member_joined_channel)

    def deactivate(self) -> None:
        """Have the account deactivated by an administrator."""
        with self._state.change():
            user = self._present()
            user.deactivated, user.updated = True, self._state.epoch()
            self._state.stacks.pop(user.id, None)
            for conversation in self._state.conversations.values():
                if conversation.kind == "channel" and user.id in conversation.members:
                    conversation.members.remove(user.id)
            self._sandbox.emit(events.user_change(self._state, user.id))

    def change_profile(
        self,
        *,
        name: str | None = None,
        time_zone: str | None = None,
        locale: str | None = None,
        email: str | None = None,
    ) -> None:
        with self._state.change():
            user = self._present()
            user.name = name or user.name
            user.time_zone = time_zone or user.time_zone
            user.locale = locale or user.locale
            user.email = email or user.email
            user.updated = self._state.epoch()
            self._sandbox.emit(events.user_change(self._state, user.id))

    def join_channel(self, channel_id: str) -> None:
        with self._state.change():
            channel = self._channel(channel_id)
            if self._present().id not in channel.members:
                channel.members.append(self.slack_user_id)
                self._tell_members(channel, events.member_joined_channel)

    def leave_channel(self, channel_id: str) -> None:
        with self._state.change():
            channel = self._channel(channel_id)
            if self._present().id in channel.members:
                channel.members.remove(self.slack_user_id)
                self._tell_members(channel, events.member_left_channel)

    def invite(self, channel_id: str, mention: str) -> None:
        """Bring the bot into a channel, as `/invite @MentorBot` does; others join by themselves."""
        with self._state.change():
            channel, plan = self._channel(channel_id), self._state.population
            if self._present().id not in channel.members:
                raise NotPossible("you are not in this channel")
            if mention.strip().lower() != f"@{plan.bot_name}".lower():
                raise NotPossible(f"write /invite @{plan.bot_name}")
            if plan.bot_user_id not in channel.members:
                channel.members.append(plan.bot_user_id)
                joined = events.member_joined_channel(self._state, plan.bot_user_id, channel.id)
                self._sandbox.emit(joined)

    def say(self, channel_id: str, text: str) -> None:
        """Write a plain message."""
        with self._state.change():
            conversation = self._conversation(channel_id)
            if self.slack_user_id not in conversation.members:
                raise NotPossible("you are not in this channel")
            posting = post_as_person(self._state, conversation, self.slack_user_id, text)
            conversation.read_until[self.slack_user_id] = posting.ts

    def conversations(self) -> list[Json]:
        """The conversations this person can see, channels first."""
        with self._state.lock:
            return sight.conversations(self._state, self.slack_user_id)

    def messages(self, conversation_id: str) -> list[Json]:
        """What this person may see there, oldest first; it counts as read from then on."""
        with self._state.lock:
            return sight.messages(self._state, conversation_id, self.slack_user_id)

    def unread(self) -> int:
        """How many direct messages are unread; what is new in a channel counts for nobody."""
        return sum(it["unread"] for it in self.conversations() if it["kind"] != "channel")

    def bot_dm(self) -> str | None:
        """The id of the direct message with the bot, once it is open."""
        conversation_id = "D" + self.slack_user_id[1:]
        return conversation_id if conversation_id in self._state.conversations else None

    def open_home(self) -> Json | None:
        """Open App Home and wait for the event's answer; what is published then."""
        with self._state.change():
            self._present()
            event = events.app_home_opened(self._state, self.slack_user_id)
        self._sandbox.emit(event).wait(self._sandbox.deliveries.answer_timeout_seconds + 1)
        return self.home()

    def home(self) -> Json | None:
        with self._state.lock:
            home = self._state.homes.get(self.slack_user_id)
            return None if home is None else copy.deepcopy(with_state(home))

    def click(
        self,
        container: Json | str,
        action_id: str,
        *,
        value: Any = None,
        block_id: str | None = None,
    ) -> None:
        """Use an interactive element of a message, of `"home"` or of `"modal"`.

        `value` is the value of the option chosen, or a list of them, a date, a user id …
        """
        click = clicks.Click(self.slack_user_id, action_id, block_id, value)
        kind = container if isinstance(container, str) else container.get("kind", "message")
        with self._state.change():
            self._present()
            if kind == "message" and isinstance(container, dict):
                url = self._sandbox.response_url
                payload = clicks.on_message(self._state, click, container, url)
            else:
                home = self._state.homes.get(self.slack_user_id)
                payload = clicks.on_view(
                    self._state, click, home if kind == "home" else self._top()
                )
        self._sandbox.interact("interactive", payload)

    def command(self, command: str, text: str = "", channel_id: str | None = None) -> list[Json]:
        """Use a slash command; the ephemeral answers that came until it was acknowledged.

        Without a channel it is typed in the direct message with the bot.
        """
        with self._state.change():
            self._present()
            where = channel_id or self._state.direct_message(self.slack_user_id).id
            conversation = self._conversation(where)
            known = {posting.ts for posting in conversation.postings}
            ticket = self._state.issue_reply_ticket(self.slack_user_id, where, None)
            url = self._sandbox.response_url("commands", ticket)
            payload = interactions.slash_command(
                self._state, self.slack_user_id, conversation, command, text, url
            )
        answer = self._sandbox.interact("slash_commands", payload)
        if answer:
            me = self.slack_user_id
            self._obeying(lambda state: answer_command(state, conversation, me, answer))
        shown = self.messages(where)
        return [it for it in shown if it["ephemeral"] and it["ts"] not in known]

    def use_shortcut(self, message: Json, callback_id: str) -> None:
        """Choose a shortcut of the app's from the menu of a message that one can see."""
        with self._state.change():
            self._present()
            conversation = self._conversation(message["channel"])
            posting = sight.posting(self._state, conversation.id, message["ts"], self.slack_user_id)
            me, where = self.slack_user_id, conversation.id
            ticket = self._state.issue_reply_ticket(me, where, posting.ts)
            payload = interactions.message_shortcut(
                self._state,
                me,
                conversation,
                posting,
                callback_id,
                self._sandbox.response_url("actions", ticket),
            )
        self._sandbox.interact("interactive", payload)

    @property
    def modal(self) -> Json | None:
        """The topmost open modal, with `state.values` as filled in so far."""
        with self._state.lock:
            stack = self._state.stacks.get(self.slack_user_id)
            return copy.deepcopy(with_state(stack[-1])) if stack else None

    @property
    def modal_depth(self) -> int:
        return len(self._state.stacks.get(self.slack_user_id, []))

    @property
    def modal_errors(self) -> dict[str, str]:
        return dict(self._state.modal_errors.get(self.slack_user_id, {}))

    def fill(self, **values: Any) -> None:
        """Fill in the topmost modal, by block id."""
        self.fill_in(values)

    def fill_in(self, values: Json) -> None:
        """Fill in the topmost modal, by block id or label."""
        with self._state.change():
            shown = self._top()
            changed = [self._put(shown, name, value) for name, value in values.items()]
        for payload in changed:
            if payload is not None:
                self._sandbox.interact("interactive", payload)

    def submit(self) -> dict[str, str]:
        """Submit the topmost modal; the errors shown in it, none when it was accepted."""
        with self._state.change():
            shown = self._top()
            if shown.view["submit"] is None:
                raise NotPossible("this modal has nothing to submit")
            errors = forms.complaints(shown)
            self._state.modal_errors[self.slack_user_id] = errors
            if errors:
                return dict(errors)
            payload = interactions.view_submission(self._state, shown)
        answer = self._sandbox.interact("interactive", payload) or {}
        self._obeying(lambda state: forms.obey(state, shown, answer))
        return self.modal_errors

    def close_modal(self, *, all: bool = False) -> None:
        """Close the topmost modal, or the whole stack."""
        with self._state.change():
            top = self._top()
            clears = all or top.view["clear_on_close"]
            stack = self._state.stacks[self.slack_user_id]
            closing = list(reversed(stack)) if clears else [top]
            payloads = [
                interactions.view_closed(self._state, shown, is_cleared=clears)
                for shown in closing
                if shown.view["notify_on_close"]
            ]
            for shown in closing:
                close(self._state, shown)
        for payload in payloads:
            self._sandbox.notify(payload)

    def upload(self, name: str, content: bytes) -> str:
        """Choose a file for a modal's file input; its id is what the input is filled in with."""
        with self._state.change():
            file = StoredFile(
                self._state.next_id("F"),
                name,
                size=len(content),
                created=self._state.epoch(),
                uploaded=True,
                completed=True,
                content=content,
                uploaded_by=self._present().id,
            )
            self._state.files[file.id] = file
        return file.id

    def download(self, file_id: str) -> bytes:
        """A file shared in a conversation this person can see."""
        with self._state.lock:
            return sight.file_content(self._state, file_id, self.slack_user_id)

    @property
    def _user(self) -> User:
        return self._state.users[self.slack_user_id]

    def _present(self) -> User:
        if not sight.is_present(self._user):
            raise NotPossible(f"{self._user.name} is not in the workspace")
        return self._user

    def _conversation(self, conversation_id: str) -> Conversation:
        return sight.conversation(self._state, conversation_id, self.slack_user_id)

    def _channel(self, channel_id: str) -> Conversation:
        found = self._conversation(channel_id)
        if found.kind != "channel":
            raise NotPossible("only channels can be joined and left")
        return found

    def _tell_members(
        self, channel: Conversation, event: Callable[[State, str, str], Json]
    ) -> None:
        if self._state.population.bot_user_id in channel.members:
            self._sandbox.emit(event(self._state, self.slack_user_id, channel.id))

    def _top(self) -> ShownView:
        self._present()
        stack = self._state.stacks.get(self.slack_user_id)
        if not stack:
            raise NotPossible("no modal is open")
        return stack[-1]

    def _put(self, shown: ShownView, name: str, value: Any) -> Json | None:
        block, element = forms.named_input(shown.view["blocks"], name)
        block_id, action_id = block["block_id"], element["action_id"]
        before = state_values(shown.view["blocks"], shown.state)[block_id][action_id]
        if element["type"] == "file_input":
            value = [self._chosen_file(file_id) for file_id in value or ()]
        held = chosen(element, value)
        shown.state.setdefault(block_id, {})[action_id] = held
        self._state.modal_errors.get(self.slack_user_id, {}).pop(block_id, None)
        if held == before or (block["type"] == "input" and not block.get("dispatch_action")):
            return None
        action = interactions.block_action(self._state, block, element, held)
        return interactions.view_actions(self._state, self.slack_user_id, shown, action)

    def _chosen_file(self, file_id: str) -> Json:
        file = self._state.files.get(file_id)
        if file is None or file.uploaded_by != self.slack_user_id:
            raise NotPossible("no such file of yours was uploaded")
        return file_object(self._state, file, self._sandbox.url)

    def _obeying(self, act: Callable[[State], object]) -> None:
        try:
            with self._state.change():
                act(self._state)
        except ApiError as refusal:
            raise BadAnswer(refusal.error, refusal.messages) from refusal
