"""What the pages of the commands show: for each, lines that are typed, with a word before them.

Knows the demo data.  The lines are run by `_stage`.
"""

# A page has pairs of what is to be seen and the lines that show it.
TRANSCRIPTS: dict[str, list[tuple[str, list[str]]]] = {
    "login": [
        (
            "The password is asked for, and not kept. The token is.",
            ["iotile-cloud login -u demo@example.com", "iotile-cloud whoami"],
        ),
        (
            "A server can be named before the command.",
            ["iotile-cloud --domain http://127.0.0.1:8000 login -u demo@example.com --quiet"],
        ),
    ],
    "logout": [
        (
            "The token of whoever logged in last is forgotten.",
            ["iotile-cloud logout", "iotile-cloud whoami"],
        ),
    ],
    "whoami": [
        ("On a terminal, and in a pipe:", ["iotile-cloud whoami", "iotile-cloud whoami | head -4"]),
    ],
    "get": [
        (
            "A listing is a table on a terminal, and filters are typed as `key=value`.",
            ["iotile-cloud get org", "iotile-cloud get device project=p--0000-0101 --all"],
        ),
        ("In a pipe it is JSON.", ["iotile-cloud get device/d--2001 | head -6"]),
        ("What would be sent can be looked at.", ["iotile-cloud get device page_size=2 --dry-run"]),
        ("A slip of the finger:", ["iotile-cloud get devices"]),
    ],
    "post": [
        (
            "The data are JSON, here or in a file.",
            [
                "iotile-cloud post note --data "
                '\'{"target": "d--0000-0000-0000-2001", "timestamp": "2024-03-08T09:30:00Z", '
                '"note": "Valve replaced"}\'',
            ],
        ),
        (
            "What would be sent can be looked at first.",
            ['iotile-cloud post note --data \'{"target": "d--0000-0000-0000-2001"}\' --dry-run'],
        ),
        (
            "What is no path of the API is told.",
            ["iotile-cloud post notes --data '{}'"],
        ),
    ],
    "put": [
        (
            "A look at what would be sent:",
            [
                "iotile-cloud put device/d--0000-0000-0000-2001 --dry-run "
                '--data \'{"label": "Garden Meter"}\'',
            ],
        ),
    ],
    "patch": [
        (
            "One field is changed.",
            [
                "iotile-cloud patch device/d--0000-0000-0000-2001 --json "
                '--data \'{"label": "Garden Meter"}\' | head -5',
                "iotile-cloud get device/d--0000-0000-0000-2001 --json | head -5",
            ],
        ),
    ],
    "delete": [
        (
            "A note is made and deleted again; nothing is shown when it is done.",
            [
                "iotile-cloud post note --data "
                '\'{"target": "d--0000-0000-0000-2001", "timestamp": "2024-03-08T09:30:00Z", '
                '"note": "Valve replaced"}\'',
                "iotile-cloud delete note/1",
                "iotile-cloud get note/1",
            ],
        ),
    ],
    "slug": [
        ("Short forms become whole ones.", ["iotile-cloud slug s--0101--2001--5001"]),
        ("Several are told in a row, and what is none is said.", ["iotile-cloud slug d--2001 x"]),
    ],
    "download": [
        (
            "The latest readings of a stream. What is said beside them goes to stderr.",
            ["iotile-cloud download s--0101--2001--5001 --last 3"],
        ),
        (
            "Half an hour of all streams of a device, into a file:",
            [
                "iotile-cloud download d--2001 --start 2024-03-05 --end 2024-03-05T00:30:00Z "
                "--output mains.csv",
                "cat mains.csv | head -3",
            ],
        ),
        (
            "A project, a file for each stream:",
            [
                "iotile-cloud download p--0101 --start 2024-03-07 --format jsonl --output project/",
                "ls project | head -4",
            ],
        ),
        (
            "What would be asked first:",
            ["iotile-cloud download d--2001 --start 2024-03-05 --dry-run"],
        ),
        (
            "What cannot be found is said, the rest is there, and the status is 1.",
            ["iotile-cloud download d--9999 d--2001 --last 1"],
        ),
        (
            "A time that is none is not guessed at.",
            ["iotile-cloud download d--2001 --start 2024-02-30"],
        ),
    ],
    "report": [
        (
            "The sums of a day, on a terminal:",
            ["iotile-cloud report sum p--0101 --start 2024-03-05 --end 2024-03-06"],
        ),
        (
            "In a pipe a report is JSON.",
            ["iotile-cloud report sum d--2001 --start 2024-03-05 --end 2024-03-06 | head -6"],
        ),
        (
            "Statistics, for a spreadsheet:",
            [
                "iotile-cloud report stats d--2001 --start 2024-03-05 --end 2024-03-06 "
                "--output day.csv",
                "cat day.csv",
            ],
        ),
        (
            "A page to look at, to print and to send on:",
            ["iotile-cloud report sum p--0101 --start 2024-03-05 --output week.html"],
        ),
        (
            "What is left out is said, and the status is 1.",
            ["iotile-cloud report sum d--9999 d--2001 --start 2024-03-05 --end 2024-03-06"],
        ),
    ],
    "upload": [
        (
            "A report is followed until it is known what became of it. Sent twice it is known.",
            ["iotile-cloud upload report monday.bin", "iotile-cloud upload report monday.bin"],
        ),
        (
            "A damaged report is not sent, and does not keep the others away.",
            ["iotile-cloud upload report broken.bin monday.bin --json"],
        ),
        (
            "An event, and its data:",
            [
                "iotile-cloud upload event shock.json --stream s--0102--2102--5020 "
                "--timestamp 2024-03-08T09:30:00Z --extra '{\"peak\": 1.5}'",
            ],
        ),
    ],
    "serve": [
        (
            "It serves until Ctrl-C. With port 0 any free one is taken, and told.",
            ["iotile-cloud serve --load demo --port 0"],
        ),
        ("A port that is none:", ["iotile-cloud serve --port http"]),
    ],
    "demo": [("All of it:", ["iotile-cloud demo"])],
}
