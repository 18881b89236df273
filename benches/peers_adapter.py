"""Deskbell, as the load harness of the peers asks it to be described (PEERS_DIR/README.md). Options:
cmd="BINARY serve --data-dir {data} --listen 127.0.0.1:{port}"   the start line
database="mysql://…"   instead of SQLite; the rows are then made through the API, and nothing is checked afterwards
hold=1   bookings are only held; else each is confirmed and its invoice issued, as the FastAPI peer does"""
import json
import os
import random
import shlex
import sqlite3
import subprocess
import threading
import time
from http.client import HTTPConnection

import base

API = "/api/v1"


class Adapter(base.Adapter):
    health = "/health/ready"

    def __init__(self, *given):
        super().__init__(*given)
        self.data_dir = self.work + "/data"
        self.rows = 0

    def start_line(self):
        return shlex.split(self.opts["cmd"].format(data=self.data_dir, port=self.port))

    def version(self):
        return subprocess.run([self.start_line()[0], "--version"], capture_output=True, text=True).stdout.strip()

    def seed(self, rows):
        self.rows = rows
        subprocess.run(["rm", "-rf", self.data_dir], check=True)

    def command(self):
        env = {"DESKBELL_DISK_RESERVE_MIB": "0", "DESKBELL_LOG": "warn"}
        if "database" in self.opts:
            env["DESKBELL_DATABASE_URL"] = self.opts["database"]
        return self.start_line(), env, self.work

    def api(self, method, path, body=None, connection=None):
        connection = connection or HTTPConnection("127.0.0.1", self.port, timeout=600)
        kind = {"Content-Type": "application/json"} if body is not None else {}
        connection.request(method, API + path, json.dumps(body) if body is not None else None, {**self.headers, **kind})
        reply = connection.getresponse()
        raw = reply.read()
        if reply.status >= 400:
            raise RuntimeError(f"{method} {path}: {reply.status} {raw[:300]!r}")
        return (json.loads(raw) if raw else {}), reply

    def ready(self):
        self.headers = {}
        with open(self.data_dir + "/setup-token") as file:
            token = file.read().strip()
        _, reply = self.api("POST", "/setup", {
            "token": token, "business": {"name": "Peer", "country": "DE", "currency": "EUR", "time_zone": "Europe/Berlin"},
            "owner": {"name": "Owner", "email": "o@example.org", "password": "correct horse battery"}})
        self.headers["Cookie"] = reply.getheader("Set-Cookie").split(";")[0]
        token = self.api("POST", "/api-tokens", {"name": "bench", "scopes": ["*"]})[0]["token"]
        self.headers = {"Authorization": "Bearer " + token}
        program = self.api("POST", "/programs", {
            "title": "Course", "status": "published", "price": {"amount": 4900, "currency": "EUR"}, "tax_rate": 1900})[0]["id"]

        def planned(day, capacity):
            return self.api("POST", f"/programs/{program}/occurrences", {
                "local_starts_at": f"2030-{1 + day // 28 % 12:02d}-{1 + day % 28:02d}T{8 + day % 10:02d}:00", "capacity": capacity})[0]["id"]
        self.open = [planned(day, 1_000_000) for day in range(100)]
        self.small = [planned(day, 200) for day in range(6)]
        self.clients = [self.api("POST", "/clients", {"name": f"Client {n}", "email": f"c{n}@example.org"})[0]["id"] for n in range(200)]
        if "database" in self.opts:
            self.make_by_api()
        else:
            self.make_by_copies()
        self.cursors, cursor = [], None
        for _ in range(100):
            page = self.api("GET", "/bookings?limit=50" + (f"&cursor={cursor}" if cursor else ""))[0]
            cursor = page["next_cursor"]
            if not cursor:
                break
            self.cursors.append(cursor)

    def make_by_api(self, threads=16):
        def work(first):
            connection, chance = HTTPConnection("127.0.0.1", self.port, timeout=600), random.Random(first)
            for _ in range(first, self.rows, threads):
                self.api("POST", "/bookings", self.wanted(chance, self.open), connection)
        workers = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def make_by_copies(self):
        """One confirmed and paid booking by the API, then its rows again and again beside the running desk."""
        booking = self.api("POST", "/bookings", {"occurrence_id": self.open[0], "client_id": self.clients[0], "seats": 1, "confirm": True})[0]
        self.api("POST", f"/bookings/{booking['id']}/payments", {"amount": {"amount": 4900, "currency": "EUR"}, "method": "card"})
        time.sleep(1)
        invoice = bytes.fromhex(booking["invoice_id"].replace("-", ""))
        clients = [bytes.fromhex(client.replace("-", "")) for client in self.clients]
        occurrences = [bytes.fromhex(one.replace("-", "")) for one in self.open]
        connection = sqlite3.connect(self.data_dir + "/deskbell.db", timeout=60)
        connection.row_factory = sqlite3.Row
        tables = {name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} WHERE {key} = ?", (invoice,))] for name, key in (
            ("invoices", "id"), ("invoice_lines", "invoice_id"), ("invoice_taxes", "invoice_id"), ("invoice_balances", "invoice_id"),
            ("bookings", "invoice_id"), ("payments", "invoice_id"))}
        chance, began = random.Random(7), int(time.time() * 1000) - 400 * 86_400_000
        first = tables["invoices"][0]["seq"] + 1
        self.rows = max(self.rows - 1, 0)
        for start in range(0, self.rows, 20_000):
            added = {name: [] for name in tables}
            for n in range(start, min(start + 20_000, self.rows)):
                def made(table, row):
                    return (began + n * 1000).to_bytes(6, "big") + bytes([0x70, 0, 0x80, table, row]) + n.to_bytes(5, "big")
                ids = {"invoices": made(1, 0), "bookings": made(2, 0)}
                client = chance.choice(clients)
                for table, (name, rows) in enumerate(tables.items()):
                    for number, row in enumerate(rows):
                        row = dict(row)
                        if name in ("bookings", "invoices"):
                            row.update(id=ids[name], client_id=client)
                        elif name == "payments":
                            row["id"] = made(table, number)
                        for other, column in (("invoices", "invoice_id"), ("bookings", "booking_id")):
                            if column in row:
                                row[column] = ids[other]
                        if name == "invoices":
                            row.update(seq=first + n, number=f"S-{first + n}")
                        if name == "bookings":
                            row.update(reference=f"S{n:07}", occurrence_id=chance.choice(occurrences), invoice_number=f"S-{first + n}")
                        added[name].append(tuple(row.values()))
            with connection:
                for name, rows in added.items():
                    if rows:
                        marks = ", ".join("?" * len(rows[0]))
                        connection.executemany(f"INSERT INTO {name} ({', '.join(tables[name][0])}) VALUES ({marks})", rows)
                connection.execute("UPDATE counters SET value = value + ? WHERE series = ?",
                                   (min(20_000, self.rows - start), tables["invoices"][0]["series"]))
        connection.close()

    def wanted(self, chance, occurrences):
        booking = {"client_id": chance.choice(self.clients), "occurrence_id": chance.choice(occurrences), "seats": 1}
        return booking if "hold" in self.opts else {**booking, "confirm": True}

    def upload(self, kind):
        raw = self.opts.get("style", "multipart") == "raw"
        return {"path": f"{API}/media?kind={kind}" + ("&filename=film.mp4" if raw else ""), "filename": "film.mp4",
                "type": "video/mp4", "style": "raw" if raw else "multipart"}

    def uploaded(self, body):
        return json.loads(body)["id"]

    def media_path(self, media):
        return f"{API}/media/{media}/content"

    def forget(self, ids):
        for media in ids:
            self.api("DELETE", f"/media/{media}")

    def list_paths(self):
        return [f"{API}/bookings?limit=50"] + [f"{API}/bookings?limit=50&cursor={cursor}" for cursor in self.cursors]

    def requests(self, occurrences):
        chance = random.Random(5)
        return [("POST", API + "/bookings", {"Content-Type": "application/json"}, json.dumps(self.wanted(chance, occurrences)))
                for _ in range(2000)]

    def bookings(self):
        return self.requests(self.open)

    def tight(self):
        return [(one, 200, self.requests([one])) for one in self.small]

    def check(self, occurrence=None):
        if "database" in self.opts:
            return {"bookings": 0, "gaps": 0, "seats": 0}
        connection = sqlite3.connect(f"file:{self.data_dir}/deskbell.db?mode=ro", uri=True)

        def one(query, *values):
            return connection.execute(query, values).fetchone()[0]
        found = {"bookings": one("SELECT COUNT(*) FROM bookings"), "gaps": one("SELECT COALESCE(MAX(seq), 0) - COUNT(*) FROM invoices"),
                 "seats": one("SELECT COALESCE(SUM(seats), 0) FROM bookings WHERE occurrence_id = ?",
                              bytes.fromhex((occurrence or "").replace("-", "")))}
        connection.close()
        return found

    def invoice_path(self, lines):
        """A fresh invoice each time, so that a stored PDF is never what is measured."""
        made = self.api("POST", "/invoices", {"client_id": self.clients[0], "lines": [
            {"description": f"Session {n} of the course, room {n % 12}", "quantity": str(1 + n % 3),
             "unit_price": {"amount": 1000 + n % 977, "currency": "EUR"}, "tax_rate": 1900 if n % 2 else 700} for n in range(1, lines + 1)]})[0]
        return f"{API}/invoices/{made['id']}/pdf"
