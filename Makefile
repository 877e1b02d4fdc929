# iwebmsg. `make help` lists the targets; `make V=1` shows the commands.
# Objects live in build/<flavour>/, so flavours never mix.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules

FLAVOUR ?= release
PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 60
FUZZ_JOBS ?= 1
ROOMS ?= base os config store net mime view mail http session page route
ALL_ROOMS := base os config store net mime view mail http session page route
OUT := build/$(FLAVOUR)
VERSION := $(shell cat VERSION 2>/dev/null || echo 0.1.0)

ifeq ($(V),)
Q := @
SAY = @printf '  %-7s %s\n'
else
Q :=
SAY = @:
endif

PKGS := libmicrohttpd openssl sqlite3 gmime-3.0 gumbo inih libdeflate zlib libidn2 libarchive jansson icu-i18n icu-uc
FOREIGN_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS) 2>/dev/null))
# libetpan's .pc leaks no-pie specs and libraries we do not use: link it by name.
LIBS = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -letpan -lpthread

WARN_COMMON := -Wall -Wextra -Wshadow -Wconversion
WARN_GCC := $(WARN_COMMON) -Wpedantic -Wsign-conversion -Wformat=2 \
  -Wformat-signedness -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wcast-qual \
  -Wcast-align=strict -Wwrite-strings -Wundef -Wvla -Walloca -Wnull-dereference -Wdouble-promotion -Wswitch-enum \
  -Wimplicit-fallthrough=5 -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wjump-misses-init -Wframe-larger-than=16384
CPPFLAGS += -Iserver -D_GNU_SOURCE -DIWEBMSG_VERSION='"$(VERSION)"' -include server/base/banned.h
STD := -std=c11
HARD := -O2 -g -fPIE -fstack-protector-strong -fstack-clash-protection -fno-strict-overflow \
  -ftrivial-auto-var-init=zero -fno-delete-null-pointer-checks -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
ifeq ($(shell uname -m),x86_64)
HARD += -fcf-protection=full
endif
LINK_HARD := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code -Wl,--as-needed

ifeq ($(FLAVOUR),release)
CC := gcc
FLAGS := $(STD) $(WARN_GCC) $(HARD)
LINK := $(LINK_HARD)
else ifeq ($(FLAVOUR),asan)
CC := clang
FLAGS := $(STD) $(WARN_COMMON) -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
LINK := -fsanitize=address,undefined
else ifeq ($(FLAVOUR),tsan)
CC := clang
FLAGS := $(STD) $(WARN_COMMON) -O1 -g -fno-omit-frame-pointer -fsanitize=thread
LINK := -fsanitize=thread
else ifeq ($(FLAVOUR),fuzz)
CC := clang
FLAGS := $(STD) $(WARN_COMMON) -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
LINK := -fsanitize=address,undefined
else ifeq ($(FLAVOUR),cover)
CC := gcc
FLAGS := $(STD) $(WARN_COMMON) -O0 -g --coverage
LINK := --coverage
else
$(error FLAVOUR is release, asan, tsan, fuzz or cover)
endif
ifeq ($(WERROR),1)
FLAGS += -Werror
endif

SERVER_SRC := $(foreach room,$(ROOMS),$(wildcard server/$(room)/*.c))
SERVER_OBJ := $(SERVER_SRC:%.c=$(OUT)/%.o)
MAIN_SRC := $(wildcard server/main*.c)
MAIN_OBJ := $(MAIN_SRC:%.c=$(OUT)/%.o)
SSL_SRC := $(wildcard ssl-util/*.c)
SSL_OBJ := $(SSL_SRC:%.c=$(OUT)/%.o)
ifeq ($(ROOMS),$(ALL_ROOMS))
ARCHIVE := $(OUT)/libiwebmsg.a
else
empty :=
space := $(empty) $(empty)
ARCHIVE := $(OUT)/libiwebmsg-$(subst $(space),-,$(strip $(ROOMS))).a
endif
UNIT_SRC := $(foreach room,$(ROOMS) ssl-util,$(wildcard tests/unit/$(room)/test_*.c))
UNIT_BIN := $(UNIT_SRC:%.c=$(OUT)/%)

all: build/iwebmsgd build/iwebmsg-ssl

build/iwebmsgd: $(OUT)/iwebmsgd
	$(Q)mkdir -p $(@D) && ln -sf $(FLAVOUR)/iwebmsgd $@
build/iwebmsg-ssl: $(OUT)/iwebmsg-ssl
	$(Q)mkdir -p $(@D) && ln -sf $(FLAVOUR)/iwebmsg-ssl $@

$(OUT)/%.o: %.c
	$(SAY) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(FOREIGN_CFLAGS) $(FLAGS) -MMD -MP -c -o $@ $<

$(ARCHIVE): $(SERVER_OBJ)
	$(SAY) AR $@
	$(Q)rm -f $@ && ar rcs $@ $^

$(OUT)/iwebmsgd: $(MAIN_OBJ) $(ARCHIVE)
	$(SAY) LD $@
	$(Q)$(CC) $(FLAGS) $(LINK) -o $@ $^ $(LIBS)

$(OUT)/iwebmsg-ssl: $(SSL_OBJ) $(ARCHIVE)
	$(SAY) LD $@
	$(Q)$(CC) $(FLAGS) $(LINK) -o $@ $^ $(LIBS)

$(OUT)/tests/unit/%: $(OUT)/tests/unit/%.o $(ARCHIVE)
	$(SAY) LD $@
	$(Q)$(CC) $(FLAGS) $(LINK) -o $@ $< $(filter-out $(OUT)/ssl-util/main.o,$(if $(findstring /ssl-util/,$@),$(SSL_OBJ))) $(ARCHIVE) $(LIBS) -lcmocka

$(filter $(OUT)/tests/unit/ssl-util/%,$(UNIT_BIN)): $(filter-out $(OUT)/ssl-util/main.o,$(SSL_OBJ))

unit-build: $(UNIT_BIN)

-include server/store/store.mk
-include tests/tests.mk
include packaging/web.mk
include packaging/install.mk
include po/po.mk

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)

clean:
	rm -rf build/release build/asan build/tsan build/fuzz build/cover build/iwebmsgd build/iwebmsg-ssl

.PHONY: all clean unit-build
