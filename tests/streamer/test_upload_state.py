"""What has become of an upload, for every course of events, without a server."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from iotile_cloud.streamer import Reading, SignedListReport
from iotile_cloud.streamer.upload_state import Claim, Seen, judge

NOON = datetime(2024, 3, 5, 12, tzinfo=timezone.utc)
SLUG = "t--0000-0000-0000-2001--0000"


def claim_of(*ids, report_id=9):
    """Return the claim of a report with a reading of each id; the last one is a reboot."""
    readings = [Reading(0x5C00 if i == 9 else 0x5001, 1, reading_id=i) for i in ids]
    made = SignedListReport.from_readings(
        "d--2001", readings, report_id=report_id, sent_timestamp=60
    )
    return Claim(made, NOON)


CLAIM = claim_of(7, 8, 9)


def record(first=None, last=None, *, read=True, number="1", **changes):
    """Return a record of an upload of CLAIM."""
    return {
        "id": number,
        "streamer": SLUG,
        "original_first_id": 7 if read else None,
        "original_last_id": 9 if read else None,
        "actual_first_id": first,
        "actual_last_id": last,
        "sent_timestamp": "2024-03-05T12:00:00Z",
        "device_sent_timestamp": 60,
        "incremental_id": 9,
        **changes,
    }


def verdict(last_id, *records, before=(), claim=CLAIM, **seen):
    """Return the verdict on CLAIM when the cloud, that knew the ids up to 6, shows this."""
    return judge(claim, Seen(6, records=before), Seen(last_id, records=records, **seen))


def test_everything_is_stored():
    """A record from the first to the last id, and the acknowledgement of the last, end the wait."""
    assert verdict(9, record(7, 9), is_system=True) == ("stored", 3, "1", True)


def test_reboots_of_user_streamers_are_not_counted():
    """The cloud keeps no reboot rows but those of system streamers."""
    assert verdict(9, record(7, 9)).stored == 2


def test_some_were_known():
    """A record that begins later than the report tells of a part."""
    assert verdict(9, record(8, 9), is_system=True)[:2] == ("partly stored", 2)


def test_some_are_missing_at_the_end():
    """A record that ends before the report tells of a part as well."""
    assert verdict(8, record(7, 8))[:2] == ("partly stored", 2)


def test_readings_without_an_id_are_not_stored():
    """Of a report with readings that have no id only the others are stored."""
    claim = claim_of(0, 7, 9)
    assert verdict(9, record(7, 9), claim=claim, is_system=True)[:2] == ("partly stored", 2)


def test_nothing_was_new():
    """A record with zeros, and an acknowledgement, tell that others were first."""
    assert verdict(9, record(0, 0)) == ("known", 0, "1", True)


def test_acknowledged_without_a_record():
    """All is acknowledged, but there is no record of ours: it was not this upload, or who knows."""
    assert verdict(20) == ("known", None, None, True)


def test_acknowledged_while_the_record_is_open():
    """As long as our record is not finished, it may still tell that we were first."""
    assert verdict(9, record()) == ("known", None, "1", False)


def test_record_is_ahead_of_the_acknowledgement():
    """The wait goes on until the acknowledgement has followed the record."""
    assert verdict(6, record(7, 9), is_system=True) == ("stored", 3, "1", False)


@pytest.mark.parametrize(
    ("records", "state"),
    [((), "timed out"), ((record(read=False),), "timed out"), ((record(),), "not stored")],
    ids=["no record", "not read", "read"],
)
def test_nothing_stored_so_far(records, state):
    """Waiting may change it; what it is called at the end hangs on whether it was read."""
    found = verdict(6, *records)
    assert (found.state, found.final) == (state, False)


def test_streamer_that_is_not_there_yet():
    """A new streamer may still be made."""
    assert verdict(None) == ("timed out", None, None, False)


def test_device_that_is_not_shown():
    """Of a device that is not the user's nothing will ever be seen."""
    assert verdict(None, is_hidden=True) == ("unseen", None, None, True)


def test_report_without_a_number():
    """Null in the record is what a report without a number says."""
    plain = claim_of(7, 8, 9, report_id=0)
    assert verdict(9, record(7, 9, incremental_id=None), claim=plain).state == "stored"


def test_empty_report_is_stored():
    """A report without readings has arrived when its record is finished."""
    empty = claim_of()
    blank = record(0, 0, original_first_id=0, original_last_id=0)
    assert verdict(6, blank, claim=empty) == ("stored", 0, "1", True)


def test_two_equal_uploads_at_once_cannot_be_told_apart():
    """With several records the state is sure and our share is not."""
    both = record(7, 9), record(0, 0, number="2")
    assert verdict(9, *both) == ("stored", None, None, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"streamer": "t--0000-0000-0000-2001--0001"},
        {"incremental_id": 10},
        {"device_sent_timestamp": 61},
        {"original_last_id": 10},
        {"sent_timestamp": "2024-03-05T12:00:00.5Z"},
        {"sent_timestamp": None},
    ],
    ids=str,
)
def test_record_of_something_else(changes):
    """A record that differs in what it repeats of the report is not of this upload."""
    other = {**record(7, 9), **changes}
    assert verdict(9, other).record is None
    assert verdict(9, other).state == "known"


def test_record_from_before():
    """A record that was there before we sent is not ours."""
    assert verdict(9, record(7, 9), before=[record(7, 9)]).state == "known"


def test_time_of_a_record_may_be_written_otherwise():
    """The same moment in another zone is the same."""
    here = NOON.astimezone(timezone(timedelta(hours=2))).isoformat()
    assert verdict(9, record(7, 9, sent_timestamp=here)).state == "stored"


@pytest.mark.parametrize(("last_id", "covered"), [(None, False), (8, False), (9, True)])
def test_acknowledgement_covers_a_report(last_id, covered):
    """A report is covered by the acknowledgement of its highest id."""
    assert Seen(last_id).covers(CLAIM) is covered


def test_report_without_ids_is_never_covered():
    """An empty report has no id that could be acknowledged."""
    assert not Seen(9).covers(claim_of())
