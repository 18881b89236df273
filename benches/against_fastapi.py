#!/usr/bin/env python3
"""Deskbell beside the FastAPI service like the one it replaces, in turns on the same machine:
python3 benches/against_fastapi.py BINARY [--rounds 2] [--rows 1000,100000]

Needs the peers (their folder in PEERS_DIR, else ../shared/peers; installed by their setup.sh into PEERS, else
/tmp/peers) and says so when they are not there. A booking is confirmed and its invoice issued on both sides.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
arguments = argparse.ArgumentParser()
arguments.add_argument("binary")
arguments.add_argument("--rounds", default="2")
arguments.add_argument("--rows", default="1000,100000")
given = arguments.parse_args()
peers = os.environ.get("PEERS_DIR", os.path.join(here, "../../shared/peers"))
python = os.path.join(os.environ.get("PEERS", "/tmp/peers"), "venv/fa/bin/python")
if not os.path.exists(peers + "/compare.py") or not os.path.exists(python):
    print(f"skipped: no peers to compare with (looked for {peers}/compare.py and {python}; set PEERS_DIR and PEERS)")
    sys.exit(0)

# What issue 2 asks for, at the largest number of rows.
most = int(given.rows.split(",")[-1])
ASKED = {("book, c=32", "rate"): 10, (f"list 50 of {most:,}, c=16", "rate"): 15}
line = f"{os.path.abspath(given.binary)} serve --data-dir {{data}} --listen 127.0.0.1:{{port}}"
with tempfile.NamedTemporaryFile(suffix=".json") as out:
    subprocess.run([sys.executable, peers + "/compare.py", "--a", f"{here}/peers_adapter --opt 'cmd={line}'",
                    "--b", f"fastapi --opt mode=after --opt pdf=10 --opt python={python}",
                    "--tests", "startup,list,book", "--rows", given.rows, "--rounds", given.rounds, "--out", out.name],
                   check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    rows = json.load(open(out.name))["rows"]
missed = []
for row in rows:
    factor = ASKED.get((row["test"], row["metric"]))
    if factor:
        print(f"{row['test']}: {row['a']:,.0f} beside {row['b']:,.0f}, {row['ratio_median']:.1f} times (asked: {factor})")
        if row["ratio_median"] < factor:
            missed.append(row["test"])
sys.exit(f"missed: {', '.join(missed)}" if missed else 0)
