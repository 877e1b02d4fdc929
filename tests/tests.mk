# Targets that test, measure and show iwebmsg; included by the top Makefile.
# What a target does beyond a few commands stands in tests/rig/.

RIG := tests/rig
PYTHON := /usr/bin/python3
JOBS ?= $(shell nproc)
# Our own -j, unless this make already hands out its caller's.
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))
C_FILES = $(shell find server ssl-util tests/unit tests/fuzz -name '*.[ch]')
TIDY_FILES ?= $(filter-out tests/%,$(filter %.c,$(C_FILES)))
ONLY ?=
TESTS ?=
INI ?=

SUPPRESS := $(CURDIR)/$(RIG)/sanitize
export ASAN_OPTIONS ?= abort_on_error=0:detect_stack_use_after_return=1:strict_string_checks=1:handle_abort=1
export LSAN_OPTIONS ?= suppressions=$(SUPPRESS)/lsan.supp:print_suppressions=0
export UBSAN_OPTIONS ?= suppressions=$(SUPPRESS)/ubsan.supp:print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS ?= suppressions=$(SUPPRESS)/tsan.supp:halt_on_error=0:second_deadlock_stack=1:exitcode=66

ifeq ($(FLAVOUR),tsan)
LINK += -Wl,--wrap=memmem $(RIG)/sanitize/memmem.c
endif

help:
	@echo 'make                   build/iwebmsgd and build/iwebmsg-ssl'
	@echo 'make run [INI=FILE]    build, then the server in the foreground'
	@echo 'make demo              private mail servers, sample mail, the server; Ctrl-C ends it'
	@echo 'make demo-start        the same for scripts: returns, leaves build/demo/demo.json'
	@echo 'make demo-stop         ends what demo-start started'
	@echo 'make check             everything: lint, unit, integration, browser, TLS'
	@echo 'make check-fast        lint and unit'
	@echo 'make lint [ONLY=NAME]  house rules; make unit: unit tests'
	@echo 'make check-integration, check-browser, check-tls [TESTS=NAME]'
	@echo 'make pictures          every page in light and dark, three sizes, three languages'
	@echo 'make lighthouse        what Lighthouse says of the pages, median of 5'
	@echo 'make hostile           attack mails in the browser, every state of every wall'
	@echo 'make asan, make tsan   unit and integration under a sanitizer'
	@echo 'make fuzz              every fuzzer, or FUZZ_ONLY, for FUZZ_SECONDS (60); docs/QUALITY.md'
	@echo 'make tidy, analyze     clang-tidy; gcc -fanalyzer and cppcheck'
	@echo 'make format            clang-format over all C'
	@echo 'make cover, bench      coverage per room; speed and memory (docs/PERFORMANCE.md)'
	@echo 'make callgrind         instructions of a list and a message, by function; wants valgrind'
	@echo 'make install-deps      the Debian and npm packages that are missing'
	@echo 'make install           into PREFIX (/usr/local) below DESTDIR'
	@echo 'make clean             objects and programs'
	@echo 'WERROR=1 warnings are errors; V=1 shows commands; FLAVOUR=release|asan|tsan|fuzz|cover'

install-deps:
	$(Q)$(RIG)/install

# The Makefile asks pkg-config while it is read: whatever follows
# install-deps runs in a make of its own.
check: install-deps
	$(Q)$(PYTHON) $(RIG)/check.py build lint unit integration browser tls
check-fast:
	$(Q)$(PYTHON) $(RIG)/check.py lint unit

lint:
	$(Q)$(PYTHON) tests/lint/lint.py $(ONLY)

# Builds what builds; what does not is a failed test, not the end of the run.
unit:
	$(Q)if $(MAKE) --no-print-directory -k $(PARALLEL) unit-build; then \
	  $(PYTHON) $(RIG)/unit.py $(UNIT_BIN); \
	else \
	  $(PYTHON) $(RIG)/unit.py --build-failed $(UNIT_BIN); \
	fi

