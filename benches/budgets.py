#!/usr/bin/env python3
"""Prints the budgets: python3 benches/budgets.py BINARY. Time to the first ready reply, and idle resident memory."""
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time


def once(binary, data):
    env = {**os.environ, "DESKBELL_DISK_RESERVE_MIB": "0"}
    started = time.perf_counter()
    server = subprocess.Popen([binary, "serve", "--data-dir", data, "--listen", "127.0.0.1:0"], env=env, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        host = server.stdout.readline().split("http://")[1].strip()
        connection = http.client.HTTPConnection(host)
        connection.request("GET", "/health/ready")
        assert connection.getresponse().status == 200
        ready = (time.perf_counter() - started) * 1000
        time.sleep(1.5)
        with open(f"/proc/{server.pid}/status") as status:
            resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024
        return ready, resident
    finally:
        server.terminate()
        server.wait(30)


with tempfile.TemporaryDirectory() as root:
    fresh = [once(sys.argv[1], f"{root}/fresh{n}") for n in range(5)]
    again = [once(sys.argv[1], f"{root}/fresh0") for _ in range(5)]
for name, runs in (("fresh data directory", fresh), ("existing one", again)):
    ready = statistics.median(run[0] for run in runs)
    resident = statistics.median(run[1] for run in runs)
    print(f"{name}: ready after {ready:.0f} ms (budget 100), idle {resident:.1f} MiB resident (budget 20)")
