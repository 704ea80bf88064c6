"""users.*: the members of the workspace."""

from __future__ import annotations

from mentorbot.sandbox.appearance import OF_ADDRESSES, address_of, user_object
from mentorbot.sandbox.errors import ApiError
from mentorbot.sandbox.records import Json
from mentorbot.sandbox.web_api.call import Call, method


@method("users.info", "user")
def users_info(call: Call) -> Json:
    include_locale = call.flag("include_locale")
    return {"user": user_object(call.state, call.user(), with_locale=include_locale)}


@method("users.lookupByEmail", "email")
def users_lookup_by_email(call: Call) -> Json:
    if not call.state.grants.holds(OF_ADDRESSES):
        raise ApiError("missing_scope")
    address = call.text("email").casefold()
    joined = (it for it in call.state.users.values() if it.joined and not it.deactivated)
    for user in joined:
        if address and address_of(user).casefold() == address:
            return {"user": user_object(call.state, user)}
    raise ApiError("users_not_found")


@method("users.list")
def users_list(call: Call) -> Json:
    joined = [user for user in call.state.users.values() if user.joined]
    page, cursor = call.page(joined, default=1000)
    include_locale = call.flag("include_locale")
    return {
        "members": [user_object(call.state, user, with_locale=include_locale) for user in page],
        "cache_ts": call.state.epoch(),
        "response_metadata": {"next_cursor": cursor},
    }