# Test programs in C that want a real mail server; test_live.py runs them.
LIVE_BIN := $(filter %/test_live %/test_build_live,$(UNIT_BIN))
# iwebmsgd with a wall around strangers' HTML taken away, or with fault points
# that work (os/fault.h): what is linked in front of the archive takes the
# place of its file.
WALLS := $(OUT)/tests/walls
FAULT_BIN := $(OUT)/iwebmsgd-faults
WALL_BIN := $(FAULT_BIN) $(addprefix $(OUT)/iwebmsgd-,no-cleaner no-policy no-walls leaky leaky-alone)
$(FAULT_BIN): $(WALLS)/fault_on.o
$(OUT)/iwebmsgd-no-cleaner: $(WALLS)/html_clean_off.o
$(OUT)/iwebmsgd-no-policy: $(WALLS)/page_body_csp_off.o
$(OUT)/iwebmsgd-no-walls: $(WALLS)/html_clean_off.o $(WALLS)/page_body_csp_off.o
# A hole in the cleaner: what sees attacks must see it.
$(OUT)/iwebmsgd-leaky: $(WALLS)/html_clean_leaky.o
$(OUT)/iwebmsgd-leaky-alone: $(WALLS)/html_clean_leaky.o $(WALLS)/page_body_csp_off.o
$(OUT)/iwebmsgd-leaky $(OUT)/iwebmsgd-leaky-alone: LINK += -Wl,--wrap=html_clean
$(WALL_BIN): $(MAIN_OBJ) $(ARCHIVE)
	$(SAY) LD $@
	$(Q)$(CC) $(FLAGS) $(LINK) -o $@ $(filter %.o,$^) $(ARCHIVE) $(LIBS)
# What test_sql.py asks of PostgreSQL: all that these say to SQLite.
SQL_TRACE := $(OUT)/sql_trace.so
SQL_BIN := $(filter $(OUT)/tests/unit/store/% %/test_session_switch %/test_outbox,$(UNIT_BIN))
$(SQL_TRACE): tests/rig/sql_trace.c
	$(SAY) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE -Wall -Wextra -O2 -fPIC -shared -o $@ $<
check-integration: $(OUT)/iwebmsgd $(OUT)/iwebmsg-ssl $(LIVE_BIN) $(FAULT_BIN) $(SQL_TRACE) $(SQL_BIN)
	$(Q)IWEBMSG_FLAVOUR=$(FLAVOUR) $(PYTHON) tests/integration/run $(TESTS)

check-browser: $(OUT)/iwebmsgd $(OUT)/iwebmsg-ssl $(WALL_BIN)
	$(Q)IWEBMSG_FLAVOUR=$(FLAVOUR) node tests/browser/run.mjs $(TESTS)
# Pictures of every page in every form, for people to look at: build/shots/pages.
pictures: $(OUT)/iwebmsgd $(OUT)/iwebmsg-ssl
	$(Q)IWEBMSG_FLAVOUR=$(FLAVOUR) node tests/browser/every_page.mjs $(TESTS)
# Reported, no gate: its figures are those of the machine, too.
LIGHTHOUSE := tests/lighthouse
lighthouse: $(OUT)/iwebmsgd $(OUT)/iwebmsg-ssl
	$(Q)cmp -s $(LIGHTHOUSE)/package-lock.json $(LIGHTHOUSE)/node_modules/.installed || \
	  (cd $(LIGHTHOUSE) && PUPPETEER_SKIP_DOWNLOAD=1 npm ci --no-audit --no-fund </dev/null && \
	  cp package-lock.json node_modules/.installed)
	$(Q)IWEBMSG_FLAVOUR=$(FLAVOUR) node $(LIGHTHOUSE)/run.mjs
# Attack mails in every state and on every page, and without any wall.
hostile:
	$(Q)IWEBMSG_HOSTILE=complete $(MAKE) --no-print-directory check-browser TESTS=hostile
check-tls: $(OUT)/iwebmsgd $(OUT)/iwebmsg-ssl
	$(Q)IWEBMSG_FLAVOUR=$(FLAVOUR) $(PYTHON) $(RIG)/tls_grade.py

asan tsan:
	$(Q)$(PYTHON) $(RIG)/check.py --flavour $@ build unit integration

FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_BIN := $(FUZZ_SRC:%.c=build/fuzz/%)
ifeq ($(FLAVOUR),fuzz)
# Those of iwebmsg-ssl want its objects, too.
FUZZ_SSL_OBJ := $(filter-out build/fuzz/ssl-util/main.o,$(SSL_OBJ))
$(filter build/fuzz/tests/fuzz/fuzz_ssl_%,$(FUZZ_BIN)): $(FUZZ_SSL_OBJ)
build/fuzz/tests/fuzz/%: build/fuzz/tests/fuzz/%.o $(ARCHIVE)
	$(SAY) LD $@
	$(Q)$(CC) $(FLAGS) -fsanitize=fuzzer $(LINK) -o $@ $< $(if $(findstring /fuzz_ssl_,$@),$(FUZZ_SSL_OBJ)) $(ARCHIVE) $(LIBS)
