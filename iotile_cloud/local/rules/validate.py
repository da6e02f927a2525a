"""What may go into a field: one rule per kind, with the texts that the server answers.

Pure but for looking up related records.  Knows nothing of resources or HTTP.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from ...utils.basic import utc_text
from ..storage.store import KEYS, Record, Store
from ..web.errors import bad_fields
from .fields import Field, R

__all__ = ["Invalid", "check_moment", "uuid_text", "validate"]

# Months to seconds may have one digit; of a fraction six digits count.
MOMENT = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)[T ](\d\d?):(\d\d?)(?::(\d\d?)(?:[.,](\d{1,6})\d{0,6})?)?"
    r"(?:Z|([+-])(\d\d):?(\d\d)?)?",
    re.ASCII,
)
_MOST_LEVELS = 100  # of nested JSON: far from where any Python's own reader or writer gives up
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?"
_EMAIL = re.compile(
    rf"{_ATOM}(?:\.{_ATOM})*@(?:localhost|(?:{_LABEL}\.)+(?:[^\W_]|-){{2,63}}(?<!-))"
)
_TRUE = (True, "t", "T", "y", "Y", "yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "1")
_FALSE = (
    False,
    "f",
    "F",
    "n",
    "N",
    "no",
    "NO",
    "false",
    "False",
    "FALSE",
    "off",
    "Off",
    "OFF",
    "0",
)
_RELATIONS = ("related", "pk", "unit")


class Invalid(ValueError):
    """The value does not fit its field; the text is the server's.

    Of a list it may be a dict: the texts of each bad item by its place.
    """


def validate(store: Store, fields: Iterable[Field], data: Any, partial: bool = False) -> Record:
    """Return the values of the writable `fields` in `data`; whatever else it holds is ignored.

    Args:
        partial: a PATCH, in which nothing is required.

    Raises:
        ApiError: 400, with the texts by field.
    """
    values, errors = check(store, fields, data, partial)
    if errors:
        raise bad_fields(errors)
    return values


def check(
    store: Store, fields: Iterable[Field], data: Any, partial: bool = False
) -> tuple[Record, Record]:
    """Return the good values by field, and the texts of the errors by field."""
    if data is None:
        return {}, {"non_field_errors": ["No data provided"]}
    if not isinstance(data, dict):
        text = f"Invalid data. Expected a dictionary, but got {type(data).__name__}."
        return {}, {"non_field_errors": [text]}
    values: Record = {}
    errors: Record = {}
    for field in fields:
        if field.access == R:
            continue
        if field.name not in data:
            if field.required and not partial:
                errors[field.name] = ["This field is required."]
            continue
        try:
            values[field.name] = _value(store, field, data[field.name])
        except Invalid as error:
            reason = error.args[0]
            errors[field.name] = reason if isinstance(reason, dict) else [reason]
    return values, errors


def _value(store: Store, field: Field, value: Any) -> Any:
    if value is None or (value == "" and field.kind in _RELATIONS):
        if field.null or field.kind == "json":
            return None
        raise Invalid("This field may not be null.")
    return RULES[field.kind](store, field, value)


def _text(store: Store, field: Field, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise Invalid("Not a valid string.")
    text = str(value).strip()
    if not text and not field.blank:
        raise Invalid("This field may not be blank.")
    if field.most is not None and len(text) > field.most:
        raise Invalid(f"Ensure this field has no more than {field.most} characters.")
    if "\0" in text:
        raise Invalid("Null characters are not allowed.")
    if re.search("[\ud800-\udfff]", text):  # half a character: no database keeps it
        raise Invalid("Not a valid string.")
    return text


def _email(store: Store, field: Field, value: Any) -> str:
    text = _text(store, field, value)
    if not _EMAIL.fullmatch(text):
        raise Invalid("Enter a valid email address.")
    return text


def _integer(store: Store, field: Field, value: Any) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"[+-]?\d{1,999}(\.0+)?", text, re.ASCII):
        raise Invalid("A valid integer is required.")
    number = int(text.split(".")[0])
    least, most = field.limits
    if number < least:
        raise Invalid(f"Ensure this value is greater than or equal to {least}.")
    if number > most:
        raise Invalid(f"Ensure this value is less than or equal to {most}.")
    return number


def _float(store: Store, field: Field, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise Invalid("A valid number is required.")
    return number


def _decimal(store: Store, field: Field, value: Any) -> str:
    """Return a coordinate as the server keeps it: text with six places."""
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        number = Decimal("nan")
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):  # infinity, not-a-number
        raise Invalid("A valid number is required.")
    places = max(0, -exponent)
    whole = max(0, len(number.as_tuple().digits) + exponent)
    if whole + places > 9:
        raise Invalid("Ensure that there are no more than 9 digits in total.")
    if places > 6:
        raise Invalid("Ensure that there are no more than 6 decimal places.")
    if whole > 3:
        raise Invalid("Ensure that there are no more than 3 digits before the decimal point.")
    return f"{number:.6f}"


def _bool(store: Store, field: Field, value: Any) -> bool:
    if isinstance(value, (bool, int, float, str)) and value in _TRUE + _FALSE:
        return value in _TRUE
    raise Invalid("Must be a valid boolean.")


def _choice(store: Store, field: Field, value: Any) -> str:
    if str(value) in field.options or (value == "" and field.blank):
        return str(value)
    raise Invalid(f'"{value}" is not a valid choice.')


def check_moment(value: Any) -> str | None:
    """Return the time that `value` names as UTC text, or None: it must have a date and a time.

    >>> check_moment("2018-1-31 23:59+0100"), check_moment("2018-01-31")
    ('2018-01-31T22:59:00Z', None)
    """
    match = MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    *parts, fraction, sign, hours, minutes = match.groups("0")
    year, month, day, hour, minute, second = map(int, parts)
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    try:
        zone = timezone(offset)
        moment = datetime(year, month, day, hour, minute, second, int(fraction.ljust(6, "0")), zone)
        return utc_text(moment)
    except (OverflowError, ValueError):  # no such day or hour
        return None


def _moment(store: Store, field: Field, value: Any) -> str:
    text = check_moment(value)
    if text is None:
        form = "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]"
        raise Invalid(f"Datetime has wrong format. Use one of these formats instead: {form}.")
    return text


def _date(store: Store, field: Field, value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d?-\d\d?", value, re.ASCII):
        try:
            return date(*map(int, value.split("-"))).isoformat()
        except ValueError:
            pass
    raise Invalid("Date has wrong format. Use one of these formats instead: YYYY-MM-DD.")


def uuid_text(text: object) -> str | None:
    """Return the UUID that `text` writes in any of the usual forms, as the store has it, or None.

    >>> uuid_text("{00000000-0000-4000-8000-00000000000A}"), uuid_text("p--0010")
    ('00000000-0000-4000-8000-00000000000a', None)
    """
    try:
        return str(UUID(str(text)))
    except ValueError:
        return None


def _related(store: Store, field: Field, value: Any) -> Any:
    """Return the key of a related record, which must be there; `options` is (kind, key)."""
    kind, key = field.options
    wanted = uuid_text(value) if key == "id" else value
    if wanted is None:
        raise Invalid(f"\u201c{value}\u201d is not a valid UUID.")
    if isinstance(wanted, (str, int)) and (
        store.get(kind, wanted)
        if key == KEYS.get(kind, "slug")
        else store.find(kind, **{key: wanted})
    ):
        return wanted
    if key == "id":
        raise Invalid(f'Invalid pk "{wanted}" - object does not exist.')
    raise Invalid(f"Object with {key}={value} does not exist.")


def _pk(store: Store, field: Field, value: Any) -> int:
    """Return the number of a related record, which must be there; `options` is (kind, "id")."""
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        name = type(value).__name__
        raise Invalid(f"Incorrect type. Expected pk value, received {name}.")
    if store.get(field.options[0], int(text)) is None:
        raise Invalid(f'Invalid pk "{text}" - object does not exist.')
    return int(text)


def _uuid(store: Store, field: Field, value: Any) -> str:
    text = uuid_text(value)
    if text is None:
        raise Invalid("Must be a valid UUID.")
    return text


def _unit(store: Store, field: Field, value: Any) -> Any:
    """Return the unit with this slug, of any variable type; `options` names the list."""
    for kind in store.all("vartype"):
        for unit in kind.get(field.options[0], ()):
            if unit["slug"] == value:
                return unit
    raise Invalid(f"Object with slug={value} does not exist.")


def _json(store: Store, field: Field, value: Any) -> Any:
    """Return any JSON value that can also be shown again."""
    if _deeper(value, _MOST_LEVELS):
        raise Invalid(f"Value must be valid JSON: nested more than {_MOST_LEVELS} levels deep")
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (RecursionError, ValueError) as error:
        raise Invalid(f"Value must be valid JSON: {error}") from None
    return value


def _deeper(value: Any, levels: int) -> bool:
    """Tell whether lists and dicts are nested deeper than so many levels in `value`."""
    inside = [value]
    for _ in range(levels):
        containers = [item for item in inside if isinstance(item, (dict, list))]
        inside = [i for c in containers for i in (c.values() if isinstance(c, dict) else c)]
    return any(isinstance(item, (dict, list)) for item in inside)


def _texts(store: Store, field: Field, value: Any) -> list[str]:
    if not isinstance(value, list):
        raise Invalid(f'Expected a list of items but got type "{type(value).__name__}".')
    texts, errors, each = [], {}, replace(field, kind="text", null=False)
    for place, item in enumerate(value):
        try:
            texts.append(_value(store, each, item))
        except Invalid as error:
            errors[str(place)] = [str(error)]
    if errors:
        raise Invalid(errors)
    return texts


def _object(store: Store, field: Field, value: Any) -> Any:
    if not isinstance(value, dict):
        raise Invalid(f"{field.name} must be a valid dictionary object")
    return _json(store, field, value)


Rule = Callable[[Store, Field, Any], Any]
RULES: dict[str, Rule] = {
    "text": _text,
    "email": _email,
    "int": _integer,
    "float": _float,
    "decimal": _decimal,
    "bool": _bool,
    "choice": _choice,
    "moment": _moment,
    "date": _date,
    "related": _related,
    "pk": _pk,
    "uuid": _uuid,
    "unit": _unit,
    "texts": _texts,
    "object": _object,
    "json": _json,
}
