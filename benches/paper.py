#!/usr/bin/env python3
"""Paper: time, memory and bytes of the first rendering of an invoice, beside other makers of PDFs on this machine.

python3 benches/paper.py BINARY [--lines 10,1000,10000,100000] [--peers reportlab_chunked,fpdf2_invoice,typst_invoice]

Ours is measured at the running server: it is killed right after an invoice was issued, what it may have rendered is
forgotten, and started again; then the request for the PDF reads the lines from the database, lays out, embeds fonts,
tags, attaches the e-invoice, hashes, syncs and records the file. The peers draw a plain table from memory in a process of
their own. Peak memory is what the request adds to the process (VmHWM after resetting it), and a peer's whole process.
Beside it, `paper_table` (examples/paper_table.rs, where it was built) draws what the peers draw, by the engine alone.
Peers need their folder in PEERS_DIR (else ../shared/peers) and PyPI; they are left out when it is not there.
"""
import argparse
import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

here = os.path.dirname(os.path.abspath(__file__))
arguments = argparse.ArgumentParser()
arguments.add_argument("binary")
arguments.add_argument("--lines", default="10,1000,10000,100000")
arguments.add_argument("--peers", default="reportlab_chunked,fpdf2_invoice,typst_invoice")
given = arguments.parse_args()
peers_dir = os.environ.get("PEERS_DIR", os.path.join(here, "../../shared/peers"))
counts = [int(count) for count in given.lines.split(",")]
LAST = "Adler Berg Costa Diaz Evers Falk Grau Haas Ivers Jung Klein Lang Maier Nagy Olsen Peter Roth Sahl Thal".split()


class Desk:
    """A desk in a data directory, with an owner's token."""

    def __init__(self, data):
        self.data, self.token, self.process = data, None, None
        self.start()
        token = open(data + "/setup-token").read().strip()
        owner = {"name": "Bench", "email": "bench@example.org", "password": "a long bench password"}
        business = {"name": "Bench", "country": "DE", "currency": "EUR", "time_zone": "Europe/Berlin"}
        request = urllib.request.Request(self.base + "/setup", headers={"Content-Type": "application/json"},
                                         data=json.dumps({"token": token, "business": business, "owner": owner}).encode())
        cookie = urllib.request.urlopen(request).headers["Set-Cookie"].split(";")[0]
        made = self.call("POST", "/api-tokens", {"name": "bench", "scopes": ["*"]}, {"Cookie": cookie})
        self.token = made["token"]
        self.call("PATCH", "/settings", {"street": "Street 1", "postcode": "10115", "city": "Berlin",
                                         "vat_id": "DE123456789", "iban": "DE89370400440532013000"})
        self.client = self.call("POST", "/clients", {"name": "Kaia Evers", "email": "kaia@example.org", "address": {
            "street": "Street 12", "postcode": "10115", "city": "Town", "country": "DE"}})["id"]

    def start(self):
        self.process = subprocess.Popen([given.binary, "serve", "--data-dir", self.data, "--listen", "127.0.0.1:0"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.base = self.process.stdout.readline().split()[-1] + "/api/v1"

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def call(self, method, path, body=None, headers=None, raw=False):
        headers = {"Content-Type": "application/json", **(headers or {})}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.base + path, data, headers, method=method)) as reply:
                return reply.read() if raw else json.load(reply)
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path}: {error.code} {error.read()[:500]}")

    def invoice(self, count):
        lines = [{"description": f"Session {p} of the course, room {p % 12}, teacher {LAST[p % 19]}",
                  "quantity": str(1 + p % 3), "unit_price": {"amount": 1000 + p % 977, "currency": "EUR"},
                  "tax_rate": 1900 if p % 2 else 700} for p in range(1, count + 1)]
        return self.call("POST", "/invoices", {"client_id": self.client, "lines": lines, "service_from": "2026-11-24"})["id"]

    def forget_files(self):
        database = sqlite3.connect(self.data + "/deskbell.db")
        database.execute("DELETE FROM invoice_files")
        database.execute("DELETE FROM events")
        database.commit()
        database.close()

    def memory(self, what):
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(status.split(what + ":")[1].split()[0]) / 1024

    def reset_peak(self):
        open(f"/proc/{self.process.pid}/clear_refs", "w").write("5")