fuzz-build: $(FUZZ_BIN)
endif
fuzz:
	$(Q)$(MAKE) --no-print-directory -k $(PARALLEL) FLAVOUR=fuzz fuzz-build || true
	$(Q)$(RIG)/fuzz --seconds $(FUZZ_SECONDS) --jobs $(FUZZ_JOBS) --only '$(FUZZ_ONLY)' \
	  $(if $(FUZZ_TALLY),--tally docs/QUALITY.md) $(FUZZ_BIN)

tidy:
	$(Q)printf '%s\n' $(TIDY_FILES) | xargs -P$(JOBS) -n1 sh -c \
	  'clang-tidy --quiet --warnings-as-errors="*" "$$1" -- $(filter-out -DIWEBMSG_VERSION%,$(CPPFLAGS)) \
	  -DIWEBMSG_VERSION=\"tidy\" $(FOREIGN_CFLAGS) $(STD) 2>/dev/null' tidy

analyze:
	$(Q)printf '%s\n' $(TIDY_FILES) | xargs -P$(JOBS) -n1 sh -c \
	  'gcc -fanalyzer -Werror -O1 $(filter-out -DIWEBMSG_VERSION%,$(CPPFLAGS)) -DIWEBMSG_VERSION=\"analyze\" \
	  $(FOREIGN_CFLAGS) $(STD) -c -o /dev/null "$$1"' analyze
	$(Q)cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
	  --suppress=missingIncludeSystem --suppress=unknownMacro --suppress=internalAstError -D__GNUC__ -j$(JOBS) -Iserver server ssl-util

format:
	$(Q)clang-format -i $(C_FILES)

cover:
	$(Q)find build/cover -name '*.gcda' -delete 2>/dev/null || true
	$(Q)$(MAKE) --no-print-directory FLAVOUR=cover unit || true
	$(Q)$(PYTHON) $(RIG)/cover.py build/cover

build/bench/mhd_tls: tests/bench/mhd_tls.c
	$(SAY) LD $@
	$(Q)mkdir -p $(@D) && $(CC) -O2 -Wall -Wextra -o $@ $< $$(pkg-config --cflags --libs libmicrohttpd)
build/bench/floor: tests/bench/floor.c
	$(SAY) LD $@
	$(Q)mkdir -p $(@D) && $(CC) -D_GNU_SOURCE -std=c11 -O2 -Wall -Wextra -o $@ $< $$(pkg-config --cflags --libs openssl)
bench: $(OUT)/iwebmsgd $(OUT)/iwebmsg-ssl build/bench/mhd_tls build/bench/floor
# All of them, however one ends; BENCH_HUGE=1: a mailbox of a million, too.
	$(Q)bad=; for each in lists read send people contacts tls; do \
	  echo "bench_$$each"; \
	  IWEBMSG_FLAVOUR=$(FLAVOUR) $(PYTHON) tests/bench/bench_$$each.py || bad="$$bad $$each"; \
	done; [ -z "$$bad" ] || { echo "worse, or failed:$$bad"; exit 1; }
# Instructions of a list and of a message, by function; needs valgrind.
callgrind: $(OUT)/iwebmsgd
	$(Q)IWEBMSG_FLAVOUR=$(FLAVOUR) $(PYTHON) tests/bench/callgrind.py

run: all
	$(Q)$(PYTHON) $(RIG)/demo.py run $(INI)

# A make that is stopped by Ctrl-C must let the demo end its servers first.
demo: install-deps
	$(Q)+$(MAKE) --no-print-directory $(PARALLEL) all
	$(Q)exec $(PYTHON) $(RIG)/demo.py foreground
demo-start: install-deps
	$(Q)+$(MAKE) --no-print-directory $(PARALLEL) all
	$(Q)$(PYTHON) $(RIG)/demo.py start
demo-stop:
	$(Q)$(PYTHON) $(RIG)/demo.py stop

.PHONY: help install-deps check check-fast lint unit check-integration check-browser pictures lighthouse hostile check-tls \
  asan tsan fuzz fuzz-build tidy analyze format cover bench callgrind run demo demo-start demo-stop
