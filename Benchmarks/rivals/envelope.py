"""The message that every Python rival sends: the five keys of Antiphon's own, so that all deliver the same bytes."""

from datetime import datetime, timezone


def envelope(kind, data, connection="00000000-0000-0000-0000-000000000000"):
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    return {
        "type": kind,
        "data": data,
        "timestamp": now.isoformat(timespec="microseconds"),
        "connection_id": connection,
        "target_connections": None,
    }


def welcome():
    return envelope("connection_established", {"features": []})
