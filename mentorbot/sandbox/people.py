"""A person's hands and eyes in the workspace: the page and the tests act only through it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from mentorbot.sandbox import events, interactions
from mentorbot.sandbox.errors import ApiError, BadAnswer, NoAnswer, NotPossible
from mentorbot.sandbox.inputs import chosen, complaint, find_element, option, state_values
from mentorbot.sandbox.modals import close, put_on_stack, replace, with_state
from mentorbot.sandbox.postings import post_as_person
from mentorbot.sandbox.records import Conversation, Json, Posting, ShownView, User
from mentorbot.sandbox.reply_urls import answer_command

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
            for conversation in self._state.conversations.values():
                if conversation.is_general:
                    conversation.members.append(user.id)
            self._sandbox.emit(events.team_join(self._state, user.id))

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
    ) -> None:
        with self._state.change():
            user = self._present()
            user.name = name or user.name
            user.time_zone = time_zone or user.time_zone
            user.locale = locale or user.locale
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
            if not self._is_present():
                return []
            seen = [
                self._summary(it)
                for it in self._state.conversations.values()
                if it.kind == "channel" or self.slack_user_id in it.members
            ]
            order = ["channel", "im", "mpim"]
            return sorted(seen, key=lambda it: order.index(it["kind"]))

    def messages(self, conversation_id: str) -> list[Json]:
        """What this person may see there, oldest first; it counts as read from then on."""
        with self._state.lock:
            postings = self._state.visible_postings(conversation_id, self.slack_user_id)
            if postings:
                self._mark_read(conversation_id, postings[-1].ts)
            return [
                {
                    **copy.deepcopy(posting.body),
                    "channel": conversation_id,
                    "ephemeral": posting.only_for is not None,
                    "state": {
                        "values": state_values(posting.body.get("blocks", []), posting.state)
                    },
                }
                for posting in postings
            ]

    def unread(self) -> int:
        return sum(conversation["unread"] for conversation in self.conversations())

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
        """Use an interactive element of a message, of `"home"` or of `"modal"`."""
        with self._state.change():
            self._present()
            payload = self._click_payload(container, action_id, value, block_id)
        self._sandbox.interact("interactive", payload)

    def command(self, command: str, text: str = "", channel_id: str | None = None) -> list[Json]:
        """Use a slash command; the ephemeral answers that came until it was acknowledged."""
        with self._state.change():
            self._present()
            where = channel_id or self._state.direct_message(self.slack_user_id).id
            conversation = self._conversation(where)
            before = self._state.last_ts
            ticket = self._state.issue_reply_ticket(self.slack_user_id, where, None)
            payload = interactions.slash_command(
                self._state,
                self.slack_user_id,
                conversation,
                command,
                text,
                self._sandbox.response_url("commands", ticket),
            )
        answer = self._sandbox.interact("slash_commands", payload)
        if answer:
            with self._state.change():
                self._obeying(answer_command, self._state, conversation, self.slack_user_id, answer)
        return [
            message
            for message in self.messages(where)
            if message["ephemeral"] and int(message["ts"].replace(".", "")) > before
        ]

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
        payloads = []
        with self._state.change():
            shown = self._top()
            for name, value in values.items():
                block, element = _named(shown.view["blocks"], name)
                held = chosen(element, value)
                shown.state.setdefault(block["block_id"], {})[element["action_id"]] = held
                self._state.modal_errors.get(self.slack_user_id, {}).pop(block["block_id"], None)
                if block["type"] != "input" or block.get("dispatch_action"):
                    action = interactions.block_action(self._state, block, element, held)
                    payloads.append(
                        interactions.view_actions(self._state, self.slack_user_id, shown, action)
                    )
        for payload in payloads:
            self._sandbox.interact("interactive", payload)

    def submit(self) -> dict[str, str]:
        """Submit the topmost modal; the errors shown in it, none when it was accepted."""
        with self._state.change():
            shown = self._top()
            if shown.view["submit"] is None:
                raise NotPossible("this modal has nothing to submit")
            errors = _complaints(shown)
            self._state.modal_errors[self.slack_user_id] = errors
            payload = interactions.view_submission(self._state, shown)
        if errors:
            return dict(errors)
        answer = self._sandbox.interact("interactive", payload)
        with self._state.change():
            self._obeying(self._obey, shown, answer or {})
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

    def download(self, file_id: str) -> bytes:
        """A file shared in a conversation this person can see."""
        with self._state.lock:
            file = self._state.files.get(file_id)
            shared = file.conversations if file else []
            for conversation_id in shared:
                for posting in self._state.visible_postings(conversation_id, self.slack_user_id):
                    if any(it["id"] == file_id for it in posting.body.get("files", [])):
                        return self._state.files[file_id].content
        raise NotPossible(f"no file {file_id} is shared with you")

    @property
    def _user(self) -> User:
        return self._state.users[self.slack_user_id]

    def _is_present(self) -> bool:
        return self._user.joined and not self._user.deactivated

    def _present(self) -> User:
        if not self._is_present():
            raise NotPossible(f"{self._user.name} is not in the workspace")
        return self._user

    def _conversation(self, conversation_id: str) -> Conversation:
        found = self._state.conversations.get(conversation_id)
        hidden = found is not None and found.kind != "channel"
        if found is None or (hidden and self.slack_user_id not in found.members):
            raise NotPossible(f"you do not see a conversation {conversation_id}")
        return found

    def _channel(self, channel_id: str) -> Conversation:
        found = self._conversation(channel_id)
        if found.kind != "channel":
            raise NotPossible("only channels can be joined and left")
        return found

    def _tell_members(self, channel: Conversation, event: Any) -> None:
        if self._state.population.bot_user_id in channel.members:
            self._sandbox.emit(event(self._state, self.slack_user_id, channel.id))

    def _summary(self, conversation: Conversation) -> Json:
        me, read = self.slack_user_id, conversation.read_until.get(self.slack_user_id, "")
        visible = self._state.visible_postings(conversation.id, me)
        is_member = me in conversation.members
        unread = [p for p in visible if _later(p.ts, read) and p.body["user"] != me]
        others = [it for it in conversation.members if it != me]
        name = conversation.name
        if conversation.kind != "channel":
            name = ", ".join(self._state.users[it].name for it in others)
        return {
            "id": conversation.id,
            "kind": conversation.kind,
            "name": name,
            "topic": conversation.topic,
            "is_member": is_member,
            "members": list(conversation.members),
            "unread": len(unread) if is_member else 0,
            "last_ts": visible[-1].ts if visible else None,
        }

    def _mark_read(self, conversation_id: str, ts: str) -> None:
        conversation = self._state.conversations[conversation_id]
        if _later(ts, conversation.read_until.get(self.slack_user_id, "")):
            with self._state.change():
                conversation.read_until[self.slack_user_id] = ts

    def _top(self) -> ShownView:
        self._present()
        stack = self._state.stacks.get(self.slack_user_id)
        if not stack:
            raise NotPossible("no modal is open")
        return stack[-1]

    def _click_payload(
        self, container: Json | str, action_id: str, value: Any, block_id: str | None
    ) -> Json:
        kind = container if isinstance(container, str) else container.get("kind", "message")
        if kind == "message" and isinstance(container, dict):
            return self._message_click(container, action_id, value, block_id)
        shown = self._state.homes.get(self.slack_user_id) if kind == "home" else self._top()
        if shown is None:
            raise NotPossible("App Home is empty")
        action = self._act(shown.view["blocks"], shown.state, action_id, value, block_id)
        return interactions.view_actions(self._state, self.slack_user_id, shown, action)

    def _message_click(
        self, container: Json, action_id: str, value: Any, block_id: str | None
    ) -> Json:
        where = str(container.get("channel") or container.get("conversation"))
        conversation = self._conversation(where)
        posting = self._seen(where, str(container["ts"]))
        blocks = posting.body.get("blocks", [])
        action = self._act(blocks, posting.state, action_id, value, block_id)
        ticket = self._state.issue_reply_ticket(self.slack_user_id, where, posting.ts)
        url = self._sandbox.response_url("actions", ticket)
        return interactions.message_actions(
            self._state, self.slack_user_id, conversation, posting, action, url
        )

    def _seen(self, conversation_id: str, ts: str) -> Posting:
        for posting in self._state.visible_postings(conversation_id, self.slack_user_id):
            if posting.ts == ts:
                return posting
        raise NotPossible("this message is not there any more")

    def _act(
        self, blocks: list[Json], filled: Json, action_id: str, value: Any, block_id: str | None
    ) -> Json:
        block, element = find_element(blocks, action_id, block_id)
        held = None
        if element["type"] == "overflow":
            held = {"selected_option": option(element, value)}
        elif interactions.is_stateful(element):
            held = chosen(element, value)
            filled.setdefault(block["block_id"], {})[action_id] = held
        return interactions.block_action(self._state, block, element, held)

    def _obey(self, shown: ShownView, answer: Json) -> None:
        action = answer.get("response_action")
        if action is None:
            close(self._state, shown)
        elif action == "clear":
            for view in list(self._state.stacks.get(self.slack_user_id, [])):
                close(self._state, view)
        elif action == "update":
            replace(self._state, shown, answer.get("view") or {}, None)
        elif action == "push":
            put_on_stack(self._state, self.slack_user_id, answer.get("view") or {})
        elif action == "errors":
            self._state.modal_errors[self.slack_user_id] = _known_errors(shown, answer)
        else:
            raise ApiError("invalid_response_action", str(action))

    def _obeying(self, act: Any, *arguments: Any) -> None:
        try:
            act(*arguments)
        except ApiError as refusal:
            raise BadAnswer(refusal.error, refusal.messages) from refusal


def _named(blocks: list[Json], name: str) -> tuple[Json, Json]:
    for block in blocks:
        if block["type"] == "input" and name in (block["block_id"], block["label"]["text"]):
            return block, block["element"]
    for block in blocks:
        if block["block_id"] == name and "action_id" in block.get("accessory", {}):
            return block, block["accessory"]
        if block["block_id"] == name and block["type"] == "actions":
            return block, block["elements"][0]
    raise NotPossible(f"the modal has no input {name!r}")


def _complaints(shown: ShownView) -> dict[str, str]:
    values = state_values(shown.view["blocks"], shown.state)
    found = {}
    for block in shown.view["blocks"]:
        if block["type"] == "input" and block["block_id"] in values:
            held = values[block["block_id"]][block["element"]["action_id"]]
            said = complaint(block, held)
            if said is not None:
                found[block["block_id"]] = said
    return found


def _known_errors(shown: ShownView, answer: Json) -> dict[str, str]:
    errors = answer.get("errors") or {}
    inputs = {block["block_id"] for block in shown.view["blocks"] if block["type"] == "input"}
    unknown = sorted(set(errors) - inputs)
    if unknown or not errors:
        raise ApiError("invalid_errors", *[f"no input has the block_id {it!r}" for it in unknown])
    return {str(key): str(text) for key, text in errors.items()}


def _later(ts: str, than: str) -> bool:
    return not than or float(ts) > float(than)


__all__ = ["NoAnswer", "Person"]
