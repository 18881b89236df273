#!/usr/bin/env python3
"""Storms against the real program: python3 tools/storm.py BINARY [--rounds 20] [--database URL]

1. 1,000 bookers for 10 seats, each round: exactly 10 are booked, 990 hear `sold_out`.
2. `kill -9` in the middle of 32 bookers, each round: after the restart every acknowledged booking is there, invoice
   numbers are 1..N, and the seats agree with the bookings.
3. `kill -9` in the middle of 32 who issue invoices, each round: after the restart every acknowledged invoice is there,
   numbers are 1..N, each has a PDF, and `deskbell verify` finds every document and every file as it was issued.
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
arguments.add_argument("--storms", default="123", help="which of them")
given = arguments.parse_args()
root = tempfile.TemporaryDirectory()
data = root.name + "/data"


ENV = {**os.environ, "DESKBELL_DISK_RESERVE_MIB": "0", "DESKBELL_LOG": "error", "DESKBELL_DATABASE_URL": given.database}


class Desk:
    def __init__(self):
        self.process = subprocess.Popen([given.binary, "serve", "--data-dir", data, "--listen", "127.0.0.1:0"], env=ENV,
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


def bookers_for_few_seats():
    for number in range(given.rounds):
        done = []
        for worker in storm(occurrence(10), 200, 5, done):
            worker.join()
        booked = sum(status == 201 for status, _ in done)
        sold_out = sum(status == 409 and answer["code"] == "sold_out" for status, answer in done)
        assert (booked, sold_out) == (10, 990), (number, booked, sold_out)
    print(f"{given.rounds} rounds of 1,000 bookers for 10 seats: each time 10 booked, 990 sold out")


def killed_among_bookers():
    global desk
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
    invoices = numbers(connection)
    _, seats, _ = call(connection, "GET", f"/occurrences/{target}", headers=AUTH)
    assert acknowledged <= found, f"{len(acknowledged - found)} acknowledged bookings are lost"
    assert seats["seats_taken"] == live, (seats["seats_taken"], live)
    print(f"{given.rounds} times kill -9: {len(acknowledged)} acknowledged of {len(found)} bookings, all there; "
          f"invoices 1..{len(invoices)}; {live} seats agree")


def numbers(connection):
    """Places of the invoices, which are 1..N."""
    found = sorted(int(i["number"].split("-")[1]) for i in every(connection, "/invoices?kind=invoice&limit=200"))
    assert found == list(range(1, len(found) + 1)), "invoice numbers have a gap or a double"
    return found


def many(count, work):
    workers = [threading.Thread(target=work, args=(place,)) for place in range(count)]
    for worker in workers:
        worker.start()
    return workers


def killed_among_issuers():
    global desk
    acknowledged = []
    line = {"description": "A session", "quantity": "2", "unit_price": {"amount": 3400, "currency": "EUR"}, "tax_rate": 700}

    def issue(_):
        own = desk.connect()
        for _ in range(15):
            try:
                body = {"client_id": client["id"], "lines": [line] * random.randint(1, 5)}
                status, answer, _ = call(own, "POST", "/invoices", body, AUTH)
                assert status == 201, answer
                acknowledged.append(answer["id"])
            except (OSError, http.client.HTTPException):
                return
    for _ in range(given.rounds):
        workers = many(32, issue)
        time.sleep(random.uniform(0.02, 0.3))
        desk.kill()
        for worker in workers:
            worker.join()
        desk = Desk()
    connection = desk.connect()
    every_one = [invoice["id"] for invoice in every(connection, "/invoices?limit=200")]
    lost = set(acknowledged) - set(every_one)
    assert not lost, f"{len(lost)} acknowledged invoices are lost"
    counted = numbers(connection)
    wrong = []

    def look(place):
        own = desk.connect()
        for invoice in every_one[place::8]:
            own.request("HEAD", f"/api/v1/invoices/{invoice}/pdf", headers=AUTH)
            reply = own.getresponse()
            reply.read()
            if reply.status != 200:
                wrong.append((invoice, reply.status))
    for worker in many(8, look):
        worker.join()
    assert not wrong, wrong[:5]
    desk.kill()
    proof = subprocess.run([given.binary, "verify", "--data-dir", data], env=ENV, text=True, capture_output=True)
    whole = f"{len(every_one)} documents and {len(every_one)} files are as they were issued."
    assert proof.returncode == 0 and whole in proof.stdout, proof
    desk = Desk()
    print(f"{given.rounds} times kill -9 among 32 who issue: {len(acknowledged)} acknowledged, all there; "
          f"invoices 1..{len(counted)}; verify: {whole}")


STORMS = {"1": bookers_for_few_seats, "2": killed_among_bookers, "3": killed_among_issuers}
for which in given.storms:
    STORMS[which]()
desk.kill()
sys.exit(0)
