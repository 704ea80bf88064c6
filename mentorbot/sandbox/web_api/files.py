"""files.*: the external upload flow, in three steps."""

from __future__ import annotations

from typing import Any

from mentorbot.sandbox.acceptance import accept_message
from mentorbot.sandbox.appearance import file_object
from mentorbot.sandbox.errors import ApiError
from mentorbot.sandbox.postings import post_as_app
from mentorbot.sandbox.records import Json, StoredFile
from mentorbot.sandbox.web_api.call import Call, method


@method("files.getUploadURLExternal", "filename", "length", writes=True)
def get_upload_url(call: Call) -> Json:
    if call.number("length", 0) <= 0:
        raise ApiError("invalid_arguments", "[ERROR] length must be positive")
    file = StoredFile(
        call.state.next_id("F"),
        call.text("filename"),
        size=call.number("length", 0),
        created=call.state.epoch(),
    )
    call.state.files[file.id] = file
    return {"upload_url": f"{call.base_url}/upload/v1/{file.id}", "file_id": file.id}


@method("files.completeUploadExternal", "files", writes=True)
def complete_upload(call: Call) -> Json:
    files = [_uploaded(call, entry) for entry in call.structure("files") or []]
    if not files:
        raise ApiError("invalid_arguments", "[ERROR] no files given [json-pointer:/files]")
    channel_id = call.text("channel_id")
    if channel_id:
        call.arguments["channel"] = channel_id
        _share(call, files)
    for file in files:
        file.completed = True
    return {"files": [file_object(call.state, file, call.base_url) for file in files]}


@method("files.info", "file")
def files_info(call: Call) -> Json:
    file = call.state.files.get(call.text("file"))
    if file is None or not file.completed:
        raise ApiError("file_not_found")
    return {"file": file_object(call.state, file, call.base_url)}


def _uploaded(call: Call, entry: Any) -> StoredFile:
    file = call.state.files.get(str(entry.get("id"))) if isinstance(entry, dict) else None
    if file is None or not file.uploaded or file.completed:
        raise ApiError("file_not_found")
    file.title = str(entry.get("title") or file.name)
    return file


def _share(call: Call, files: list[StoredFile]) -> None:
    conversation = call.own_channel()
    if conversation.is_archived:
        raise ApiError("is_archived")
    content = {"text": call.text("initial_comment"), "blocks": call.structure("blocks")}
    if content["blocks"]:
        accept_message(content)
    if call.text("thread_ts"):
        content["thread_ts"] = call.text("thread_ts")
    for file in files:
        file.conversations.append(conversation.id)
    shown = [file_object(call.state, file, call.base_url) for file in files]
    post_as_app(call.state, conversation, content, files=shown)