def ours():
    found = {}
    with tempfile.TemporaryDirectory() as data:
        desk = Desk(data)
        ids = {count: [desk.invoice(count) for _ in range(20 if count <= 1000 else 3 if count <= 10000 else 2)]
               for count in counts}
        warm = desk.invoice(3)
        desk.stop()
        desk.forget_files()
        desk.start()
        desk.call("GET", f"/invoices/{warm}/pdf", raw=True)
        for count, some in ids.items():
            times, growth = [], []
            for invoice in some:
                before = desk.memory("VmRSS")
                desk.reset_peak()
                began = time.perf_counter()
                pdf = desk.call("GET", f"/invoices/{invoice}/pdf", raw=True)
                times.append((time.perf_counter() - began) * 1000)
                growth.append(desk.memory("VmHWM") - before)
            again = []
            for _ in range(10):
                began = time.perf_counter()
                desk.call("GET", f"/invoices/{some[0]}/pdf", raw=True)
                again.append((time.perf_counter() - began) * 1000)
            found[count] = statistics.median(times)
            print(f"deskbell, {count:,} lines: first {statistics.median(times):.1f} ms (median of {len(some)}), "
                  f"peak +{max(growth):.1f} MiB, {len(pdf) / 1024:.0f} KiB; again {statistics.median(again):.1f} ms",
                  flush=True)
        print(f"deskbell, resident at the end: {desk.memory('VmRSS'):.1f} MiB")
        desk.stop()
    return found


def measured(command, **more):
    """Milliseconds, MiB and status of a process of its own, begun by a small one: a child counts its parent's memory."""
    small = ("import os, sys, time\nbegan = time.perf_counter()\npid = os.spawnvp(os.P_NOWAIT, sys.argv[1], sys.argv[1:])\n"
             "_, status, usage = os.wait4(pid, 0)\nprint((time.perf_counter() - began) * 1000, usage.ru_maxrss / 1024, status)")
    said = subprocess.run([sys.executable, "-S", "-c", small, *command], text=True, stdout=subprocess.PIPE, **more).stdout
    took, memory, status = said.split()[-3:]
    return float(took), float(memory), int(status)


def alone():
    """The engine by itself, in a process of its own."""
    found, program = {}, os.path.join(os.path.dirname(os.path.abspath(given.binary)), "examples/paper_table")
    if not os.path.exists(program):
        print(f"no {program}: cargo build --release --example paper_table")
        return found
    for count in counts:
        with tempfile.NamedTemporaryFile(suffix=".pdf") as out:
            runs = [measured([program, str(count), out.name]) for _ in range(5)]
            took, memory = statistics.median(run[0] for run in runs), max(run[1] for run in runs)
            found[count] = took
            print(f"the engine alone, {count:,} lines: {took:.1f} ms (median of 5), {memory:.1f} MiB in all, "
                  f"{os.path.getsize(out.name) / 1024:.0f} KiB", flush=True)
    return found


def theirs(found, bare):
    if not os.path.exists(peers_dir + "/pdf/common.py"):
        print(f"no peers in {peers_dir}/pdf: set PEERS_DIR")
        return
    python = os.path.join(os.environ.get("PEERS", "/tmp/peers"), "venv/pdf/bin/python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", os.path.dirname(os.path.dirname(python))], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", peers_dir + "/pdf/requirements.txt"], check=True)
    for peer in given.peers.split(","):
        for count in counts:
            with tempfile.NamedTemporaryFile(suffix=".pdf") as out:
                took, memory, status = measured([python, f"{peers_dir}/pdf/{peer}.py", str(count), out.name],
                                                cwd=peers_dir + "/pdf",
                                                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
                said = "failed" if status else (f"{took:.0f} ms, {memory:.0f} MiB, "
                                                f"{os.path.getsize(out.name) / 1024:.0f} KiB")
                times = ", ".join(f"{what} {took / some[count]:.1f} times as fast"
                                  for what, some in (("the desk", found), ("the engine alone", bare)) if count in some)
                print(f"{peer}, {count:,} lines: {said}: {times}", flush=True)


theirs(ours(), alone())
