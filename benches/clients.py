"""100,000 clients through the API, and the slowest reply of the searches that staff make: benches/clients.py BINARY [COUNT]

Each search is asked 20 times; the slowest but one counts, so that one pause of the machine does not."""
import http.client, json, random, subprocess, sys, tempfile, time, urllib.parse

binary, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
FIRST = "Anna Maria Ben Clara David Elif Felix Greta Hannes Ida Jonas Karla Leon Mia Nils Olga Paul Rosa Sami Tilda Martin Yusuf".split()
LAST = "Adler Berg Costa Dorn Engel Fuchs Grimm Horn Ito Jansen Müller Schmidt Weber Wagner Becker Hoffmann Schäfer Koch Richter Wolf".split()
CITIES = "Kiel Berlin Hamburg Bremen Köln Leipzig Lyon Wien Bern Graz".split()
rng = random.Random(7)
with tempfile.TemporaryDirectory() as folder:
    desk = subprocess.Popen([binary, "serve", "--demo", "--data-dir", folder, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        address = desk.stdout.readline().split("http://")[1].strip()
        desk.stdout.readline()
        line = http.client.HTTPConnection(address)
        cookie = ""

        def ask(method, path, body=None):
            began = time.perf_counter()
            line.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None, {"content-type": "application/json", "cookie": cookie})
            reply = line.getresponse()
            text = reply.read()
            if reply.status >= 400:
                raise SystemExit(f"{method} {path}: {reply.status} {text[:300]}")
            return reply, json.loads(text) if text else None, (time.perf_counter() - began) * 1000

        reply, _, _ = ask("POST", "/auth/login", {"email": "ada@example.org", "password": "demo demo demo"})
        cookie = reply.getheader("set-cookie").split(";")[0]
        began = time.perf_counter()
        for start in range(0, count, 200):
            rows = []
            for n in range(start, min(start + 200, count)):
                first, last = rng.choice(FIRST), rng.choice(LAST)
                rows.append({"name": f"{first} {last}", "email": f"{first}.{last}{n}@{rng.choice(['gmail.com', 'gmx.de', 'example.org'])}".lower(),
                             "phone": f"+49 {rng.randint(10**8, 10**9)}", "address": {"city": rng.choice(CITIES), "country": "DE"},
                             "tags": ["regular"] if n % 4 == 0 else []})
            ask("POST", "/clients/import", {"rows": rows, "dry_run": False, "on_duplicate": "create"})
        took = time.perf_counter() - began
        print(f"{count} clients imported in {took:.0f} s, {count / took:.0f}/s")
        worst = 0.0
        for q in ["", "a", "m", "an", "anna", "müller", "mueller", "anna müller", "anna maria", "maria berlin", "m b", "gmail gmx", "martin.w", "anna.weber1", "berg kiel", "49 1", "nobody", "anna adler kiel", "@a", "@anna", "@anna.weber1"]:
            for sort in ["newest", "name"]:
                path = f"/clients?limit=50&sort={sort}" + (f"&q={urllib.parse.quote(q)}" if q else "")
                times = sorted(ask("GET", path)[2] for _ in range(20))
                worst = max(worst, times[-2])
                print(f"{times[10]:7.1f} ms, slowest {times[-2]:7.1f} ms  {sort:6} {q!r}")
        for q in ["anna maria", "gmail gmx"]:
            cursor, began, pages = "", time.perf_counter(), 0
            while cursor is not None:
                _, page, ms = ask("GET", f"/clients?limit=50&q={urllib.parse.quote(q)}" + (f"&cursor={urllib.parse.quote(cursor)}" if cursor else ""))
                worst, cursor, pages = max(worst, ms), page.get("next_cursor"), pages + 1
            print(f"{q!r} to its end: {pages} pages in {(time.perf_counter() - began) * 1000:.0f} ms")
        for sort in ["newest", "name"]:
            cursor, slow = "", 0.0
            for _ in range(200):
                _, page, ms = ask("GET", f"/clients?limit=100&sort={sort}" + (f"&cursor={urllib.parse.quote(cursor)}" if cursor else ""))
                slow, cursor = max(slow, ms), page["next_cursor"]
            print(f"20,000 scrolled by {sort}: slowest page {slow:.1f} ms")
            worst = max(worst, slow)
        for path in ["/clients?tag=regular", "/client-tags", "/clients/duplicates"]:
            print(f"{sorted(ask('GET', path)[2] for _ in range(5))[-2]:7.1f} ms  {path}")
        print(f"slowest of the list: {worst:.1f} ms")
        sys.exit(worst > 50)
    finally:
        desk.terminate()
        desk.wait()
