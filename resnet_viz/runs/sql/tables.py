"""The tables of the store, version by version. A later version adds tables and leaves those before it as they were.

Numbers: SQLite turns NaN into NULL, so NaN is kept as the text "nan"; `float()` reads both. Norms are BLOBs of
little-endian float64 in the order of the net's convs or blocks, in a table of their own, so that reading curves does
not drag them along.
"""

from typing import Final

VERSION: Final = 3

_FIRST: Final = """
CREATE TABLE IF NOT EXISTS run(
    seq INTEGER PRIMARY KEY AUTOINCREMENT, -- order of submission; never used twice, rows of a deleted run may linger
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    recipe TEXT NOT NULL,
    labels TEXT NOT NULL,
    state TEXT NOT NULL CHECK(state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    attempt INTEGER NOT NULL DEFAULT 0,
    cancel INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    pid INTEGER
);
CREATE INDEX IF NOT EXISTS run_by_state ON run(state, seq);
CREATE TABLE IF NOT EXISTS net(
    run INTEGER, attempt INTEGER, position INTEGER,
    label TEXT NOT NULL, params INTEGER NOT NULL, macs INTEGER NOT NULL, device TEXT NOT NULL,
    convs TEXT NOT NULL, blocks TEXT NOT NULL, ending TEXT, sentence TEXT NOT NULL DEFAULT '',
    PRIMARY KEY(run, attempt, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS step(
    run INTEGER, attempt INTEGER, net INTEGER, step INTEGER,
    loss REAL, accuracy REAL, lr REAL, images_per_s REAL, seconds REAL, test_loss REAL, test_accuracy REAL,
    PRIMARY KEY(run, attempt, net, step)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS probe(
    run INTEGER, attempt INTEGER, net INTEGER, step INTEGER,
    grad_norm BLOB, block_grad_norm BLOB, update_ratio BLOB,
    PRIMARY KEY(run, attempt, net, step)
);
CREATE VIEW IF NOT EXISTS step_with_norms AS
    SELECT s.*, p.grad_norm, p.block_grad_norm, p.update_ratio FROM step s
    LEFT JOIN probe p ON p.run = s.run AND p.attempt = s.attempt AND p.net = s.net AND p.step = s.step;
CREATE VIEW IF NOT EXISTS probed_step AS
    SELECT s.*, p.grad_norm, p.block_grad_norm, p.update_ratio FROM probe p
    JOIN step s ON s.run = p.run AND s.attempt = p.attempt AND s.net = p.net AND s.step = p.step;
CREATE TABLE IF NOT EXISTS doomed(run INTEGER PRIMARY KEY); -- deleted runs whose rows are still to be swept
"""
# What the forward pass carried, beside the norms of `probe`; who holds a run, and what it was told; what the runs page
# knows of runs beyond their training.
_SECOND: Final = """
CREATE {temp} TABLE IF NOT EXISTS signal(
    run INTEGER, attempt INTEGER, net INTEGER, step INTEGER,
    activation_std BLOB, branch_share BLOB,
    PRIMARY KEY(run, attempt, net, step)
);
CREATE {temp} TABLE IF NOT EXISTS control(
    run INTEGER PRIMARY KEY,
    hold TEXT NOT NULL DEFAULT '' CHECK(hold IN ('', 'paused', 'interrupted')), -- why a waiting run is not claimed
    paused INTEGER NOT NULL DEFAULT 0, -- whether its worker is to stand
    standing INTEGER, -- the step that its worker stands before
    losses INTEGER NOT NULL DEFAULT 0, -- of workers since its newest checkpoint
    interrupted INTEGER, -- the step that was next when a worker was lost
    resumed INTEGER, -- the step from which its worker went on
    parent TEXT, parent_step INTEGER -- the run it branched from, and at which step
);
CREATE {temp} TABLE IF NOT EXISTS command(
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL, verb TEXT NOT NULL, value REAL NOT NULL, created REAL NOT NULL
);
CREATE {temp} TABLE IF NOT EXISTS rate(
    run INTEGER, attempt INTEGER, step INTEGER, lr REAL NOT NULL,
    PRIMARY KEY(run, attempt, step)
) WITHOUT ROWID;
CREATE {temp} TABLE IF NOT EXISTS checkpoint(
    run INTEGER, attempt INTEGER, step INTEGER, bytes INTEGER NOT NULL, file TEXT NOT NULL, sources TEXT,
    PRIMARY KEY(run, attempt, step)
) WITHOUT ROWID;
CREATE {temp} TABLE IF NOT EXISTS mark(
    run INTEGER PRIMARY KEY, -- run.seq
    is_pinned INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    origin TEXT NOT NULL DEFAULT '' -- id of the run on the machine that it was imported from
);
CREATE {temp} TABLE IF NOT EXISTS forgotten( -- runs that were deleted to make room, for a while
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL, labels TEXT NOT NULL, created REAL NOT NULL, at REAL NOT NULL
);
"""

# What an attempt's numbers depend on beside the recipe.
_THIRD: Final = """
CREATE {temp} TABLE IF NOT EXISTS made_with(
    run INTEGER, attempt INTEGER, versions TEXT NOT NULL, -- names and versions, a JSON object of texts
    PRIMARY KEY(run, attempt)
) WITHOUT ROWID;
"""
_ADDED: Final = {2: _SECOND, 3: _THIRD}  # by the version that brought it

_WHOLE: Final = "".join(added.format(temp="") for added in _ADDED.values())
ALL: Final = f"BEGIN IMMEDIATE;{_FIRST}{_WHOLE}PRAGMA user_version = {VERSION};\nCOMMIT;"


def missing(version: int) -> str:
    """Returns what makes the tables that a file of an older version has not, empty and for one reader alone."""
    return "".join(added.format(temp="TEMP") for number, added in _ADDED.items() if number > version)
