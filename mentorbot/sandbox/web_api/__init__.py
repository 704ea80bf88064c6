"""The Web API methods that the sandbox serves, one file per family."""

from mentorbot.sandbox.web_api import auth, chat, conversations, files, oauth, users, views
from mentorbot.sandbox.web_api.call import METHODS, Call, Method

__all__ = [
    "METHODS",
    "Call",
    "Method",
    "auth",
    "chat",
    "conversations",
    "files",
    "oauth",
    "users",
    "views",
]
