"""Every path that the cloud serves, and what answers there: the table of contents.

Knows all resources.  Knows nothing of requests in flight.
"""

from __future__ import annotations

from .fields import Field, Route
from .resources import (
    account,
    alias,
    config,
    data,
    datablock,
    device,
    df,
    event,
    filter,
    fleet,
    generated,
    key,
    location,
    login,
    mask,
    misc,
    note,
    org,
    ota,
    production,
    project,
    property,
    root,
    shipping,
    stream,
    stream_data,
    streamer,
    streamer_report,
    templates,
    variable,
    vartype,
)

__all__ = ["FIELDS", "ROUTES"]

ROUTES: tuple[Route, ...] = (
    *root.ROUTES,
    *login.ROUTES,
    *account.ROUTES,
    *org.ROUTES,
    *project.ROUTES,
    *property.ROUTES,
    *note.ROUTES,
    *location.ROUTES,
    *config.ROUTES,
    *key.ROUTES,
    *device.ROUTES,
    *mask.ROUTES,
    *datablock.ROUTES,
    *fleet.ROUTES,
    *shipping.ROUTES,
    *production.ROUTES,
    *vartype.ROUTES,
    *variable.ROUTES,
    *stream.ROUTES,
    *stream_data.ROUTES,
    *data.ROUTES,
    *df.ROUTES,
    *alias.ROUTES,
    *filter.ROUTES,
    *event.ROUTES,
    *streamer.ROUTES,
    *streamer_report.ROUTES,
    *generated.ROUTES,
    *ota.ROUTES,
    *templates.ROUTES,
    *misc.ROUTES,
)

# Kind of record -> its fields, for whoever fills a store from a description.
FIELDS: dict[str, tuple[Field, ...]] = {
    "account": account.FIELDS,
    "org": org.FIELDS,
    "project": project.FIELDS,
    "device": device.FIELDS,
    "variable": variable.FIELDS,
    "stream": stream.FIELDS,
    "event": event.FIELDS,
    "streamer": streamer.FIELDS,
    "streamer/report": streamer_report.FIELDS,
}
