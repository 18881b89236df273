#!/usr/bin/env python3
"""Storms against the real program: python3 tools/storm.py BINARY [--rounds 20] [--database URL]

1. 1,000 bookers for 10 seats, each round: exactly 10 are booked, 990 hear `sold_out`.
2. `kill -9` in the middle of 32 bookers, each round: after the restart every acknowledged booking is there, invoice
   numbers are 1..N, and the seats agree with the bookings.
"""
import argparse
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

arguments = argparse.ArgumentParser()
arguments.add_argument("binary")
arguments.add_argument("--rounds", type=int, default=20)
arguments.add_argument("--database", default="sqlite:")
given = arguments.parse_args()
root = tempfile.TemporaryDirectory()
data = root.name + "/data"


class Desk:
    def __init__(self):
        env = {**os.environ, "DESKBELL_DISK_RESERVE_MIB": "0", "DESKBELL_LOG": "error", "DESKBELL_DATABASE_URL": given.database}
        self.process = subprocess.Popen([given.binary, "serve", "--data-dir", data, "--listen", "127.0.0.1:0"], env=env,
                                        text=True, stdout=subprocess.PIPE)
        self.host = self.process.stdout.readline().split("http://")[1].strip()

    def connect(self):
        return http.client.HTTPConnection(self.host, timeout=60)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def call(connection, method, path, body=None, headers=None):
    headers = {"Content-Type": "application/json", **(headers or {})}
    connection.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None, headers)
    reply = connection.getresponse()
    text = reply.read()
    return reply.status, json.loads(text) if text else None, reply


desk = Desk()
with open(data + "/setup-token") as file:
    setup = {"token": file.read().strip(),
             "business": {"name": "Storm", "country": "DE", "currency": "EUR", "time_zone": "Europe/Berlin"},
             "owner": {"name": "O", "email": "o@example.org", "password": "correct horse battery"}}
connection = desk.connect()
_, _, reply = call(connection, "POST", "/setup", setup)
cookie = reply.getheader("Set-Cookie").split(";")[0]
_, token, _ = call(connection, "POST", "/api-tokens", {"name": "storm", "scopes": ["*"]}, {"Cookie": cookie})
AUTH = {"Authorization": "Bearer " + token["token"]}
_, program, _ = call(connection, "POST", "/programs", {"title": "Storm", "price": {"amount": 100, "currency": "EUR"}, "tax_rate": 1900}, AUTH)
_, client, _ = call(connection, "POST", "/clients", {"name": "C"}, AUTH)


def occurrence(capacity):
    body = {"local_starts_at": "2030-01-01T10:00", "capacity": capacity}
    status, planned, _ = call(desk.connect(), "POST", f"/programs/{program['id']}/occurrences", body, AUTH)
    assert status == 201, planned
    return planned["id"]


def storm(target, threads, each, done):
    def work():
        own = desk.connect()
        for _ in range(each):
            try:
                body = {"occurrence_id": target, "client_id": client["id"], "seats": 1, "confirm": True}
                status, answer, _ = call(own, "POST", "/bookings", body, AUTH)
                done.append((status, answer))
            except (OSError, http.client.HTTPException):
                return
    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    return workers


def every(connection, path):
    cursor = ""
    while cursor is not None:
        _, page, _ = call(connection, "GET", path + cursor, headers=AUTH)
        yield from page["items"]
        cursor = page["next_cursor"] and "&cursor=" + page["next_cursor"]


for number in range(given.rounds):
    done = []
    for worker in storm(occurrence(10), 200, 5, done):
        worker.join()
    booked = sum(status == 201 for status, _ in done)
    sold_out = sum(status == 409 and answer["code"] == "sold_out" for status, answer in done)
    assert (booked, sold_out) == (10, 990), (number, booked, sold_out)
print(f"{given.rounds} rounds of 1,000 bookers for 10 seats: each time 10 booked, 990 sold out")

target, acknowledged = occurrence(1_000_000), set()
for number in range(given.rounds):
    done = []
    workers = storm(target, 32, 10_000, done)
    time.sleep(random.uniform(0.2, 0.8))
    desk.kill()
    for worker in workers:
        worker.join()
    acknowledged |= {answer["id"] for status, answer in done if status == 201}
    desk = Desk()
connection = desk.connect()
bookings = list(every(connection, f"/bookings?occurrence_id={target}&limit=200"))
found, live = {booking["id"] for booking in bookings}, sum(booking["seats"] for booking in bookings)
invoices = [int(invoice["number"].split("-")[1]) for invoice in every(connection, "/invoices?limit=200")]
_, seats, _ = call(connection, "GET", f"/occurrences/{target}", headers=AUTH)
desk.kill()
assert acknowledged <= found, f"{len(acknowledged - found)} acknowledged bookings are lost"
assert sorted(invoices) == list(range(1, len(invoices) + 1)), "invoice numbers have a gap or a double"
assert seats["seats_taken"] == live, (seats["seats_taken"], live)
print(f"{given.rounds} times kill -9: {len(acknowledged)} acknowledged of {len(found)} bookings, all there; "
      f"invoices 1..{len(invoices)}; {live} seats agree")
sys.exit(0)
