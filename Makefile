# make run · make test · make test-mysql · make lint · make web · make desk · make pictures · make lighthouse · make bench ·
# make storm · make fuzz · make paper
SHELL := /bin/sh
CARGO ?= cargo
WEB_SOURCES := $(shell find web/src web/static -type f -not -name rapidoc-min.js 2>/dev/null) web/svelte.config.js web/vite.config.ts web/prepare.mjs web/pack.mjs web/icons.ts

.PHONY: run test test-mysql lint web desk pictures lighthouse bench storm fuzz paper clean api

# What staff do all day, the calendar, every page, and script over the wire.
DESK_TESTS := node web/tests/desk.mjs && node web/tests/calendar.mjs && node web/tests/every-page.mjs && node web/tests/weight.mjs

# The desk, ready to use. DEMO=1 fills a fresh data directory; ARGS goes to `deskbell serve`.
run: web
	$(CARGO) run --release -- serve $(if $(DEMO),--demo) $(ARGS)

web: web/dist/index.html

web/node_modules/.installed: web/package-lock.json
	cd web && npm ci --loglevel=error
	touch $@

web/dist/index.html: web/node_modules/.installed $(WEB_SOURCES)
	cd web && npm run --silent build
	touch $@

# The OpenAPI document and the client's types, from the program itself.
api: web
	$(CARGO) run --quiet -- openapi > web/openapi.json
	cd web && npm run --silent api

lint: web
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets -- -D warnings
	cd web && npm run --silent check && npm run --silent lint && npm run --silent test

test: lint
	sh tools/need.sh mariadbd=mariadb-server chromium=chromium curl=curl pdftotext=poppler-utils qpdf=qpdf
	sh tools/with-s3.sh sh tools/with-mariadb.sh env CI=true $(CARGO) test
	$(CARGO) build
	./target/debug/deskbell openapi | cmp - web/openapi.json || { echo "web/openapi.json is old: run make api" >&2; exit 1; }
	python3 tools/files_storm.py target/debug/deskbell kill disk
	python3 tools/storm.py target/debug/deskbell --rounds 3 --storms 3
	python3 tools/paper_corpus.py target/debug/deskbell --count 60
	sh tools/browser-test.sh target/debug/deskbell
	sh tools/with-demo.sh target/debug/deskbell sh -c '$(DESK_TESTS)'
	sh tools/with-mariadb.sh sh tools/as-on-sqlite.sh target/debug/deskbell

# The same scenarios on the real MySQL 9, with its own sign-in.
test-mysql: web
	sh tools/with-s3.sh sh tools/with-mysql.sh env CI=true $(CARGO) test --test scenarios
	$(CARGO) build
	sh tools/need.sh chromium=chromium curl=curl
	sh tools/with-mysql.sh sh tools/as-on-sqlite.sh target/debug/deskbell

# The desk in Chromium, the release build on the demo studio: a day's work, every page with axe, script over the wire.
desk: web
	sh tools/need.sh chromium=chromium curl=curl
	$(CARGO) build --release
	sh tools/with-demo.sh target/release/deskbell sh -c '$(DESK_TESTS)'

# A picture of every page at 360, 1280 and 1920 in light and dark, in PICTURES.
PICTURES ?= target/pictures
pictures: web
	sh tools/need.sh chromium=chromium curl=curl
	$(CARGO) build --release
	sh tools/with-demo.sh target/release/deskbell sh -c 'node web/tests/shots.mjs "$$BASE_URL" $(PICTURES)'

# Performance, accessibility and best practices of the pages that are opened most, 95 at least.
lighthouse: web
	sh tools/need.sh chromium=chromium curl=curl
	$(CARGO) build --release
	sh tools/with-demo.sh target/release/deskbell node web/tests/lighthouse.mjs

# Twenty storms each: 1,000 bookers for 10 seats, and kill -9 among 32 bookers; on both engines. Then what files must
# stand: kill -9 among uploads, 500 at once, little memory, a full disk, cuts and restarts, downloads in parts.
storm: web
	sh tools/need.sh mariadbd=mariadb-server curl=curl aria2c=aria2
	$(CARGO) build --release
	python3 tools/storm.py target/release/deskbell
	sh tools/with-mariadb.sh sh -c 'python3 tools/storm.py target/release/deskbell --database "$$DESKBELL_TEST_MYSQL_URL"'
	python3 tools/files_storm.py target/release/deskbell

# 2,000 invoices and credit notes through the API, each paper and e-invoice judged; a million random sums.
paper: web
	sh tools/need.sh pdftotext=poppler-utils qpdf=qpdf
	$(CARGO) build --release
	DESKBELL_MANY=1000000 $(CARGO) test --release --lib totals_of_many_random
	python3 tools/paper_corpus.py target/release/deskbell --count 2000

# Coverage-guided fuzzing of what is read from outside, SECONDS each (stable compiler, libFuzzer).
SECONDS ?= 120
fuzz: web
	for target in range conditions upload; do \
	  RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
	    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
	    -Cllvm-args=-sanitizer-coverage-trace-compares" \
	  $(CARGO) run --release --manifest-path fuzz/Cargo.toml --target-dir target/fuzz \
	    --target "$$(rustc -vV | sed -n 's/^host: //p')" --bin $$target -- \
	    -max_total_time=$(SECONDS) -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 || exit 1; \
	done

# The budgets: idle memory, time to ready; bookings and lists beside the FastAPI service (PEERS_DIR), when it is there.
bench: web
	$(CARGO) build --release --bins --example paper_table
	python3 benches/budgets.py target/release/deskbell
	python3 benches/beside.py target/release/deskbell fastapi
	python3 benches/beside.py target/release/deskbell nginx
	python3 benches/paper.py target/release/deskbell

clean:
	$(CARGO) clean
	rm -rf web/node_modules web/dist web/.svelte-kit
