"""What the faulty Slack has taken: the only witness of what was lost and what was repeated."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

Answer = dict[str, Any]
PAGE = 50


@dataclass(frozen=True)
class Posting:
    """A message that Slack took: who reads it, its words, and the key that its sender gave it.

    One that `stands` no more was deleted by its sender.
    """

    workspace_id: str
    readers: str
    text: str
    key: str
    ts: str
    file_id: str = ""
    stands: bool = True


def key_in(given: Answer) -> str:
    """The key that a message carries in its metadata."""
    metadata = given.get("metadata") or {}
    if isinstance(metadata, str):
        metadata = json.loads(metadata)
    key: str = metadata.get("event_payload", {}).get("key", "")
    return key


class Record:
    """Conversations, messages and files, by the methods that a sender needs.

    Readers of a conversation are the people it was opened with, joined by commas, or its own id.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self._last_ts = 0.0
        self._readers: dict[tuple[str, str], str] = {}
        self._standing: dict[tuple[str, str], list[int]] = {}
        self._names: dict[str, str] = {}
        self._shared: dict[str, str] = {}
        self.deleted = 0
        self.postings: list[Posting] = []

    def answer(self, workspace_id: str, method: str, given: Answer) -> Answer:
        """What Slack answers when it does what is asked."""
        act = getattr(self, f"_{method.replace('.', '_').lower()}", None)
        if act is None:
            return {"ok": False, "error": "unknown_method"}
        answered: Answer = act(workspace_id, given)
        return {"ok": True, **answered} if "error" not in answered else {"ok": False, **answered}

    def written(self) -> list[Answer]:
        """Every message that was taken, in order."""
        return [asdict(posting) for posting in self.postings]

    def _auth_test(self, workspace_id: str, _given: Answer) -> Answer:
        return {"team_id": workspace_id, "team": "Chaos", "user_id": "U0MENTORBOT"}

    def _api_test(self, _workspace_id: str, _given: Answer) -> Answer:
        return {}

    def _users_info(self, workspace_id: str, given: Answer) -> Answer:
        user = given["user"]
        return {"user": {"id": user, "team_id": workspace_id, "name": user, "profile": {}}}

    def _conversations_open(self, workspace_id: str, given: Answer) -> Answer:
        return {"channel": {"id": self._opened(workspace_id, given["users"])}}

    def _opened(self, workspace_id: str, readers: str) -> str:
        letter = "G" if "," in readers else "D"
        channel_id = f"{letter}{readers.replace(',', '')[1:]}"
        self._readers[workspace_id, channel_id] = readers
        return channel_id

    def _chat_postmessage(self, workspace_id: str, given: Answer) -> Answer:
        return self._take(workspace_id, given["channel"], given.get("text", ""), key_in(given))

    def _take(
        self, workspace_id: str, channel_id: str, text: str, key: str, file_id: str = ""
    ) -> Answer:
        """To a conversation, or to a person, whose DM opens by itself."""
        if channel_id.startswith("U"):
            channel_id = self._opened(workspace_id, channel_id)
        readers = self._readers.get((workspace_id, channel_id))
        if readers is None and not channel_id.startswith("C"):
            return {"error": "channel_not_found"}
        posting = Posting(workspace_id, readers or channel_id, text, key, self._new_ts(), file_id)
        self._standing.setdefault((workspace_id, channel_id), []).append(len(self.postings))
        self.postings.append(posting)
        return {"channel": channel_id, "ts": posting.ts}

    def _chat_delete(self, workspace_id: str, given: Answer) -> Answer:
        standing = self._standing.get((workspace_id, given["channel"]), [])
        for number in standing:
            if self.postings[number].ts == given["ts"]:
                standing.remove(number)
                self.postings[number] = replace(self.postings[number], stands=False)
                self.deleted += 1
                return {"channel": given["channel"], "ts": given["ts"]}
        return {"error": "message_not_found"}

    def _new_ts(self) -> str:
        self._last_ts = max(self.clock().timestamp(), self._last_ts + 0.000002)
        return f"{self._last_ts:.6f}"

    def _conversations_history(self, workspace_id: str, given: Answer) -> Answer:
        """Newest first, as Slack does; pages are short, so that there are several."""
        oldest, begin = float(given.get("oldest") or 0), int(given.get("cursor") or 0)
        standing = self._standing.get((workspace_id, given["channel"]), [])
        newest_first = (self.postings[number] for number in reversed(standing))
        found = [posting for posting in newest_first if float(posting.ts) > oldest]
        with_metadata = str(given.get("include_all_metadata", "")).lower() in ("1", "true")
        more = begin + PAGE < len(found)
        return {
            "messages": [self._shown(one, with_metadata) for one in found[begin : begin + PAGE]],
            "has_more": more,
            "response_metadata": {"next_cursor": str(begin + PAGE) if more else ""},
        }

    def _files_getuploadurlexternal(self, _workspace_id: str, given: Answer) -> Answer:
        file_id = f"F{len(self._names):08d}"
        self._names[file_id] = given["filename"]
        return {"file_id": file_id, "upload_url": f"/upload/{file_id}"}

    def _files_completeuploadexternal(self, workspace_id: str, given: Answer) -> Answer:
        files = given["files"]
        files = json.loads(files) if isinstance(files, str) else files
        file_id, channel_id = files[0]["id"], given["channel_id"]
        taken = self._take(workspace_id, channel_id, given.get("initial_comment", ""), "", file_id)
        self._shared[file_id] = channel_id
        return taken if "error" in taken else {"files": files}

    def _files_info(self, _workspace_id: str, given: Answer) -> Answer:
        where = self._shared.get(given["file"])
        return {"file": {"id": given["file"], "ims": [where] if where else []}}

    def _shown(self, posting: Posting, with_metadata: bool) -> Answer:
        shown: Answer = {"type": "message", "text": posting.text, "ts": posting.ts}
        if posting.file_id:
            shown["files"] = [{"id": posting.file_id, "name": self._names[posting.file_id]}]
        if posting.key and with_metadata:
            payload = {"key": posting.key}
            shown["metadata"] = {"event_type": "mentorbot_message", "event_payload": payload}
        return shown
