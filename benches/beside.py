#!/usr/bin/env python3
"""Deskbell beside a peer, in turns on the same machine:
python3 benches/beside.py BINARY fastapi|nginx [--rounds 2] [--rows 1000,100000]

fastapi  the service like the one that Deskbell replaces: lists and bookings (a booking is confirmed and its invoice
         issued on both sides)
nginx    uploads by WebDAV PUT and downloads by sendfile: files

Needs the peers (their folder in PEERS_DIR, else ../shared/peers; installed by their setup.sh into PEERS, else
/tmp/peers) and says so when they are not there.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
arguments = argparse.ArgumentParser()
arguments.add_argument("binary")
arguments.add_argument("peer", choices=("fastapi", "nginx"))
arguments.add_argument("--rounds", default="2")
arguments.add_argument("--rows", default="1000,100000")
given = arguments.parse_args()
peers = os.environ.get("PEERS_DIR", os.path.join(here, "../../shared/peers"))
python = os.path.join(os.environ.get("PEERS", "/tmp/peers"), "venv/fa/bin/python")
installed = os.path.exists(python) if given.peer == "fastapi" else shutil.which("nginx")
if not os.path.exists(peers + "/compare.py") or not installed:
    print(f"skipped: no {given.peer} to compare with (looked for {peers}/compare.py; see PEERS_DIR and PEERS)")
    sys.exit(0)

most = int(given.rows.split(",")[-1])
# The peer's side, the tests, and by what factor Deskbell's rate must be the peer's.
PEERS = {
    "fastapi": (f"fastapi --opt mode=after --opt pdf=10 --opt python={python}", "startup,list,book", given.rows, {
        ("book, c=32", "rate"): 10,
        (f"list 50 of {most:,}, c=16", "rate"): 15,
    }),
    "nginx": ("nginx", "upload1,media", "0", {
        ("upload 1 x 1 GiB", "rate incl. sync()"): 0.6,
        ("download 1 GiB", "rate"): 0.85,
        ("range 1 MiB, c=16", "rate"): 0.85,
    }),
}
side, tests, rows, asked = PEERS[given.peer]
line = f"{os.path.abspath(given.binary)} serve --data-dir {{data}} --listen 127.0.0.1:{{port}}"
with tempfile.NamedTemporaryFile(suffix=".json") as out:
    subprocess.run([sys.executable, peers + "/compare.py", "--a", f"{here}/peers_adapter --opt 'cmd={line}' --opt style=raw",
                    "--b", side, "--tests", tests, "--rows", rows, "--rounds", given.rounds, "--out", out.name],
                   check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    found = json.load(open(out.name))["rows"]
missed = []
for row in found:
    factor = asked.get((row["test"], row["metric"]))
    if factor:
        print(f"{row['test']}, {row['metric']}: {row['a']:,.0f} beside {row['b']:,.0f} {row['unit']}, "
              f"{row['ratio_median']:.2f} times (asked: {factor})")
        if row["ratio_median"] < factor:
            missed.append(row["test"])
sys.exit(f"missed: {', '.join(missed)}" if missed else 0)
